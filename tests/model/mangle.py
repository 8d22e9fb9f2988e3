"""What a capture makes of a connection: each function takes the packets in the order they
were sent and changes what is seen of them. Those of HARMLESS lose no byte."""
import collections

from stack import FIN, RST

COPY_WAIT_US = 8000  # a repetition; sooner, and without an IP id, it were a mirror's copy


def data_packets(packets):
    return [i for i, p in enumerate(packets) if p.length]


def pick(packets, rng):
    found = data_packets(packets)
    return rng.choice(found) if found else None


def insert_by_time(packets, p):
    at = len(packets)
    while at > 0 and packets[at - 1].time > p.time:
        at -= 1
    packets.insert(at, p)


def key_of(p):
    return p.side, p.offset, p.length, p.ack, p.flags


def is_like(p, q):
    """One would pass for a mirror's copy of the other."""
    return key_of(p) == key_of(q) and abs(p.time - q.time) < COPY_WAIT_US


def drop_alike(packets):
    """Reordering brings repetitions too close together; the first is kept."""
    seen = collections.Counter(map(key_of, packets))
    for i in range(len(packets) - 1, 0, -1):
        p, near = packets[i], i - 1
        if seen[key_of(p)] == 1:
            continue
        while near >= 0 and packets[near].time > p.time - COPY_WAIT_US:
            if is_like(p, packets[near]):
                del packets[i]
                break
            near -= 1


def split(packets, rng, _):
    i = pick(packets, rng)
    if i is None or packets[i].length < 2:
        return
    p = packets[i]
    at = rng.randrange(1, p.length)
    tail = p.copy()
    tail.data, tail.offset, tail.length = p.data[at:], p.offset + at, p.length - at
    tail.captured, tail.time = tail.length, p.time + 1
    p.data, p.length, p.captured, p.flags = p.data[:at], at, at, p.flags & ~FIN
    packets.insert(i + 1, tail)


def merge(packets, rng, _):
    """Two segments that a network card joined."""
    i = pick(packets, rng)
    if i is None or i + 1 >= len(packets):
        return
    p, q = packets[i], packets[i + 1]
    if q.side != p.side or q.offset != p.end or p.flags & FIN or q.flags & RST:
        return
    if q.ack != p.ack or not q.length or p.length + q.length > 60000:
        return
    p.data += q.data
    p.length = p.captured = len(p.data)
    p.flags |= q.flags & FIN
    p.time = q.time
    del packets[i + 1]


def repeat(packets, rng, _):
    i = pick(packets, rng)
    if i is None:
        return
    p = packets[i].copy()
    p.time += rng.choice((COPY_WAIT_US, 12000, 31000, 150000))
    p.sent = p.time
    if any(is_like(p, q) for q in packets):
        return
    insert_by_time(packets, p)


def reorder(packets, rng, _):
    """A packet is seen later than those behind it, by 50 ms at most."""
    if len(packets) < 5:
        return
    i = rng.randrange(3, len(packets) - 1)
    to = min(len(packets) - 1, i + rng.randrange(1, 5))
    while to > i and (packets[to].time - packets[i].sent > 50000
                      or any(p.flags & RST for p in packets[i:to + 1])):
        to -= 1
    if to == i:
        return
    p = packets.pop(i)
    p.time = packets[to - 1].time + 1
    packets.insert(to, p)


def overlap(packets, rng, conversation):
    """A segment begins earlier, with bytes that were sent already; or is wholly old."""
    i = pick(packets, rng)
    if i is None or packets[i].offset == 0:
        return
    p = packets[i]
    stream = conversation.streams[p.side]
    start = max(0, p.offset - rng.randrange(1, 1500))
    if rng.random() < 0.5:
        p.offset, p.data = start, bytes(stream[start:p.end])
        p.length = p.captured = len(p.data)
        return
    q = p.copy()
    q.offset, q.flags = start, q.flags & ~FIN
    q.data = bytes(stream[start:start + rng.randrange(1, p.end - start + 1)])
    q.length = q.captured = len(q.data)
    q.time = q.sent = q.time + COPY_WAIT_US
    if not any(is_like(p, q) for p in packets):
        insert_by_time(packets, q)


def contradict(packets, rng, conversation):
    """The same range once more with other bytes, before or after; none of them steers."""
    i = pick(packets, rng)
    if i is None:
        return
    p = packets[i]
    ranges = [(max(a, p.offset), min(b, p.end)) for a, b in conversation.mutable[p.side]]
    places = [(a, b) for a, b in ranges if a < b]
    if not places:
        return
    data = bytearray(p.data)
    for a, b in rng.sample(places, min(len(places), 2)):
        at = rng.randrange(a, b) - p.offset
        data[at] = 65 + rng.randrange(26)
    q = p.copy()
    q.data, q.flags = bytes(data), q.flags & ~FIN
    q.ttl = rng.choice((64, 64, 7))
    if rng.random() < 0.5:
        q.time = p.time - 1
        packets.insert(i, q)
    else:
        q.time = q.sent = q.time + COPY_WAIT_US
        insert_by_time(packets, q)


def number(packets, rng):
    """IP ids, once everything is in its place; then what a mirror port doubles."""
    ids = [rng.getrandbits(16), rng.getrandbits(16)]
    latest = 0
    for p in packets:
        latest = p.time = max(p.time, latest)
        ids[p.side] = ids[p.side] % 65535 + 1
        p.ip_id, p.stamp = ids[p.side], p.time // 1000 & 0xffffffff


def mirror(packets, rng, _):
    i = pick(packets, rng)
    if i is None:
        return
    p = packets[i].copy()
    p.is_mirror = True
    p.ttl -= rng.randrange(2)
    p.time += rng.randrange(0, 900)
    insert_by_time(packets, p)


def drop(packets, rng, _):
    i = rng.randrange(len(packets))
    del packets[i:i + rng.choice((1, 1, 1, 2, 4))]


def drop_data(packets, rng, _):
    i = pick(packets, rng)
    if i is not None:
        del packets[i]


def cut(packets, rng, _):
    snap = rng.choice((10, 100, 400))
    for p in packets:
        p.captured = min(p.length, snap)


def start_late(packets, rng, _):
    del packets[:rng.randrange(1, max(2, len(packets)))]


def end_early(packets, rng, _):
    del packets[rng.randrange(1, max(2, len(packets))):]


HARMLESS = (split, split, merge, repeat, reorder, reorder, overlap, contradict)
HARMFUL = (drop_data, drop_data, drop_data, drop, cut, start_late, end_early)


def mangle(packets, rng, conversation, is_lossy):
    """Returns the names of what was done."""
    done = []
    steps = [rng.choice(HARMLESS) for _ in range(rng.choice((0, 1, 3, 8)))]
    if is_lossy:
        steps += [rng.choice(HARMFUL) for _ in range(rng.choice((1, 1, 2)))]
        if rng.random() < 0.3:
            rng.shuffle(steps)
    for step in steps:
        if packets:
            step(packets, rng, conversation)
        done.append(step.__name__)
    drop_alike(packets)
    number(packets, rng)
    for _ in range(rng.choice((0, 0, 1, 4))):
        mirror(packets, rng, conversation)
    return done

