"""The rows that `hopscope read -q -o` wrote, by the clients' addresses."""
import collections
import os
import sqlite3
import subprocess

CONNECTION = ("id client_ip client_port server_ip server_port open_kind role_basis "
              "exchanges resyncs close_kind closed_by client_packets server_packets "
              "client_bytes server_bytes client_missing_bytes server_missing_bytes "
              "client_gaps server_gaps client_retransmitted_bytes "
              "server_retransmitted_bytes client_overlap_conflicts "
              "server_overlap_conflicts").split()
EXCHANGE = ("connection_id ordinal method target host status interims user_agent server "
            "request_framing response_framing request_head_bytes response_head_bytes "
            "request_body_bytes response_body_bytes request_declared_bytes "
            "response_declared_bytes request_missing_bytes response_missing_bytes "
            "request_complete response_complete request_start_us request_end_us "
            "response_start_us response_end_us depth depth_basis state "
            "pair_confidence").split()


class Account:
    """One connection's rows, as dicts; findings as a list of codes."""

    def __init__(self, row):
        self.row, self.exchanges, self.findings = row, [], []


def rows(db, columns, view, order):
    query = f"SELECT {', '.join(columns)} FROM {view} ORDER BY {order}"
    return [dict(zip(columns, r)) for r in db.execute(query)]


def read_accounts(program, capture, database):
    """{client or server address: [Account]}; raises RuntimeError when the program fails."""
    if os.path.exists(database):
        os.remove(database)
    ran = subprocess.run([program, "read", "-q", "-o", database, capture],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if ran.returncode:
        raise RuntimeError(f"exit code {ran.returncode}\n{ran.stderr}")
    db = sqlite3.connect(database)
    by_id = {r["id"]: Account(r) for r in rows(db, CONNECTION, "connections", "id")}
    for r in rows(db, EXCHANGE, "exchanges", "connection_id, ordinal, id"):
        by_id[r["connection_id"]].exchanges.append(r)
    found = rows(db, ("connection_id", "code", "severity"), "findings", "id")
    for r in found:
        if r["connection_id"] in by_id:
            by_id[r["connection_id"]].findings.append((r["severity"], r["code"]))
    db.close()
    by_address = collections.defaultdict(list)
    for account in by_id.values():
        by_address[account.row["client_ip"]].append(account)
        by_address[account.row["server_ip"]].append(account)
    return by_address
