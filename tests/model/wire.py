"""Frames and pcap files: Ethernet, IPv4 or IPv6, TCP, with good checksums."""
import ipaddress
import struct

from stack import ACK, FIN, SYN

SNAPLEN = 262144
PCAP_HEAD = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, SNAPLEN, 1)
TCP = 6
ETHERNET = b"\2\0\0\0\0\1\2\0\0\0\0\2"  # but for the type


def words(data):
    """What its 16-bit words add up to, but for a multiple of 2^16 - 1 (RFC 1071)."""
    total = int.from_bytes(data, "big")
    return total << 8 if len(data) & 1 else total


def checksum(total):
    """Of words that are not all zero: a one's complement sum is a remainder."""
    rest = total % 0xffff
    return 0xffff - rest if rest else 0


class Link:
    """The addresses and initial sequence numbers of one connection."""

    def __init__(self, rng, is_v6, index, number):
        self.is_v6 = is_v6
        if is_v6:
            self.text = (f"fd00::{index + 1:x}:{number + 1:x}", "fd01::5")
        else:
            self.text = (f"10.{index >> 8}.{index & 255}.{number + 1}", "192.0.2.5")
        self.raw = [ipaddress.ip_address(t).packed for t in self.text]
        self.sums = words(self.raw[0]) + words(self.raw[1]) + TCP
        self.ports = (rng.randrange(1024, 65536), rng.choice((80, 8080, 3128, 50000)))
        self.isn = [rng.choice((rng.getrandbits(32), 0xffffffff - rng.randrange(3000),
                                0xffffffff)) for _ in range(2)]
        self.has_stamps = rng.random() < 0.5

    def frame(self, p):
        """(bytes captured, length on the wire)"""
        me, peer = p.side, 1 - p.side
        seq = (self.isn[me] + 1 + p.offset) & 0xffffffff
        ack = (self.isn[peer] + 1 + p.ack) & 0xffffffff if p.flags & ACK else 0
        size = 32 if self.has_stamps else 20
        tcp = bytearray(struct.pack(">HHIIBBHHH", self.ports[me], self.ports[peer], seq,
                                    ack, size << 2, p.flags, 65535, 0, 0))
        if self.has_stamps:
            tcp += struct.pack(">BBBBII", 1, 1, 8, 10, p.stamp, 7)
        length = size + p.length
        total = checksum(self.sums + length + words(tcp) + words(p.data))
        struct.pack_into(">H", tcp, 16, total)
        if self.is_v6:
            ip = struct.pack(">HIHBB", 0x86dd, 6 << 28, length, TCP, p.ttl)
        else:
            total = checksum(0x4500 + 20 + length + p.ip_id + (p.ttl << 8) + self.sums)
            ip = struct.pack(">HBBHHHBBH", 0x0800, 0x45, 0, 20 + length, p.ip_id, 0, p.ttl,
                             TCP, total)
        head = ETHERNET + ip + self.raw[me] + self.raw[peer] + tcp
        return head + p.data[:p.captured], len(head) + p.length


def record(time_us, captured, length):
    return struct.pack("<IIII", time_us // 1000000, time_us % 1000000, len(captured),
                       length) + captured


def describe(p):
    flags = "".join(n for n, bit in (("S", SYN), ("F", FIN), ("R", 4)) if p.flags & bit)
    return (f"{p.time} {'CS'[p.side]} {p.offset}+{p.length} ack={p.ack} {flags}"
            f"{' mirror' if p.is_mirror else ''}"
            f"{f' captured={p.captured}' if p.captured < p.length else ''}")
