#!/usr/bin/env python3
"""Our http.log beside Zeek's own, for the captures of Zeek's test suite that are there:
method, host, uri, status and both body lengths, field by field. Where the two differ,
the reason stands here.
"""
import json
import os
import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True
from exporting import check, database, end, hopscope, zeek_log

HERE = pathlib.Path.cwd()
FIELDS = ("method", "host", "uri", "status_code", "request_body_len", "response_body_len")
# (file, field or "rows"): why ours differs.
EMPTY = "Zeek writes an empty row after HTTP/0.9, and pairs the rest with it"
ZERO = "HTTP/0.9 has no status; Zeek writes 0"
KNOWN = {
    ("http__http_09.pcap", "rows"): EMPTY,
    ("http__http_09.pcap", "method"): EMPTY,
    ("http__http_09.pcap", "uri"): EMPTY,
    ("http__http_09.pcap", "response_body_len"): EMPTY,
    ("http__http_09.pcap", "status_code"): ZERO,
    ("mixed-vlan-mpls.pcap", "status_code"): ZERO,
    ("websocket__wstunnel-http.pcap", "rows"): "Zeek looks into the WebSocket's messages",
    ("websocket__wstunnel-http.pcap", "status_code"): "the same: the 101 is overwritten",
    ("http__http-11-request-then-cruft.pcap", "rows"): "the 400 that answers the rest is a row, too",
    ("wikipedia.pcap", "rows"): "Zeek leaves out what began before the capture",
    ("tls__tls12-decryption.pcap", "rows"): "Zeek had the keys",
}


def zeek_says(rows):
    """None: the baseline does not have the field; "-": unset."""
    return [[None if v is None else "" if v == "-" else str(v) for v in row] for row in rows]


def pair(ours, theirs):
    """(ours, theirs) by likeness, as Zeek writes a row when its response is there."""
    left = list(ours)
    for row in theirs:
        best = max(left, key=lambda o: sum(a == b for a, b in zip(o, row)), default=None)
        if best is None:
            return
        left.remove(best)
        yield best, row


def main():
    shared = pathlib.Path(os.environ.get("SHARED") or "/nonexistent") / "captures"
    if not (shared / "expected.jsonl").exists():
        print("no captures of Zeek's here")
        sys.exit(77)
    compared, used = 0, set()
    for line in (shared / "expected.jsonl").read_text().splitlines():
        told = json.loads(line)
        name = pathlib.Path(told["file"]).name
        if "zeek" not in told or not (shared / told["file"]).exists():
            continue
        db = HERE / f"{name}.db"
        db.unlink(missing_ok=True)
        database(db, shared / told["file"])
        _, rows = zeek_log(hopscope("export", db, "zeek", "--table", "http"))
        # Zeek logs targets with their %XX undone.
        ours = [["" if r[f] is None else urllib.parse.unquote(str(r[f])) for f in FIELDS]
                for r in rows]
        theirs = zeek_says(told["zeek"])
        differ = [("rows", len(ours), len(theirs))] if len(ours) != len(theirs) else []
        for a, b in pair(ours, theirs):
            compared += sum(y is not None for y in b)
            differ += [(f, x, y) for f, x, y in zip(FIELDS, a, b) if y not in (None, x)]
        for field, x, y in differ:
            used.add((name, field))
            check((name, field) in KNOWN, f"{name} {field}: {x!r}, Zeek {y!r}")
    check(used == set(KNOWN), f"differences that are no more: {set(KNOWN) - used}")
    print(f"{compared} fields compared, {len(used)} known differences")
    end()


main()
