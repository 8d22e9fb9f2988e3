"""The byte map of one direction: what was captured of its stream, and what first."""
import bisect

from conversation import SERVER
from stack import ACK, FIN, RST, SYN


GIVEN_UP_US = 190000  # after the peer acknowledged it, a byte is waited for that long

CLEAR_BYTES = 10    # "HTTP/1.1 2": fewer of a start line do not show that it is HTTP


class ByteMap:
    """`have[i]`: byte i was captured. `bytes`: its first copy. `pieces`: (from, to,
    packet) of first copies. `known_end`: as far as the capture tells that there is
    something: captured bytes, a FIN, what the peer acknowledged."""

    def __init__(self, side, length, base):
        self.base = base                 # before it: of no interest
        self.side, self.have, self.bytes = side, bytearray(length), bytearray(length)
        self.pieces = []
        self.repeated = 0
        self.differing = 0               # segments that contradict what came first
        self.sure_conflicts = 0          # of those, copies of one that still stands whole
        self.packets = 0
        self.fin = self.fin_packet = None
        self.known_end = self.seen_end = 0
        self.acked = 0
        self.has_tiny = self.has_cut = False
        self.is_late = False             # something came when it had been given up
        self.is_after_reset = False
        self.rst = None
        self.given_up = bytearray(length)  # cut by the snaplen: a gap at once
        self.acks = []                   # offsets, growing
        self.ack_times = []

    def fill(self, packets):
        for p in packets:
            if p.side != self.side:
                if p.flags & ACK and not p.flags & RST and p.ack > self.acked:
                    self.acked = p.ack
                    self.acks.append(p.ack)
                    self.ack_times.append(p.time)
                continue
            if p.is_mirror:
                continue
            self.packets += 1
            if p.length:
                self.add(p)
            if p.flags & RST and self.rst is None:
                self.rst = p
            if p.flags & FIN and self.fin is None:
                self.fin, self.fin_packet = p.end, p
        self.known_end = max(self.known_end, min(self.acked, len(self.have)))
        if self.fin is not None:
            self.known_end = max(self.known_end, self.fin)
        elif not self.has_end():
            self.known_end = min(self.known_end, max(self.acked - 1, 0))

    def add(self, p):
        self.has_tiny |= p.length == 1
        self.has_cut |= p.captured < p.length
        a, b = max(p.offset, self.base), p.offset + p.captured
        if p.end > self.base:
            self.known_end = self.seen_end = max(self.known_end, p.end)
            self.given_up[p.offset + p.captured:p.end] = b"\1" * (p.length - p.captured)
        if a >= b:
            return
        old = self.have[a:b]
        new = old.count(0)
        self.repeated += p.length - new
        if new == b - a:
            self.take(a, b, p)
            return
        if self.is_other(a, b, p):
            self.differing += 1
            twin = any(x == a and y == b for x, y, q in self.pieces[-12:])
            is_probe = p.length == 1     # a keep-alive's byte is of no account (HAZARDS 13)
            self.sure_conflicts += twin and not is_probe and not self.is_closed(p)
        while a < b:
            is_new = not self.have[a]
            to = self.have.find(1 if is_new else 0, a, b)
            to = b if to < 0 else to
            if is_new:
                self.take(a, to, p)
            a = to

    def is_other(self, a, b, p):
        for i in range(a, b):
            if self.have[i] and self.bytes[i] != p.data[i - p.offset]:
                return True
        return False

    def is_closed(self, p):
        """The connection may be over, and all but its figures forgotten."""
        return self.fin is not None and self.acked > self.fin

    def take(self, a, b, p):
        self.have[a:b] = b"\1" * (b - a)
        self.bytes[a:b] = p.data[a - p.offset:b - p.offset]
        self.pieces.append((a, b, p))
        self.is_after_reset |= self.rst is not None
        at = bisect.bisect_right(self.acks, a)
        acked = self.ack_times[at] if at < len(self.acks) else p.time
        self.is_late |= p.time - acked > GIVEN_UP_US or 1 in self.given_up[a:b]

    def conclude(self):
        self.pieces.sort(key=lambda piece: piece[0])
        self.starts = {a for a, _, p in self.pieces if p.offset == a}
        self.clear_starts = {a for a, b, p in self.pieces
                             if p.offset == a and b - a >= CLEAR_BYTES}
        self.missing = []                # (from, to), up to known_end
        at = self.base
        while at < self.known_end:
            a = self.have.find(0, at, self.known_end)
            if a < 0:
                break
            b = self.have.find(1, a, self.known_end)
            at = self.known_end if b < 0 else b
            self.missing.append((a, at))

    def has_end(self):
        """Without the FIN, an ACK of it looks like one of a byte more, and vice versa."""
        return self.fin is not None or (self.acked <= len(self.have)
                                        and self.acked != self.seen_end + 1)

    def missing_in(self, a, b):
        return [(max(x, a), min(y, b)) for x, y in self.missing if x < b and y > a]

    def packet_at(self, offset):
        """The packet whose copy of that byte came first."""
        return next(p for a, b, p in self.pieces if a <= offset < b)

    def times(self, offsets):
        """When each of these bytes could be read in order: {offset: microseconds}."""
        found, latest, wanted = {}, 0, sorted(offsets)
        for a, b, p in self.pieces:
            latest = max(latest, p.time)
            while wanted and wanted[0] < b:
                found[wanted.pop(0)] = latest
        return found


def maps_of(conversation, packets):
    bases = [0, 0]
    if packets and not has_handshake(packets):
        first = packets[0]
        bases[first.side] = max(first.offset, 0)
        bases[1 - first.side] = base_of_other(packets, first)
    maps = [ByteMap(side, len(conversation.streams[side]), bases[side])
            for side in (0, 1)]
    for m in maps:
        m.fill(packets)
        m.conclude()
    return maps


def base_of_other(packets, first):
    """Where its own first packet stands, or what was acknowledged before that came; its
    own first bytes may be older, if nothing has been told of the first side's before."""
    base, is_told = None, False
    for p in packets:
        if p.side == first.side:
            is_told |= p.length > 0 and p.offset <= max(first.offset, 0)
            if base is None and p.flags & ACK and not p.flags & RST:
                base = p.ack
        elif base is None:
            return max(p.offset, 0)
        elif p.length > 1 and not is_told:
            return min(base, p.offset)
        elif p.length or p.flags & FIN:
            break
    return base or 0


def has_handshake(packets):
    if not packets or packets[0].flags & (SYN | ACK) != SYN:
        return False
    answer = next((p for p in packets if p.side == SERVER), None)
    return answer is not None and answer.flags & SYN != 0
