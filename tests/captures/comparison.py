"""Two opinions of a capture, and how they differ, as a set of sentences.

    + request 12 GET /    hopscope has it, the peer has not
    - request 12 GET /    the peer has it, hopscope has not; packet as the peer counts

Packets: tshark names the frame that completed a message, body included, hopscope the one
that brought its first byte. So tshark's may be later, never earlier, and not past the
connection's end; messages are compared by content and order.
"""
import collections

SHOWN_MAX = 60  # characters of a target


def longest_common(a, b, are_same):
    """Pairs (i, j) of a longest common subsequence, in order."""
    lengths = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            lengths[i][j] = (lengths[i + 1][j + 1] + 1 if are_same(a[i], b[j])
                             else max(lengths[i + 1][j], lengths[i][j + 1]))
    pairs, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if are_same(a[i], b[j]) and lengths[i][j] == lengths[i + 1][j + 1] + 1:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def by_stream(messages, is_request):
    streams = collections.defaultdict(list)
    for m in messages:
        if m.is_request == is_request:
            streams[m.stream].append(m)
    return streams


def same_message(last_packets):
    def are_same(mine, theirs):
        return (mine.what == theirs.what
                and mine.packet <= theirs.packet <= last_packets[mine.stream])
    return are_same


def pair_streams(account, peer):
    """{connection: stream of tshark's}: those with most messages in common, first."""
    mine = [by_stream(account.messages, r) for r in (True, False)]
    theirs = [by_stream(peer.messages, r) for r in (True, False)]
    are_same = same_message(account.last_packets)
    scores = []
    for connection in mine[0].keys() | mine[1].keys():
        for stream in theirs[0].keys() | theirs[1].keys():
            score = sum(len(longest_common(m[connection], t[stream], are_same))
                        for m, t in zip(mine, theirs))
            if score:
                scores.append((-score, connection, stream))
    pairs = {}
    for _, connection, stream in sorted(scores):
        if connection not in pairs and stream not in pairs.values():
            pairs[connection] = stream
    return pairs


def sentence(sign, message):
    kind, rest = message.what.split(" ", 1)
    return f"{sign} {kind} {message.packet} {rest[:SHOWN_MAX]}"


def counted(sentences):
    """A set of sentences; one that came more than once says so."""
    return {text if n == 1 else f"{text} ({n} times)"
            for text, n in collections.Counter(sentences).items()}


def compare_direction(mine, theirs, last_packets, is_cut):
    pairs = longest_common(mine, theirs, same_message(last_packets))
    my_common, their_common = {i for i, _ in pairs}, {j for _, j in pairs}
    # Of a list that was cut, nobody knows what came after its end.
    known = max(my_common, default=-1) + 1 if is_cut else len(mine)
    return ([sentence("+", m) for i, m in enumerate(mine[:known]) if i not in my_common]
            + [sentence("-", t) for j, t in enumerate(theirs) if j not in their_common])


def compare_tshark(account, peer):
    found = []
    if account.connection_count != peer.stream_count:
        found.append(f"connections: {account.connection_count}, tshark {peer.stream_count}")
    counts = (account.request_count, account.response_count)
    if peer.is_cut and counts != (peer.request_count, peer.response_count):
        found.append(f"requests/responses: {counts[0]}/{counts[1]}, "
                     f"tshark {peer.request_count}/{peer.response_count}")
    pairs = pair_streams(account, peer)
    for is_request in (True, False):
        mine = by_stream(account.messages, is_request)
        theirs = by_stream(peer.messages, is_request)
        for connection in {m.stream for m in account.messages}:
            found += compare_direction(
                mine[connection], theirs[pairs.get(connection)], account.last_packets,
                peer.is_cut)
        for stream in theirs.keys() - set(pairs.values()):
            found += [sentence("-", m) for m in theirs[stream]]
    return counted(found)


def transaction_sentence(sign, t):
    """Suricata's have no packet."""
    words = (sign, "exchange", t.packet, t.method or "-", (t.target or "-")[:SHOWN_MAX],
             t.status or "-")
    return " ".join(str(w) for w in words if w is not None)


def compare_suricata(account, peer):
    """Transactions have no packet: they are compared as a bag, per pair of endpoints.
    Which of the two it calls the client is not compared: midstream it guesses."""
    found = []
    if account.exchange_count != peer.transaction_count:
        found.append(f"exchanges: {account.exchange_count}, suricata {peer.transaction_count}")
    theirs = collections.Counter(peer.transactions)
    for t in account.transactions:
        key = t._replace(packet=None)
        if theirs[key]:
            theirs[key] -= 1
        elif not peer.is_cut:
            found.append(transaction_sentence("+", t))
    found += [transaction_sentence("-", t) for t in theirs.elements()]
    return counted(found)
