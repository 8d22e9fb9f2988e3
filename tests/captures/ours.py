"""`hopscope read` of one capture, as messages and transactions out of its database."""
import collections
import os
import pathlib
import sqlite3
import subprocess
import tempfile

from message import Message, Transaction, endpoint, request, response, shown

# last_packets: connection id -> its last packet.
# faults: what is wrong without asking any peer.
Account = collections.namedtuple(
    "Account", "packets is_damaged request_count response_count connection_count "
    "exchange_count messages transactions last_packets faults")

EXIT_DONE, EXIT_DAMAGED = 0, 3

EXCHANGES = """
SELECT e.connection_id AS connection, e.ordinal, e.method, e.target, e.status,
       e.request_packet, e.response_packet,
       c.client_ip, c.client_port, c.server_ip, c.server_port
FROM exchanges e JOIN connections c ON c.id = e.connection_id
ORDER BY e.connection_id, e.ordinal
"""

# Each of these finds rows that contradict one another.
CONTRADICTIONS = {
    "exchanges of a connection are not counted right":
        "SELECT 1 FROM connections c WHERE c.exchanges <>"
        " (SELECT count(*) FROM exchanges e WHERE e.connection_id = c.id)",
    "ordinals are not 1, 2, 3 ...":
        "SELECT 1 FROM exchanges GROUP BY connection_id"
        " HAVING min(ordinal) <> 1 OR max(ordinal) <> count(*)",
    "captures.connections or .exchanges is not the number of rows":
        "SELECT 1 FROM captures WHERE connections <> (SELECT count(*) FROM connections)"
        " OR exchanges <> (SELECT count(*) FROM exchanges)",
    "a packet number past the end of the capture":
        "SELECT 1 FROM exchanges, (SELECT max(packets) AS n FROM captures)"
        " WHERE request_packet > n OR response_packet > n",
    "a packet outside its connection":
        "SELECT 1 FROM exchanges e JOIN connections c ON c.id = e.connection_id"
        " WHERE e.request_packet NOT BETWEEN c.first_packet AND c.last_packet"
        " OR e.response_packet NOT BETWEEN c.first_packet AND c.last_packet",
    "a negative duration":
        "SELECT 1 FROM exchanges WHERE wait_us < 0 OR transfer_us < 0 OR service_us < 0"
        " OR hol_us < 0 OR idle_before_us < 0 OR response_stall_us < 0",
    "a complete exchange that lacks a request or an answer":
        "SELECT 1 FROM exchanges WHERE state = 'complete' AND (request_packet IS NULL"
        " OR response_packet IS NULL OR (status IS NULL AND response_version <> '0.9'))",
}


def run(capture, database):
    """(whether the capture is damaged, faults)"""
    done = subprocess.run(
        [os.environ["HOPSCOPE"], "read", "-q", "-o", database, capture],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=300)
    if done.returncode in (EXIT_DONE, EXIT_DAMAGED):
        return done.returncode == EXIT_DAMAGED, []
    return False, [f"exit {done.returncode}: {done.stderr.strip()[-300:]}"]


def contradictions(db):
    found = [what for what, query in CONTRADICTIONS.items() if db.execute(query).fetchone()]
    if db.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
        found.append("the database is corrupt")
    return found


def account_of(db, is_damaged, faults):
    messages, transactions = [], []
    for row in db.execute(EXCHANGES):
        if row["request_packet"] is not None:
            messages.append(Message(row["request_packet"], row["connection"], True,
                                    request(row["method"], row["target"])))
        if row["response_packet"] is not None:
            messages.append(Message(row["response_packet"], row["connection"], False,
                                    response(row["status"])))
        ends = (endpoint(row["client_ip"], row["client_port"]),
                endpoint(row["server_ip"], row["server_port"]))
        transactions.append(Transaction(
            frozenset(ends), row["method"],
            None if row["target"] is None else shown(row["target"]), row["status"],
            row["request_packet"] or row["response_packet"]))
    last_packets = dict(db.execute("SELECT id, last_packet FROM connections").fetchall())
    packets = db.execute("SELECT sum(packets) FROM captures").fetchone()[0]
    requests = sum(m.is_request for m in messages)
    return Account(packets, is_damaged, requests, len(messages) - requests, len(last_packets),
                   len(transactions), messages, transactions, last_packets, faults)


def read(capture):
    with tempfile.TemporaryDirectory(prefix="captures") as folder:
        database = pathlib.Path(folder) / "account.db"
        is_damaged, faults = run(capture, database)
        if faults:
            return Account(None, False, 0, 0, 0, 0, [], [], {}, faults)
        db = sqlite3.connect(database)
        db.row_factory = sqlite3.Row
        db.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
        account = account_of(db, is_damaged, contradictions(db))
        db.close()
        return account
