"""What must be in the database, from the truth and the byte maps alone (SEMANTICS.md).

    message --which of its bytes are missing?--> whole | damaged | cut | lost

whole and damaged ones (a loss inside a body of known length, or inside one chunk's data)
have exact rows. From a lost one on its direction is lost, until a message begins where a
captured segment begins. Of what cannot be known, it is only asked that nothing be
invented and no pair be shifted without being called ambiguous."""
from bytemap import has_handshake, maps_of
from conversation import CLIENT, SERVER
from stack import FIN, RST

WHOLE, DAMAGED, CUT, LOST = "whole", "damaged", "cut", "lost"


def fate_of(message, m):
    gaps = m.missing_in(message.first, max(message.end, message.first + 1))
    if message.framing == "close" and m.fin is None:
        return LOST if m.missing_in(message.first, message.head_end) else CUT
    if message.end > m.known_end or (message.first == message.end):
        return CUT if not gaps and message.head_end <= m.known_end else LOST
    if not gaps:
        return WHOLE
    for gap in gaps:
        if not any(a <= gap[0] and gap[1] <= b for a, b in message.data):
            return LOST
        if gap[1] == message.end and gap not in m.missing:
            return LOST                  # it goes on into the next message
    return DAMAGED


def fates_of(messages, m, is_entered):
    """One per message. `is_entered`: the capture did not see the direction's beginning,
    and what begins in the smallest of segments is not yet known for HTTP."""
    fates, is_lost = [], is_entered
    for message in messages:
        fate = fate_of(message, m)
        starts = m.clear_starts if is_entered else m.starts
        if is_lost and message.first not in starts:
            fate = LOST
        is_lost = fate == LOST
        is_entered &= is_lost
        fates.append(fate)
    return fates


class Expected:
    """Of one connection."""

    def __init__(self, conversation, packets):
        self.c = conversation
        self.packets = packets
        self.maps = maps_of(conversation, packets)
        self.is_midstream = not has_handshake(packets)
        exchanges = conversation.exchanges
        self.fates = [fates_of([e.request for e in exchanges], self.maps[CLIENT],
                               self.is_midstream),
                      fates_of([e.response for e in exchanges], self.maps[SERVER],
                               self.is_midstream)]
        self.is_in_turn = not conversation.is_pipelined and not any(
            self.is_resent(e) or self.is_overtaken(e) for e in exchanges)
        self.spread_head_loss()
        self.is_late = any(m.is_late for m in self.maps)
        self.is_sure = not self.is_midstream and not self.is_late
        self.is_whole = self.is_sure and all(
            f == WHOLE for fates in self.fates for f in fates)

    def is_resent(self, exchange):
        """The first copy of the request's beginning acknowledges a part of its own
        response: only a repetition of it was captured, perhaps with what was asked later,
        and what its client had received when it asked is not known (SEMANTICS 4)."""
        first, m = exchange.request.first, self.maps[CLIENT]
        return m.have[first] and m.packet_at(first).ack > exchange.response.first

    def is_overtaken(self, exchange):
        """The request came behind the answer to a later one, and of the server nothing
        before that was captured: what is missing there may have been an interim response,
        the later request sent ahead, and then the answer would be this one's."""
        first, m = exchange.request.first, self.maps[CLIENT]
        server = self.maps[SERVER]
        if not self.is_midstream or not m.have[first] \
                or any(server.have[:exchange.response.end]):
            return False
        asked = m.packet_at(first).time
        return any(server.have[e.response.first]
                   and server.packet_at(e.response.first).time < asked
                   for e in self.c.exchanges[exchange.index + 1:])

    def spread_head_loss(self):
        """A response to a HEAD request that was not seen, or is not known to be its, is
        framed wrongly: what stands behind it is not known either."""
        requests, responses = self.fates
        sure = self.count_known()
        if not self.is_in_turn and any(e.method == "HEAD" for e in self.c.exchanges):
            responses[sure:] = [LOST] * (len(responses) - sure)
        for i, e in enumerate(self.c.exchanges):
            if e.method == "HEAD" and requests[i] in (LOST, CUT):
                responses[i:] = [LOST] * (len(responses) - i)
                return

    def count_sure(self):
        """How many exchanges from the first on have exact rows."""
        return self.count_known() if self.is_sure else 0

    def count_known(self):
        count = 0
        for request, response in zip(*self.fates):
            if self.is_midstream or {request, response} - {WHOLE, DAMAGED}:
                break
            count += 1
        return count

    def looks_sequential(self, request, response):
        """Whether a capture that began within the connection shows the bytes, the ACKs
        and the order of a client that asks one after the other, its `request` answered
        by `response`: each request was sent when all before its answer had come, and the
        answer acknowledges it. That others asked before the capture began are still to be
        answered, and that they are as many all the time, nobody can know: the pair is
        inferred by what SEMANTICS 3 asks for."""
        captured = [[e for e in self.c.exchanges[:last + 1]
                     if m.base <= self.message_of(e, m).first < m.known_end]
                    for m, last in zip(self.maps, (request, response))]
        if not self.is_midstream or len(captured[CLIENT]) != len(captured[SERVER]):
            return False
        if any(m.missing_in(m.base, self.message_of(e[-1], m).end)
               for m, e in zip(self.maps, captured)):
            return False
        pairs = list(zip(*captured))
        return all(self.is_answer_in_turn(q, a) for q, a in pairs) \
            and all(self.fits(q, a) for q, a in pairs[:-1])

    def message_of(self, exchange, m):
        return exchange.response if m.side else exchange.request

    def is_answer_in_turn(self, asked, answered):
        first, answer = asked.request.first, answered.response.first
        return (self.maps[CLIENT].packet_at(first).ack == answer
                and self.maps[SERVER].packet_at(answer).ack >= asked.request.end)

    def fits(self, asked, answered):
        """The response ends in the same place as an answer to that request."""
        r = answered.response
        if asked.method == "HEAD":
            return r.end == r.head_end
        return answered.method != "HEAD" or r.status in (204, 304) or r.declared == 0

    def message_row(self, message):
        m = self.maps[message.side]
        name = "response" if message.side else "request"
        missing = sum(b - a for a, b in m.missing_in(message.head_end, message.end))
        is_complete = 1
        if message.framing == "close":
            is_complete = int(m.fin is not None)
        row = {f"{name}_body_bytes": message.body, f"{name}_framing": message.framing,
               f"{name}_head_bytes": message.head_end - message.start,
               f"{name}_declared_bytes": message.declared,
               f"{name}_missing_bytes": missing, f"{name}_complete": is_complete}
        token = bytes(m.bytes[slice(*message.token)]).decode()
        row["server" if message.side else "user_agent"] = token
        return row

    def exchange_row(self, index):
        e = self.c.exchanges[index]
        row = {"ordinal": index + 1, "method": e.method, "target": e.target,
               "host": "model.example", "status": e.response.status,
               "interims": len(e.response.interims), "pair_confidence": "exact"}
        row.update(self.message_row(e.request))
        row.update(self.message_row(e.response))
        row["state"] = "complete" if row["response_complete"] else "response_incomplete"
        if self.is_whole:
            row.update(self.time_row(e), **self.depth_row(index))
        return row

    def time_row(self, e):
        q, r = e.request, e.response
        t = self.maps[CLIENT].times((q.start, q.end - 1))
        u = self.maps[SERVER].times((r.start, r.end - 1))
        row = {"request_start_us": t[q.start], "request_end_us": t[q.end - 1],
               "response_start_us": u[r.start]}
        if r.framing != "close":
            row["response_end_us"] = u[r.end - 1]
        return row

    def depth_row(self, index):
        start = self.c.exchanges[index].request.start
        acked = self.maps[CLIENT].packet_at(start).ack
        if any(p.side == SERVER and p.offset < acked and p.ack > start and p.length
               for p in self.packets):
            return {}                    # sent again: the server had it before
        unknown = sum(e.response.end > acked for e in self.c.exchanges[:index])
        return {"depth": 1 + unknown, "depth_basis": "ack"}

    def connection_row(self):
        """Figures that are known to the byte; the others are missing from the row."""
        row = {}
        if not self.is_sure:
            return row
        row = {"open_kind": "handshake", "role_basis": "syn"}
        for m, side in zip(self.maps, ("client", "server")):
            row[f"{side}_packets"] = m.packets
            row[f"{side}_bytes"] = sum(m.have)
            if m.has_end():
                row[f"{side}_missing_bytes"] = sum(b - a for a, b in m.missing)
            if not m.has_tiny and not m.has_cut:
                row[f"{side}_retransmitted_bytes"] = m.repeated
            if not m.differing:
                row[f"{side}_overlap_conflicts"] = 0
        if self.is_whole:
            row["exchanges"] = len(self.c.exchanges)
            row["resyncs"] = 0
            row.update(self.closing_row())
        return row

    def closing_row(self):
        ends = [p for p in self.packets if p.flags & (FIN | RST)]
        if not ends:
            return {"close_kind": "open", "closed_by": None}
        kind = "rst" if ends[0].flags & RST else "fin"
        if kind == "rst" or len({p.side for p in ends}) == 2:
            return {"close_kind": kind, "closed_by": self.c.close.split("-")[1]}
        return {"close_kind": kind}
