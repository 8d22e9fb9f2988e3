#!/usr/bin/env python3
"""make_seeds.py CONVERSATIONS FOLDER OUT: seeds out of every *.conv file of FOLDER.

CONVERSATIONS is the program that plays them. What it sends becomes, under OUT,
    fuzz_pipeline/NAME     the capture file
    fuzz_savefile/NAME     the same, of some
    fuzz_http/NAME         a step for each payload, FIN and RST (see fuzz_http.c)
    fuzz_tcp/NAME          a step for each segment (see fuzz_tcp.c)
    fuzz_reassembly/NAME   places and flags alone (see fuzz_reassembly.c)
"""
import os
import struct
import subprocess
import sys

FIN, SYN, RST, ACK = 1, 2, 4, 16
SAVEFILES_MAX = 16  # what tells capture files apart is not what is said in them


def segments_of(image):
    """Yields (from client, seq, ack, flags, time in ns, payload) of each frame."""
    at, client = 24, None
    while at + 16 <= len(image):
        seconds, ns, length = struct.unpack_from("<III", image, at)
        frame = image[at + 16 : at + 16 + length]
        at += 16 + length
        ip = frame[14:]
        tcp = ip[20:] if frame[12:14] == b"\x08\x00" else ip[40:]
        source, _, seq, ack, size, flags = struct.unpack_from(">HHIIBB", tcp)
        if client is None:
            client = source
        payload = tcp[(size >> 4) * 4 :]
        yield source == client, seq, ack, flags, seconds * 10**9 + ns, payload


def http_of(segments):
    out = b"\x02"
    for is_client, _, _, flags, _, payload in segments:
        side = 0 if is_client else 1
        if payload:
            out += bytes([0xFF, side]) + payload.replace(b"\xff", b"\xfe")
        if flags & (FIN | RST):
            out += bytes([0xFF, side | (6 if flags & RST else 5) << 1])
    return out


def tcp_of(segments):
    out, first, last_ns = b"", {}, None
    for is_client, seq, ack, flags, now_ns, payload in segments:
        first.setdefault(is_client, seq)
        base = first[is_client]
        acked = ack - first.get(not is_client, ack)
        step = min(127, int(((now_ns - (last_ns or now_ns)) / 1e5) ** 0.5))
        last_ns = now_ns
        part = payload[:31]
        head = [0 if is_client else 1, flags & 0x3F, (0x80 + seq - base) & 0xFF]
        head += [(0x80 + acked) & 0xFF, 0, step, len(part), 0]
        out += bytes(head) + part
    return out


def reassembly_of(segments):
    out, first, last_ns = bytes([8 * (len(segments) % 2)]), {}, None  # some of them rest
    for is_client, seq, ack, flags, now_ns, payload in segments:
        start = seq + 1 if flags & SYN else seq
        first.setdefault(is_client, start)
        step = min(255, (now_ns - (last_ns or now_ns)) // 10**7)
        last_ns = now_ns
        kind = 0 if payload else 2 if flags & RST else 1 if flags & FIN else 3
        acked = ack - first.get(not is_client, ack)
        length = len(payload)
        if length > 254:
            length = min(255, length // 4) | 1
        out += struct.pack(
            ">BHBHBB",
            (0 if is_client else 1) | kind << 2 | (0 if flags & ACK else 1 << 5),
            (start - first[is_client]) & 0xFFFF,
            length,
            acked & 0xFFFF,
            step,
            0,
        )
    return out


def write(folder, name, data):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def main():
    program, folder, out = sys.argv[1:]
    names = sorted(n for n in os.listdir(folder) if n.endswith(".conv"))
    made = 0
    capture = os.path.join(out, "made.pcap")
    os.makedirs(out, exist_ok=True)
    for name in names:
        path = os.path.join(folder, name)
        # Its account may differ from what it is compared with: only packets matter here.
        subprocess.run(
            [program, path, "whole", "--write-pcap", capture],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if not os.path.exists(capture):
            continue
        with open(capture, "rb") as file:
            image = file.read()
        os.remove(capture)
        name = name.removesuffix(".conv")
        if len(image) <= 16384:
            write(os.path.join(out, "fuzz_pipeline"), name, image)
        if made < SAVEFILES_MAX:
            write(os.path.join(out, "fuzz_savefile"), name, image)
        segments = list(segments_of(image))
        for target, data in (
            ("fuzz_http", http_of(segments)),
            ("fuzz_tcp", tcp_of(segments)),
            ("fuzz_reassembly", reassembly_of(segments)),
        ):
            if len(data) <= 4096:
                write(os.path.join(out, target), name, data)
        made += 1
    if made == 0:
        sys.exit("make_seeds.py: no conversation was played")
    print(f"seeds of {made} conversations")


main()
