"""What two HTTP/1.1 peers say to each other: both byte streams, the messages in them, and
the order in which the parts are sent. This is the truth that a capture shows more or less
of (RFC 9112).

    plan --> exchanges --> two streams of bytes + steps (side, from, to)

Every request and its response carry the same token (target, User-Agent; Server), and no
two responses of a connection have the same status: a shifted pair cannot stay hidden."""
CLIENT, SERVER = 0, 1
FILLER = bytes(97 + (i * i + i // 7) % 26 for i in range(1 << 17))
TRAP = b"\r\n\r\nGET /trap HTTP/1.1\r\nHost: trap\r\n\r\nHTTP/1.1 299 Trap\r\n\r\n"
STATUSES = [200, 201, 202, 203, 206, 207, 208, 226, 300, 301, 302, 303, 307, 308, 401,
            403, 404, 406, 407, 409, 410, 412, 416, 421, 422, 423, 424, 428, 429, 451, 500,
            502, 503, 504, 507, 508]


class Message:
    """One request or one final response; offsets are those of its side's stream."""

    def __init__(self, side, index):
        self.side, self.index = side, index
        self.first = self.start = 0      # of its first interim response; of itself
        self.head_end = self.end = 0
        self.framing = "none"
        self.body = 0                    # bytes, as framed
        self.declared = None
        self.data = []                   # (from, to): a loss inside one costs no framing
        self.token = (0, 0)              # of the value of User-Agent or Server
        self.status = None
        self.interims = []


class Exchange:
    def __init__(self, index, method, target):
        self.index, self.method, self.target = index, method, target
        self.request = Message(CLIENT, index)
        self.response = Message(SERVER, index)


class Conversation:
    def __init__(self):
        self.streams = (bytearray(), bytearray())
        self.exchanges = []
        self.steps = []                  # (side, from, to, wait_us); in order
        self.is_pipelined = False
        self.close = None                # fin-client | fin-server | rst-client | None
        self.mutable = ([], [])          # ranges whose bytes steer nothing


def random_size(rng, is_big):
    kind = rng.random()
    if kind < 0.25:
        return rng.randrange(0, 3)
    if kind < 0.8:
        return rng.randrange(3, 900)
    return rng.randrange(900, 60000 if is_big and rng.random() < 0.5 else 6000)


def write_body(conversation, message, size, is_chunked, trap, rng):
    out = conversation.streams[message.side]
    mutable = conversation.mutable[message.side]
    at = rng.randrange(len(FILLER) - size)
    body = FILLER[at:at + size]
    if trap and size > len(TRAP):
        body = TRAP + body[len(TRAP):]
    if not is_chunked:
        message.data.append((len(out), len(out) + size))
        mutable.append((len(out) + len(TRAP), len(out) + size))
        out += body
        return
    done = 0
    while done < size:
        part = min(size - done, rng.randrange(1, max(2, size)))
        out += b"%x\r\n" % part
        message.data.append((len(out), len(out) + part))
        mutable.append((len(out) + (len(TRAP) if done == 0 else 0), len(out) + part))
        out += body[done:done + part] + b"\r\n"
        done += part
    out += b"0\r\n" + (b"X-Trailer: 1\r\n" if rng.random() < 0.2 else b"") + b"\r\n"


def write_head(conversation, message, start_line, fields, token):
    out = conversation.streams[message.side]
    message.start = len(out)
    out += start_line + b"\r\n" + token[0] + b": "
    message.token = (len(out), len(out) + len(token[1]))
    conversation.mutable[message.side].append((len(out) + len(token[1]) - 4,
                                               len(out) + len(token[1])))
    out += token[1] + b"\r\n" + b"".join(f + b"\r\n" for f in fields) + b"\r\n"
    message.head_end = len(out)


def write_request(conversation, exchange, rng, plan):
    message = exchange.request
    token = b"ua%d-aaaa" % exchange.index
    fields = [b"Host: model.example"]
    if rng.random() < 0.2:
        fields.append(b"X-Pad: " + FILLER[:rng.randrange(1, 2500)])
    size = random_size(rng, plan.is_big) if exchange.method == "POST" else 0
    is_chunked = exchange.method == "POST" and rng.random() < 0.2
    if exchange.method == "POST":
        message.framing = "chunked" if is_chunked else "length"
        message.declared = None if is_chunked else size
        fields.append(b"Transfer-Encoding: chunked" if is_chunked
                      else b"Content-Length: %d" % size)
    message.first = len(conversation.streams[CLIENT])
    line = f"{exchange.method} {exchange.target} HTTP/1.1".encode()
    write_head(conversation, message, line, fields, (b"User-Agent", token))
    message.body = size
    if exchange.method == "POST":
        write_body(conversation, message, size, is_chunked, plan.has_trap, rng)
    message.end = len(conversation.streams[CLIENT])


def write_response(conversation, exchange, status, rng, plan, is_last):
    message = exchange.response
    message.status = status
    out = conversation.streams[SERVER]
    message.first = len(out)
    for _ in range(rng.randrange(1, 3) if rng.random() < 0.1 else 0):
        message.interims.append(103)
        out += b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    size = random_size(rng, plan.is_big)
    has_body = exchange.method != "HEAD" and status not in (204, 304)
    fields = []
    kind = rng.choice(("length", "length", "chunked"))
    if is_last and conversation.close == "fin-server" and rng.random() < 0.5:
        kind = "close"
    if has_body:
        message.framing = kind
    if kind == "length" and status != 204:
        fields.append(b"Content-Length: %d" % size)
        message.declared = size
    if kind == "chunked" and has_body:
        fields.append(b"Transfer-Encoding: chunked")
    write_head(conversation, message, b"HTTP/1.1 %d Model" % status, fields,
               (b"Server", b"srv%d-aaaa" % exchange.index))
    if has_body:
        message.body = size
        write_body(conversation, message, size, kind == "chunked", plan.has_trap, rng)
    message.end = len(out)


def choose_statuses(rng, count):
    statuses = rng.sample(STATUSES, count)
    for special in (204, 304):
        if rng.random() < 0.15:
            statuses[rng.randrange(count)] = special
    return statuses if len(set(statuses)) == count else rng.sample(STATUSES, count)


def plan_steps(conversation, rng):
    """Bursts of requests; the next may leave while the responses still come."""
    exchanges, steps = conversation.exchanges, conversation.steps
    at = 0
    pending = None
    while at < len(exchanges):
        burst = rng.randrange(1, 6) if conversation.is_pipelined else 1
        group = exchanges[at:at + burst]
        wait = rng.choice((200, 3000, 30000, 700000, 2500000))
        request = (CLIENT, group[0].request.first, group[-1].request.end, wait)
        first, last = group[0].response.first, group[-1].response.end
        if pending is not None and rng.random() < 0.5:
            middle = rng.randrange(pending[1], pending[2] + 1)
            steps += [(SERVER, pending[1], middle, pending[3]), request,
                      (SERVER, middle, pending[2], 200)]
        else:
            steps += ([pending] if pending else []) + [request]
        pending = (SERVER, first, last, rng.choice((100, 2000, 45000, 400000)))
        if not conversation.is_pipelined:
            steps.append(pending)
            pending = None
        at += len(group)
    if pending:
        steps.append(pending)


def make_conversation(rng, name, plan):
    """`plan` has is_big, has_trap; the same rng state gives the same conversation."""
    c = Conversation()
    count = rng.choice((1, 1, 2, 3, 4, 6, 9))
    c.is_pipelined = count > 1 and rng.random() < 0.4
    c.close = rng.choice(("fin-client", "fin-server", "rst-client", None))
    statuses = choose_statuses(rng, count)
    for i in range(count):
        method = rng.choice(("GET", "GET", "GET", "POST", "HEAD"))
        pad = "x" * rng.randrange(1, 1800) if rng.random() < 0.1 else ""
        exchange = Exchange(i, method, f"/{name}/{i}?{pad}")
        write_request(c, exchange, rng, plan)
        write_response(c, exchange, statuses[i], rng, plan, i == count - 1)
        c.exchanges.append(exchange)
    plan_steps(c, rng)
    return c
