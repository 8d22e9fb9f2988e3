#!/usr/bin/python3
# Drops each packet of samples/mixed.pcap in turn. Every exchange that the packet does
# not belong to must stay as it was; only pair_confidence may become less sure. What is
# measured from the exchange before (idle, head-of-line blocking, service) may change
# where the packet belongs to that one. And a response that begins in the middle of a
# segment is lost with the one before it: where the head of that one is missing, nobody
# can say where it ends, and only the beginnings of segments are trusted (SEMANTICS 2).
# Those pipelined behind it may then be paired wrongly, but must say that they may be.
#
# All captures are read as one: each has an hour and a client's address of its own, and
# in place of the packet stands one that nobody looks into, so that numbers stay.
#
#   [ all packets ][ all but the 1st ][ all but the 2nd ] ...  --one run--> rows by block
import collections
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import packets  # noqa: E402  (after the switch above)

SAMPLE = pathlib.Path(os.environ["SOURCE_DIR"]) / "samples" / "mixed.pcap"
HOUR_US = 3600 * 10**6
STAND_IN = bytes(12) + b"\x88\xb5" + bytes(46)  # local experimental ethertype

CONFIDENCES = ["exact", "inferred", "ambiguous", "orphan"]
FROM_THE_ONE_BEFORE = {"idle_before_us", "hol_us", "service_us"}
ABSOLUTE = re.compile("_(start|end)_us$|^first_interim_us$")
NUMBERS = {"request_packet", "response_packet"}
# Of the row or the block and not of the exchange, or said again in another unit.
IGNORED = re.compile("^(id|connection_id|pair_confidence|client_ip|time)$|_ms$")


class Block:
    """One of the captures within the one that is read: which packet it lacks."""

    def __init__(self, index):
        self.index = index
        self.address = bytes([10, 78 + index // 250, index % 250 + 1, 1])

    def frames(self, capture, client):
        for number, p in enumerate(capture, 1):
            dropped = number == self.index
            frame = STAND_IN if dropped else packets.with_address(p, client, self.address)
            yield p.ns + self.index * HOUR_US * 1000, frame


def write_blocks(path, capture, client):
    blocks = [Block(index) for index in range(len(capture) + 1)]
    packets.store(path, [f for b in blocks for f in b.frames(capture, client)])
    return {".".join(map(str, b.address)): b for b in blocks}


def comparable(row, block, count):
    """The row as it would be if its block were a capture of its own."""
    out = {}
    for name in row.keys():
        value = row[name]
        if IGNORED.search(name):
            continue
        if value is not None and ABSOLUTE.search(name):
            value -= block.index * HOUR_US
        if value is not None and name in NUMBERS:
            value -= block.index * count
        out[name] = value
    return out


def read_blocks(path, blocks, count):
    """{block index: [(row, confidence)] in order}"""
    database = path.with_suffix(".db")
    subprocess.run([os.environ["HOPSCOPE"], "read", "-q", "-o", database, path],
                   check=True, stdout=subprocess.DEVNULL, timeout=600)
    db = sqlite3.connect(database)
    db.row_factory = sqlite3.Row
    found = collections.defaultdict(list)
    for row in db.execute("SELECT * FROM exchanges ORDER BY connection_id, ordinal"):
        block = blocks[row["client_ip"]]
        found[block.index].append((comparable(row, block, count), row["pair_confidence"]))
    db.close()
    return found


class Stream:
    """The bytes of one direction, and where its messages begin."""

    def __init__(self, capture, source, target):
        self.packets, self.bytes = [], b""
        first = None
        for number, p in enumerate(capture, 1):
            if (p.source, p.target) != (source, target) or not p.payload:
                continue
            first = p.seq if first is None else first
            start = (p.seq - first) & 0xFFFFFFFF
            assert start == len(self.bytes), f"packet {number} is out of order"
            self.bytes += p.payload
            self.packets.append((number, start, start + len(p.payload)))

    def numbers(self, start, end):
        return {n for n, a, b in self.packets if a < end and b > start}


def owned_packets(capture, rows):
    """For each row the packets that carry a byte of it: `rows` is the intact account."""
    servers = {p.source for p in capture if p.flags & 18 == 18}
    streams, owned = {}, []
    for row in rows:
        source = next(e for e in packets.clients(capture) if e[1] == row["client_port"])
        server = next(p.target for p in capture
                      if p.source == source and p.target in servers)
        key = source, server
        if key not in streams:
            requests, responses = Stream(capture, *key), Stream(capture, *key[::-1])
            streams[key] = requests, responses, iter(
                begin_of_finals(responses.bytes)), [0, 0]
        requests, responses, finals, at = streams[key]
        line = f"{row['method']} {row['target']} HTTP/1.".encode()
        begin = requests.bytes.index(line, at[0])
        owned.append([row, begin, next(finals), key])
        at[0] = begin + len(line)
    return [(row, extent(streams[key], owned, i)) for i, (row, _, _, key) in
            enumerate(owned)]


def begin_of_finals(data):
    """Of each final response: where it, or an interim one before it, begins."""
    begin = None
    for m in re.finditer(rb"HTTP/1\.[01] (\d)\d\d ", data):
        begin = m.start() if begin is None else begin
        if m[1] != b"1":
            yield begin
            begin = None


def extent(stream, owned, index):
    _, request, response, key = owned[index]
    following = next((o for o in owned[index + 1:] if o[3] == key), None)
    request_end = following[1] if following else len(stream[0].bytes)
    response_end = following[2] if following else len(stream[1].bytes)
    return (stream[0].numbers(request, request_end)
            | stream[1].numbers(response, response_end))


def differences(wanted, row, is_before_hit):
    for name, value in wanted.items():
        if is_before_hit and name in FROM_THE_ONE_BEFORE:
            continue
        if row[name] != value:
            yield f"{name} {row[name]} for {value}"


def is_lost_with(wanted, before, numbers_before, index):
    """Whether the response begins within the segment that ended the one hit before,
    whose head is in the packet that is missing."""
    return (wanted["response_packet"] in numbers_before
            and before["response_packet"] == index != wanted["response_packet"])


def check_block(index, rows, owned, totals, faults):
    """Compares one block with the intact account, exchange by exchange."""
    by_request = {r["request_packet"]: (r, c) for r, c in rows}
    is_before_hit, is_behind_lost, port = False, False, None
    before, numbers_before = None, set()
    for wanted, numbers in owned:
        is_before_hit = is_before_hit and wanted["client_port"] == port
        is_behind_lost = is_behind_lost and wanted["client_port"] == port
        port = wanted["client_port"]
        name = f"without packet {index}: {wanted['method']} {wanted['target']}"
        row, confidence = by_request.get(wanted["request_packet"], (None, None))
        if index in numbers:
            is_before_hit, before, numbers_before = True, wanted, numbers
            totals["hit: " + (row["state"] if row else "its request was lost")] += 1
            continue
        if is_before_hit and is_lost_with(wanted, before, numbers_before, index):
            totals["lost with the head before, in the middle of a segment"] += 1
            is_behind_lost = True
            continue
        if is_behind_lost and confidence in ("ambiguous", None):
            totals["behind such a one, and ambiguous or without response"] += 1
            continue
        if row is None:
            faults.append(f"{name}: is not there")
            is_before_hit = False
            continue
        texts = list(differences(wanted, row, is_before_hit))
        if texts:
            faults.append(f"{name}: " + ", ".join(texts))
        totals[f"untouched: {confidence}"] += 1
        is_before_hit = False


def main():
    capture = packets.load(SAMPLE)
    (client,) = {ip for ip, _ in packets.clients(capture)}
    with tempfile.TemporaryDirectory(prefix="drop") as name:
        path = pathlib.Path(name) / "blocks.pcap"
        blocks = write_blocks(path, capture, client)
        found = read_blocks(path, blocks, len(capture))
    owned = owned_packets(capture, [row for row, _ in found[0]])
    totals, faults = collections.Counter(), []
    for index in range(1, len(capture) + 1):
        check_block(index, found[index], owned, totals, faults)
        extra = len(found[index]) - len(owned)
        if extra > 0:
            faults.append(f"without packet {index}: {extra} exchanges too many")
    belonging = {n for _, numbers in owned for n in numbers}
    print(f"{len(capture)} packets, {len(owned)} exchanges; {len(belonging)} packets carry "
          f"bytes of an exchange, {len(capture) - len(belonging)} do not")
    for key in sorted(totals):
        print(f"  {totals[key]:5d} {key}")
    print(f"  {len(faults):5d} faults")
    for fault in faults:
        print("FAULT", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
