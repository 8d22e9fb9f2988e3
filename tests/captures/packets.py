"""Small captures as lists of packets: Ethernet, IPv4, TCP in classic pcap files. What
tests need to move, drop and rewrite packets; nothing here is fast or complete."""
import dataclasses
import struct

GLOBAL, RECORD = struct.Struct("<IHHiIII"), struct.Struct("<IIII")
UNITS = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}  # magic: nanoseconds per unit
SYN, FIN, RST, ACK = 2, 1, 4, 16


@dataclasses.dataclass
class Packet:
    ns: int
    frame: bytes

    def __post_init__(self):
        ip = 14
        tcp = ip + (self.frame[ip] & 15) * 4
        assert self.frame[12:14] == b"\x08\0" and self.frame[ip + 9] == 6
        total, = struct.unpack_from(">H", self.frame, ip + 2)
        self.source_ip, self.target_ip = self.frame[26:30], self.frame[30:34]
        (self.source_port, self.target_port, self.seq, self.ack, offset,
         self.flags) = struct.unpack_from(">HHIIBB", self.frame, tcp)
        self.payload = self.frame[tcp + (offset >> 4) * 4:ip + total]
        self.tcp = tcp

    @property
    def source(self):
        return self.source_ip, self.source_port

    @property
    def target(self):
        return self.target_ip, self.target_port

    @property
    def length(self):
        """What it takes of the sequence numbers."""
        return len(self.payload) + bool(self.flags & SYN) + bool(self.flags & FIN)


def load(path):
    data = path.read_bytes()
    magic, _, _, _, _, _, link = GLOBAL.unpack_from(data)
    assert link == 1, f"{path}: not Ethernet"
    packets, at = [], GLOBAL.size
    while at < len(data):
        seconds, fraction, length, _ = RECORD.unpack_from(data, at)
        at += RECORD.size
        packets.append(Packet(seconds * 10**9 + fraction * UNITS[magic],
                              data[at:at + length]))
        at += length
    return packets


def store(path, frames):
    """`frames`: (nanoseconds, bytes), in the order of the file."""
    parts = [GLOBAL.pack(0xA1B23C4D, 2, 4, 0, 0, 1 << 18, 1)]
    for ns, frame in frames:
        parts += [RECORD.pack(ns // 10**9, ns % 10**9, len(frame), len(frame)), frame]
    path.write_bytes(b"".join(parts))


def clients(packets):
    """The ends that sent a SYN without ACK."""
    return {p.source for p in packets if p.flags & (SYN | ACK) == SYN}


def checksum(data):
    total = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def with_address(packet, old, new):
    """The frame with another IPv4 address, both checksums right."""
    frame = bytearray(packet.frame)
    for at in (26, 30):
        if frame[at:at + 4] == old:
            frame[at:at + 4] = new
    frame[24:26] = b"\0\0"
    frame[24:26] = struct.pack(">H", checksum(bytes(frame[14:packet.tcp])))
    end = 14 + struct.unpack_from(">H", frame, 16)[0]
    frame[packet.tcp + 16:packet.tcp + 18] = b"\0\0"
    segment = bytes(frame[packet.tcp:end])
    pseudo = bytes(frame[26:34]) + struct.pack(">HH", 6, len(segment))
    frame[packet.tcp + 16:packet.tcp + 18] = struct.pack(">H", checksum(pseudo + segment))
    return bytes(frame)
