#!/usr/bin/python3
# A capture shows what passed one place. The depth of a pipeline must not depend on that
# place (SEMANTICS 4), and hol and service time must follow their definition at each
# (SEMANTICS 5). Two ways to move the tap: real captures from both ends of a wire, and
# captures in which the packets of one side are delayed, as far as the wire allows.
import pathlib
import os
import sqlite3
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import packets  # noqa: E402  (after the switch above)

SAMPLES = pathlib.Path(os.environ["SOURCE_DIR"]) / "samples"
BOTH_ENDS = ["far-pipelining", "idle-race"]
AT_THE_SERVER = ["far-pipelining-server", "pipelining", "mixed"]
AT_THE_CLIENT = ["far-pipelining-client"]
PARTS = [0.1, 0.25, 0.5, 0.75, 1.0]  # of the longest delay that is possible

ROWS = """
SELECT client_port, ordinal, depth, depth_basis, hol_us, service_us, request_start_us,
  request_end_us, response_start_us, response_end_us, state, pair_confidence
FROM exchanges ORDER BY client_port, connection_id, ordinal
"""


def rows_of(capture, folder):
    database = folder / "rows.db"
    database.unlink(missing_ok=True)
    subprocess.run([os.environ["HOPSCOPE"], "read", "-q", "-o", database, capture],
                   check=True, stdout=subprocess.DEVNULL, timeout=300)
    db = sqlite3.connect(database)
    db.row_factory = sqlite3.Row
    rows = db.execute(ROWS).fetchall()
    db.close()
    return rows


def depths(rows):
    return [(r["client_port"], r["ordinal"], r["depth"], r["depth_basis"], r["state"],
             r["pair_confidence"]) for r in rows]


def definition_faults(rows):
    """hol_us and service_us as SEMANTICS 5 has them, from the times of the rows."""
    before = None
    for r in rows:
        hol = service = None
        if r["depth"] is not None and r["depth"] >= 2 and before["response_end_us"]:
            free = max(r["request_end_us"], before["response_end_us"])
            hol = max(0, before["response_end_us"] - r["request_end_us"])
            if r["response_start_us"] is not None:
                service = max(0, r["response_start_us"] - free)
        if (r["hol_us"], r["service_us"]) != (hol, service):
            yield (f"port {r['client_port']}, exchange {r['ordinal']}: hol {r['hol_us']}, "
                   f"service {r['service_us']}, by definition {hol}, {service}")
        before = r


def overtaken(rows):
    """Requests captured before the end of the response before theirs."""
    return sum(1 for a, b in zip(rows, rows[1:]) if a["client_port"] == b["client_port"]
               and a["response_end_us"] and a["response_end_us"] > b["request_start_us"])


def longest_delay(all_packets, is_delayed):
    """By how much these packets can come later without being acknowledged before."""
    sent, slack = {}, []
    for p in all_packets:
        if is_delayed(p):
            if p.length:
                sent.setdefault((p.source, p.target), []).append(
                    ((p.seq + p.length) & 0xFFFFFFFF, p.ns))
            continue
        behind = sent.get((p.target, p.source), [])
        for end, ns in reversed(behind):
            if p.flags & packets.ACK and (p.ack - end) & 0xFFFFFFFF < 1 << 31:
                slack.append(p.ns - ns)
                break
    return min(slack)


def compare(name, rows, wanted, faults):
    here, there = depths(rows), depths(wanted)
    if here != there:
        first = next((f"{a} for {b}" for a, b in zip(here, there) if a != b), "their number")
        faults.append(f"{name}: depths differ: {first}")
    faults += [f"{name}: {text}" for text in definition_faults(rows)]
    deepest = max(r["depth"] or 0 for r in rows)
    print(f"{name}: {len(rows)} exchanges, depth up to {deepest}, "
          f"{overtaken(rows)} requests captured before the response before theirs")


def check_delays(name, is_clients_delayed, folder, faults):
    capture = packets.load(SAMPLES / f"{name}.pcap")
    ends = packets.clients(capture)
    wanted = rows_of(SAMPLES / f"{name}.pcap", folder)

    def is_delayed(p):
        return (p.source in ends) == is_clients_delayed

    longest = longest_delay(capture, is_delayed)
    for part in PARTS:
        delay = int(longest * part) - 1000
        moved = sorted(((p.ns + delay * is_delayed(p), i, p.frame)
                        for i, p in enumerate(capture)), key=lambda m: m[:2])
        path = folder / "moved.pcap"
        packets.store(path, [(ns, frame) for ns, _, frame in moved])
        side = "client" if is_clients_delayed else "server"
        compare(f"{name}, {side} {delay / 1e6:.3f} ms later", rows_of(path, folder), wanted,
                faults)


def main():
    faults = []
    with tempfile.TemporaryDirectory(prefix="tap") as name:
        folder = pathlib.Path(name)
        for name in BOTH_ENDS:
            client = rows_of(SAMPLES / f"{name}-client.pcap", folder)
            server = rows_of(SAMPLES / f"{name}-server.pcap", folder)
            compare(f"{name}-client", client, server, faults)
            compare(f"{name}-server", server, client, faults)
        for name in AT_THE_SERVER:
            check_delays(name, False, folder, faults)
        for name in AT_THE_CLIENT:
            check_delays(name, True, folder, faults)
    for fault in faults:
        print("FAULT", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
