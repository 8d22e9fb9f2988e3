#!/usr/bin/env python3
"""hopscope slice: the packets of a connection and no others, as tshark picks them; the
comments; interfaces, link types and secrets; fragments, also where they are of a tunnel.
"""
import pathlib
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True
from exporting import capture, check, database, end, hopscope, rows

HERE = pathlib.Path.cwd()


def blocks(path):
    """(type, body) of a little-endian pcapng file."""
    raw, at = path.read_bytes(), 0
    while at < len(raw):
        kind, length = struct.unpack_from("<II", raw, at)
        assert length % 4 == 0 and length >= 12, "a block's length"
        assert raw[at + length - 4:at + length] == raw[at + 4:at + 8], "its trailer"
        yield kind, raw[at + 8:at + length - 4]
        at += length


def options(body):
    out, at = [], 0
    while at + 4 <= len(body):
        code, length = struct.unpack_from("<HH", body, at)
        if code == 0:
            break
        out.append((code, body[at + 4:at + 4 + length]))
        at += 4 + (length + 3) // 4 * 4
    return out


def packets(path):
    """(interface, ns, bytes, comment) of each packet, and (link type, name) of each
    interface, and the secrets."""
    found, interfaces, secrets = [], [], []
    for kind, body in blocks(path):
        if kind == 1:
            names = [v.decode() for c, v in options(body[8:]) if c == 2]
            interfaces.append((struct.unpack_from("<H", body)[0], "".join(names)))
        if kind == 10:
            secrets.append(body[8:8 + struct.unpack_from("<II", body)[1]])
        if kind == 6:
            number, high, low, captured, _ = struct.unpack_from("<IIIII", body)
            rest = body[20 + (captured + 3) // 4 * 4:]
            notes = [v.decode("utf-8") for c, v in options(rest) if c == 1]
            found.append((number, high << 32 | low, body[20:20 + captured], *notes))
    return found, interfaces, secrets


def tshark(path, *fields):
    words = ["tshark", "-n", "-r", path, "-T", "fields"]
    for field in fields:
        words += ["-e", field]
    out = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         check=True, timeout=120).stdout.decode()
    return [line.split("\t") for line in out.splitlines()]


ENDS = ("ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport")


def ends_of(row):
    return {(row[0] + row[1], row[2]), (row[3] + row[4], row[5])}


def cut(db, what, *files, extra=()):
    out = HERE / "part.pcapng"
    out.unlink(missing_ok=True)
    hopscope("slice", db, what, *files, "-o", out, *extra)
    return out


def check_sample(name):
    path = capture(name)
    db = HERE / f"{name}.db"
    db.unlink(missing_ok=True)
    database(db, path)
    columns = (*ENDS, "frame.time_epoch", "tcp.seq_raw", "tcp.len")
    whole = tshark(path, *columns)
    for c in rows(db, "SELECT * FROM connections ORDER BY id"):
        ends = {(c["client_ip"], str(c["client_port"])),
                (c["server_ip"], str(c["server_port"]))}
        want = [f for number, f in enumerate(whole, 1)
                if ends_of(f) == ends
                and c["first_packet"] <= number <= c["last_packet"]]
        part = cut(db, c["id"], path)
        check(tshark(part, *columns) == want, f"{name}: packets of {c['id']}")
        notes = [p[3] for p in packets(part)[0] if len(p) > 3]
        check(f"connection {c['id']}, " in notes[0], f"{name}: {notes[0]}")
        for e in rows(db, "SELECT * FROM exchanges WHERE request_packet IS NOT NULL AND "
                      f"connection_id = {c['id']}"):
            line = f"request {e['ordinal']}: {e['method']} {e['target']}"
            check(any(line in note for note in notes), f"{name}: no '{line}'")


def check_choices():
    path, db = capture("pipelining"), HERE / "pipelining.db"
    everything = cut(db, "SELECT id FROM connections", path)
    check(len(packets(everything)[0]) == rows(db, "SELECT SUM(client_packets + "
          "server_packets) AS n FROM connections")[0]["n"], "all connections")
    ids = [r["id"] for r in rows(db, "SELECT id FROM connections WHERE "
                                   "exchanges > 0 ORDER BY id LIMIT 2")]
    check(packets(cut(db, f"{ids[0]}, {ids[-1]}", path)) == packets(cut(
        db, f"SELECT connection_id FROM exchanges WHERE connection_id IN ({ids[0]}, {ids[-1]})",
        path)), "ids as numbers, and by a query")
    one = rows(db, "SELECT * FROM exchanges WHERE ordinal = 2 AND state = 'complete'")[0]
    found, _, _ = packets(cut(db, one["id"], path))
    check(found[0][1] // 1000 == one["request_start_us"], "an exchange's first packet")
    check(found[-1][1] // 1000 <= one["response_end_us"], "an exchange's last packet")
    check(any("response 2: " in p[3] for p in found if len(p) > 3), "its comment")
    comment = tshark(cut(db, one["id"], path), "frame.comment")[0][0]
    check("hopscope: request 2: " in comment, f"tshark shows it: {comment}")


def ip4(source, target, protocol, payload, number=0, fragment=0):
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number, fragment, 64,
                       protocol, 0, source, target) + payload


def tcp(ports, seq, ack, flags, payload=b""):
    return struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 65535, 0, 0) + payload


def in_pieces(source, target, protocol, payload, number):
    cut_at = len(payload) // 2 // 8 * 8
    return [ip4(source, target, protocol, payload[:cut_at], number, 0x2000),
            ip4(source, target, protocol, payload[cut_at:], number, cut_at // 8)]


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def fragments_capture(path):
    """Two connections; of the first, the request comes in pieces of IP on one interface,
    and the response in pieces of the GRE packet around it on another one."""
    a, b = bytes([10, 1, 0, 1]), bytes([10, 1, 0, 2])
    o, p = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
    there, back = (40000, 80), (80, 40000)
    request = b"GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n"
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + b"x" * 400
    gre = struct.pack(">HH", 0, 0x0800)
    frames = [(0, ip4(a, b, 6, tcp(there, 100, 0, 2))),
              (1, ip4(o, p, 47, gre + ip4(b, a, 6, tcp(back, 900, 101, 18)))),
              (0, ip4(a, b, 6, tcp(there, 101, 901, 16))),
              (0, ip4(a, b, 6, tcp((41000, 80), 7, 0, 2)))]
    frames += [(0, f) for f in in_pieces(a, b, 6, tcp(there, 101, 901, 24, request), 7)]
    frames += [(0, f) for f in in_pieces(a, b, 6, tcp((41000, 80), 8, 0, 24, b"y" * 64), 8)]
    answer = gre + ip4(b, a, 6, tcp(back, 901, 101 + len(request), 24, response))
    frames += [(1, f) for f in in_pieces(o, p, 47, answer, 9)]
    out = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))
    for link_type, name in ((101, b"inner0"), (228, b"outer1")):
        option = struct.pack("<HH", 2, 6) + name + b"\0\0" + struct.pack("<I", 0)
        out += block(1, struct.pack("<HHI", link_type, 0, 65535) + option)
    out += block(10, struct.pack("<II", 0x544c534b, 5) + b"KEYS\n")
    for number, (interface, data) in enumerate(frames):
        us = 1_700_000_000_000_000 + number * 1000
        out += block(6, struct.pack("<IIIII", interface, us >> 32, us & 0xffffffff,
                                    len(data), len(data)) + data)
    path.write_bytes(out)
    return frames


def check_pieces():
    path, db = HERE / "pieces.pcapng", HERE / "pieces.db"
    frames = fragments_capture(path)
    db.unlink(missing_ok=True)
    database(db, path)
    c = rows(db, "SELECT * FROM connections WHERE client_port = 40000")[0]
    check(c["exchanges"] == 1, f"the exchange is read: {c}")
    found, interfaces, secrets = packets(cut(db, c["id"], path))
    want = [frames[i][1] for i in (0, 1, 2, 4, 5, 8, 9)]
    check([p[2] for p in found] == want, "all pieces, and no others")
    check(interfaces == [(101, "inner0"), (228, "outer1")], f"interfaces: {interfaces}")
    check([p[0] for p in found] == [0, 1, 0, 0, 0, 1, 1], "each on its own")
    check(secrets == [], "no secrets")
    _, _, secrets = packets(cut(db, c["id"], path, extra=["--secrets"]))
    check(secrets == [b"KEYS\n"], f"--secrets: {secrets}")
    again = HERE / "again.db"
    again.unlink(missing_ok=True)
    database(again, cut(db, c["id"], path))
    told = "method, target, status, response_body_bytes, request_start_us, wait_us"
    check(rows(again, f"SELECT {told} FROM exchanges") ==
          rows(db, f"SELECT {told} FROM exchanges"), "the slice tells the same")


def check_several_files():
    """A connection that spans two captures, which were read together."""
    raw = capture("mixed").read_bytes()
    at, records = 24, []
    while at < len(raw):
        length = struct.unpack_from("<I", raw, at + 8)[0]
        records.append(raw[at:at + 16 + length])
        at += 16 + length
    first, second = HERE / "first.pcap", HERE / "second.pcap"
    first.write_bytes(raw[:24] + b"".join(records[:40]))
    second.write_bytes(raw[:24] + b"".join(records[40:]))
    db = HERE / "two.db"
    db.unlink(missing_ok=True)
    database(db, first, second)
    c = rows(db, "SELECT * FROM connections WHERE first_capture_id <> last_capture_id")[0]
    found, _, _ = packets(cut(db, c["id"], first, second))
    check(len(found) == c["client_packets"] + c["server_packets"], "both captures")
    renamed = [shutil.copy(f, HERE / f"moved-{f.name}") for f in (first, second)]
    check(len(packets(cut(db, c["id"], *renamed))[0]) == len(found), "by their order")


def check_usage():
    path, db, out = capture("mixed"), HERE / "mixed.db", HERE / "out.pcapng"
    one = rows(db, "SELECT id FROM connections")[0]["id"]
    copy = HERE / "copy.pcap"
    shutil.copy(path, copy)
    for code, says, words in (
            (2, "FILE are needed", [db, one]), (2, "-o FILE", [db, one, path]),
            (2, "a pipe", [db, one, "-", "-o", out]),
            (2, "written over", [db, one, copy, "-o", copy]),
            (2, "written over", [db, one, path, "-o", db]),
            (1, "there is no connection", [db, 5, path, "-o", out]),
            (1, "no column", [db, "SELECT host FROM exchanges", path, "-o", out]),
            (1, "no rows", [db, "SELECT id FROM connections WHERE 0", path, "-o", out]),
            (1, "another capture", [db, one, capture("aborted"), "-o", out]),
            (1, "", [db, "DELETE FROM exchange", path, "-o", out]),
            (2, "too large", [db, "9" * 30, path, "-o", out])):
        said = hopscope("slice", *words, code=code)
        check(says in said, f"{words}: '{says}' is not in {said}")
    check(copy.read_bytes() == path.read_bytes(), "the capture is whole")


def main():
    if shutil.which("tshark") is None:
        print("tshark is not here")
        sys.exit(77)
    for name in ("mixed", "pipelining", "websocket", "aborted", "lossy-wire"):
        check_sample(name)
    check_choices()
    check_pieces()
    check_several_files()
    check_usage()
    end()


main()
