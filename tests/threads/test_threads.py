#!/usr/bin/env python3
# labels: threads
"""`read --threads N`: the same rows for every N.

Over all samples at once and one by one, ten captures beside the tree, and one made here in
which last ACKs come up to six seconds late among other packets: what every view tells is
the same for one thread and for several, ids included."""

import glob
import hashlib
import os
import sqlite3
import struct
import subprocess
import sys

PROGRAM = os.environ["HOPSCOPE"]
SOURCE = os.environ["SOURCE_DIR"]
SHARED = os.environ.get("SHARED", "")
THREADS = (2, 3, 4, 8)
FURTHER_COUNT = 10


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def packet(ends, ports, number, flags, seq, ack):
    tcp = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 1000 + number % 50000, 0, 0)
    pseudo = ends[0] + ends[1] + struct.pack(">HH", 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), number & 0xffff, 0, 64, 6, 0) + \
        ends[0] + ends[1]
    return ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + tcp


def make_late_acks(path):
    """300 connections whose last ACK comes late, and one that has packets all the time."""
    syn, ack, fin = 2, 16, 17
    a, b = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))
    sent = [(k * 150, (a, b), (9, 80), ack, 1, 1) for k in range(60000)]
    for i in range(300):
        there, back, at = (5000 + i, 80), (80, 5000 + i), i * 10000
        sent += [(at, (a, b), there, syn, 0, 0), (at + 1, (b, a), back, syn | ack, 0, 1),
                 (at + 2, (a, b), there, fin, 1, 1), (at + 3, (b, a), back, fin, 1, 2),
                 (at + 4 + i * 97 % 6000 * 1000, (a, b), there, ack, 2, 2)]
    sent.sort(key=lambda each: each[0])
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for number, (us, *what) in enumerate(sent):
            data = packet(*what[:2], number, *what[2:])
            file.write(struct.pack("<IIII", 1000 + us // 1000000, us % 1000000, len(data),
                                   len(data)) + data)


def further_captures():
    """Ten of those beside the tree: of the middle in size, from as many folders as may be."""
    found = [path for kind in ("pcap", "pcapng", "cap", "trace")
             for path in glob.glob(f"{SHARED}/captures/**/*.{kind}", recursive=True)]
    by_folder = {}
    for path in sorted(found):
        by_folder.setdefault(os.path.dirname(path), []).append(path)
    for paths in by_folder.values():
        paths.sort(key=os.path.getsize, reverse=True)
    chosen = []
    while len(chosen) < FURTHER_COUNT and any(by_folder.values()):
        for paths in by_folder.values():
            if paths and len(chosen) < FURTHER_COUNT:
                chosen.append(paths.pop(0))
    return chosen


def read(paths, threads):
    """The database's content as text: the sorted rows of each view."""
    name = "threads.db"
    if os.path.exists(name):
        os.remove(name)
    done = subprocess.run(
        [PROGRAM, "read", "-q", "--headers", "--threads", str(threads), "-o", name, *paths],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
    if not os.path.exists(name):
        return done.returncode, {"": done.stderr}, done.stdout
    db = sqlite3.connect(name)
    db.text_factory = bytes
    views = [row[0].decode() for row in db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")]
    content = {}
    for name in views:
        content[name] = rows_of(db, name)
    db.close()
    return done.returncode, content, done.stdout


def rows_of(db, view):
    return sorted(repr(row) for row in db.execute(f"SELECT * FROM {view}"))


def first_difference(one, many):
    for name in one:
        if one[name] == many.get(name):
            continue
        ours, theirs = set(one[name]), set(many.get(name, []))
        return (f"{name}: {len(one[name])} rows and {len(many.get(name, []))}\n"
                f"    alone:    {sorted(ours - theirs)[:2]}\n"
                f"    together: {sorted(theirs - ours)[:2]}")
    return None


def check(label, paths):
    status, alone, summary = read(paths, 1)
    rows = sum(len(lines) for lines in alone.values())
    faults = 0
    for threads in THREADS:
        other_status, together, other_summary = read(paths, threads)
        difference = first_difference(alone, together)
        if status != other_status:
            difference = f"exit {status} and {other_status}"
        if difference is None and summary != other_summary:
            difference = "the summary on standard output"
        if difference is not None:
            faults += 1
            print(f"{label}, {threads} threads: {difference}")
    return rows, faults, summary


def main():
    samples = sorted(glob.glob(f"{SOURCE}/samples/*.pcap*"))
    runs = [("all samples", samples)]
    runs += [(os.path.basename(path), [path]) for path in samples]
    runs += [(os.path.relpath(path, SHARED), [path]) for path in further_captures()]
    make_late_acks("late-acks.pcap")
    runs.append(("late ACKs", ["late-acks.pcap"]))
    rows = faults = 0
    for label, paths in runs:
        more, wrong, summary = check(label, paths)
        rows += more
        faults += wrong
    if "packets came late" not in summary:
        faults += 1
        print("late ACKs: none was too late for its row")
    print(f"{len(runs)} runs, {rows} rows in views, for 1 thread and "
          f"{', '.join(map(str, THREADS))}: {faults} differences")
    sys.exit(1 if faults or rows == 0 else 0)


if __name__ == "__main__":
    main()
