"""Two TCP peers that hold a conversation: every packet they send, in order, with correct
sequence and acknowledgment numbers (as stream offsets; a FIN takes one).

    conversation.steps --> segments, ACKs between them --> closing"""
from conversation import CLIENT, SERVER

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


class Packet:
    """One packet. `offset` counts from the first byte behind the SYN, which has -1."""
    __slots__ = ("side", "offset", "data", "length", "ack", "flags", "time", "ip_id",
                 "ttl", "captured", "is_mirror", "stamp", "sent")

    def __init__(self, side, offset, data, ack, flags, time):
        self.side, self.offset, self.data = side, offset, data
        self.ack, self.flags, self.time = ack, flags, time
        self.length = len(data)
        self.captured = self.length      # of the payload, by the snaplen
        self.ip_id, self.ttl, self.is_mirror = 0, 64, False
        self.sent = time
        self.stamp = 0                   # of the timestamps option

    def copy(self):
        p = Packet(self.side, self.offset, self.data, self.ack, self.flags, self.time)
        p.ip_id, p.ttl, p.captured = self.ip_id, self.ttl, self.captured
        p.stamp, p.sent = self.stamp, self.sent
        return p

    @property
    def end(self):
        return self.offset + self.length


class Peers:
    def __init__(self, conversation, rng, start_us):
        self.c, self.rng = conversation, rng
        self.time = start_us
        self.sent = [0, 0]
        self.received = [0, 0]           # by the side, of the other's stream
        self.packets = []
        self.size = rng.choice((1460, 1460, 536, 200, 60, 5000))
        if max(len(s) for s in conversation.streams) < 800 and rng.random() < 0.1:
            self.size = 3
        self.is_aligned = rng.random() < 0.7
        self.acks_often = rng.random()

    def emit(self, side, offset, data, flags):
        self.time += self.rng.randrange(20, 900)
        p = Packet(side, offset, data, self.received[side], flags, self.time)
        self.packets.append(p)

    def acknowledge(self, side):
        if self.received[side] == self.sent[1 - side]:
            return                       # nothing tells a second one from a mirror's copy
        self.received[side] = self.sent[1 - side]
        self.emit(side, self.sent[side], b"", ACK)

    def borders(self, side, first, last):
        inside = set()
        if self.is_aligned:
            for e in self.c.exchanges:
                m = e.response if side else e.request
                inside.update(b for b in (m.first, m.start) if first < b < last)
        return sorted(inside) + [last]

    def send(self, side, first, last):
        rng = self.rng
        for border in self.borders(side, first, last):
            while first < border:
                size = self.size if rng.random() < 0.7 else rng.randrange(1, self.size + 1)
                to = min(border, first + size)
                self.emit(side, first, bytes(self.c.streams[side][first:to]), ACK | PSH)
                first = self.sent[side] = to
                if rng.random() < self.acks_often * 0.5:
                    self.acknowledge(1 - side)

    def finish(self, side):
        last = self.packets[-1]
        rides = last.side == side and last.length and self.rng.random() < 0.3
        if rides and last.end == self.sent[side]:
            last.flags |= FIN
        else:
            self.emit(side, self.sent[side], b"", ACK | FIN)
        self.sent[side] += 1

    def end(self):
        close = self.c.close
        if close is None:
            if self.rng.random() < 0.7:
                self.acknowledge(CLIENT)
            return
        first = SERVER if close == "fin-server" else CLIENT
        if first == CLIENT:
            self.acknowledge(CLIENT)
        if close == "rst-client":
            self.time += 1000
            self.emit(CLIENT, self.sent[CLIENT], b"", RST | ACK)
            return
        self.finish(first)
        self.acknowledge(1 - first)
        self.time += self.rng.choice((0, 0, 400000))
        self.finish(1 - first)
        self.acknowledge(first)

    def talk(self):
        """Returns every packet in the order sent; the first three are the handshake."""
        self.emit(CLIENT, -1, b"", SYN)
        self.emit(SERVER, -1, b"", SYN | ACK)
        self.emit(CLIENT, 0, b"", ACK)
        for side, first, last, wait in self.c.steps:
            self.time += wait
            is_reply_to_all = side == SERVER or not self.c.is_pipelined
            if is_reply_to_all:
                self.received[side] = self.sent[1 - side]
            elif wait > 2000 and self.rng.random() < 0.5:
                self.received[side] = self.sent[1 - side]
            self.send(side, first, last)
            if self.rng.random() < 0.3:
                self.acknowledge(1 - side)
        self.end()
        return self.packets
