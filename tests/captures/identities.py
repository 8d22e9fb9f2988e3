#!/usr/bin/python3
# How connections are named and told: of each capture beside the tree (SHARED/captures)
# our connections and Community IDs against tshark's streams and IDs, and our histories.
#
#   capture --hopscope read--> connections --.
#          '--tshark, communityid-----------> by packet number --> equal | different
#
#   HOPSCOPE=build/hopscope SHARED=../shared identities.py      prints the table
#
# tshark names every TCP packet, the innermost addresses last; we name a connection by its
# first packet. It keeps one stream for a four-tuple that differs in VLAN or tunnel only,
# and begins a new one at a SYN that we take for a repeated one, or the other way round.
import collections
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

CONNECTIONS = "SELECT first_packet, community_id, conn_state, history FROM connections"


def read_ours(capture, folder):
    database = f"{folder}/ours.db"
    pathlib.Path(database).unlink(missing_ok=True)
    subprocess.run([os.environ["HOPSCOPE"], "read", "-q", "-o", database, capture],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    db = sqlite3.connect(database)
    rows = db.execute(CONNECTIONS).fetchall()
    db.close()
    return rows


def read_tshark(capture):
    """({packet: its Community IDs}, count of streams)"""
    ran = subprocess.run(
        ["tshark", "-n", "-r", capture, "--enable-protocol", "communityid", "-T", "fields",
         "-Y", "tcp", "-e", "frame.number", "-e", "communityid", "-e", "tcp.stream"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    ids, streams = collections.defaultdict(set), set()
    for line in ran.stdout.splitlines():
        number, names, stream = line.split("\t")
        ids[int(number)] |= set(names.split(","))
        streams |= set(stream.split(","))
    return ids, len(streams - {""})


def main():
    root = pathlib.Path(os.environ["SHARED"]) / "captures"
    totals = collections.Counter()
    print(f"{'capture':60}{'conn.':>7}{'streams':>9}{'same id':>9}  histories")
    with tempfile.TemporaryDirectory() as folder:
        for capture in sorted(p for p in root.glob("*/*") if p.is_file()):
            rows = read_ours(capture, folder)
            ids, streams = read_tshark(capture)
            same = sum(name in ids.get(packet, ()) for packet, name, _, _ in rows)
            told = collections.Counter(f"{state} {history}" for _, _, state, history in rows)
            totals.update(connections=len(rows), streams=streams, same=same, files=1,
                          counts=len(rows) == streams)
            shown = ", ".join(f"{h}{f' x{n}' if n > 1 else ''}"
                              for h, n in told.most_common(3))
            more = f", {len(told) - 3} more" if len(told) > 3 else ""
            mark = "" if same == len(rows) and len(rows) == streams else "  *"
            print(f"{str(capture.relative_to(root))[:59]:60}{len(rows):7}{streams:9}"
                  f"{same:9}  {shown}{more}{mark}")
    print(f"{totals['files']} captures: {totals['connections']} connections, "
          f"{totals['streams']} streams, {totals['same']} with tshark's Community ID, "
          f"{totals['counts']} captures with as many connections as streams")


if __name__ == "__main__":
    sys.exit(main())
