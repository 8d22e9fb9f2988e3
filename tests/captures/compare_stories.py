#!/usr/bin/env python3
"""Upgrades, Expect, CONNECT and pipelining: our account of captures beside tshark's.

Usage: compare_stories.py CAPTURE...     (HOPSCOPE names the program; needs tshark)

tshark knows fields of packets, not connections: what it can say of each story is how
many messages carry it. One line for each capture that has any.
"""
import os
import sqlite3
import subprocess
import sys
import tempfile

COLUMNS = {
    "exch.": "SELECT count(*) FROM exchanges",
    "depth": "SELECT coalesce(max(max_depth), 0) FROM connections",
    "upgrade": "SELECT coalesce(group_concat(story, ' '), '-') FROM (SELECT upgrade_result || "
               "coalesce(':' || upgrade_protocol, '') || '*' || count(*) AS story "
               "FROM exchanges WHERE upgrade_result IS NOT NULL AND method <> 'CONNECT' "
               "GROUP BY upgrade_result, upgrade_protocol)",
    "connect": "SELECT coalesce(group_concat(story, ' '), '-') FROM (SELECT "
               "coalesce(upgrade_result, state) || '*' || count(*) AS story "
               "FROM exchanges WHERE method = 'CONNECT' GROUP BY upgrade_result, state)",
    "expect": "SELECT coalesce(group_concat(story, ' '), '-') FROM (SELECT expect_outcome "
              "|| '*' || count(*) AS story FROM exchanges WHERE expect_outcome IS NOT NULL "
              "GROUP BY expect_outcome)",
    "tunnels": "SELECT coalesce(group_concat(story, ' '), '-') FROM (SELECT protocol || '*' "
               "|| count(*) AS story FROM tunnels GROUP BY protocol)",
    "ws frames": "SELECT coalesce(sum(ws_client_frames + ws_server_frames), 0) FROM tunnels",
}
PEER = {
    "requests": "http.request",
    "Upgrade:": "http.request && http.upgrade",
    "101": "http.response.code == 101",
    "CONNECT": 'http.request.method == "CONNECT"',
    "Expect:": "http.request.line matches \"(?i)^expect:\"",
    "100": "http.response.code == 100",
    "ws": "websocket",
}


def ours(capture):
    with tempfile.TemporaryDirectory() as folder:
        database = os.path.join(folder, "a.db")
        subprocess.run([os.environ["HOPSCOPE"], "read", "-q", "-o", database, capture],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        with sqlite3.connect(database) as db:
            return {name: db.execute(query).fetchone()[0] for name, query in COLUMNS.items()}


def count(capture, display_filter):
    done = subprocess.run(
        ["tshark", "-r", capture, "-Y", display_filter, "-T", "fields", "-e", "frame.number",
         "-e", "websocket.opcode"], capture_output=True, text=True, timeout=300)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    if display_filter == "websocket":
        return sum(len([o for o in row[1].split(",") if o]) for row in rows)
    return len(rows)


def is_story(row):
    return row["depth"] > 1 or any(row[name] not in ("-", 0) for name in COLUMNS
                                   if name not in ("exch.", "depth"))


def main():
    for capture in sys.argv[1:]:
        row = ours(capture)
        if not is_story(row):
            continue
        peer = {name: count(capture, what) for name, what in PEER.items()}
        print(os.path.basename(capture))
        print("    hopscope  " + ", ".join(f"{k} {v}" for k, v in row.items()
                                           if v not in ("-", 0)))
        print("    tshark    " + ", ".join(f"{k} {v}" for k, v in peer.items() if v))


if __name__ == "__main__":
    main()
