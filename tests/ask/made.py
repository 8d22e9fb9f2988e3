"""Captures made for questions that no sample answers: a few hosts, exact times.

Times are seconds from the capture's start; packets are numbered as they are added."""
import ipaddress
import struct

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
START_US = 1_700_000_000_000_000


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return 0xffff - total


class Capture:
    def __init__(self):
        self.records = []

    def write(self, path):
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
            for us, frame in sorted(self.records, key=lambda r: r[0]):
                us += START_US
                f.write(struct.pack("<IIII", us // 1_000_000, us % 1_000_000,
                                    len(frame), len(frame)) + frame)


class Connection:
    """Both sides of a connection; `client` and `server` are (address, port)."""

    def __init__(self, capture, client=("10.0.0.1", 40000), server=("10.0.0.2", 80),
                 first=1000):
        self.capture, self.ends = capture, (client, server)
        self.next = [first, first + 4000]

    def send(self, at, side, flags, data=b"", window=65535):
        me, peer = self.ends[side], self.ends[1 - side]
        source, target = (ipaddress.ip_address(e[0]).packed for e in (me, peer))
        ack = self.next[1 - side] if flags & ACK else 0
        tcp = struct.pack(">HHIIBBHHH", me[1], peer[1], self.next[side], ack, 5 << 4,
                          flags, window, 0, 0)
        pseudo = source + target + struct.pack(">HH", 6, len(tcp) + len(data))
        tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp + data)) + tcp[18:]
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp) + len(data), 1, 0x4000, 64,
                           6, 0) + source + target
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + head + tcp + data
        self.capture.records.append((round(at * 1_000_000), frame))
        self.next[side] += len(data) + (1 if flags & (SYN | FIN) else 0)

    def again(self, at, side, flags):
        """A SYN or SYN-ACK once more."""
        self.next[side] -= 1
        self.send(at, side, flags)

    def open(self, at, rtt=0.0):
        self.send(at, 0, SYN)
        self.send(at + rtt, 1, SYN | ACK)
        self.send(at + rtt, 0, ACK)
        return self

    def ask(self, at, text, wait=0.001, answer="HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"):
        """A request, and its answer `wait` later."""
        self.send(at, 0, PSH | ACK, text.encode())
        self.send(at + wait, 1, PSH | ACK, answer.encode())
        return self

    def get(self, at, wait=0.001, host="a.example", target="/"):
        return self.ask(at, f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n", wait)

    def close(self, at, side):
        self.send(at, side, FIN | ACK)
        self.send(at, 1 - side, FIN | ACK)
        self.send(at, side, ACK)


def connects(c):
    refused = Connection(c, ("10.0.0.1", 40001))
    refused.send(0, 0, SYN)
    refused.send(0.01, 1, RST | ACK)
    lost = Connection(c, ("10.0.0.1", 40002))
    lost.send(1, 0, SYN)
    lost.again(2, 0, SYN)
    lost.again(4, 0, SYN)
    again = Connection(c, ("10.0.0.1", 40003))
    again.send(10, 0, SYN)
    again.again(11, 0, SYN)
    again.send(11.02, 1, SYN | ACK)
    again.send(11.02, 0, ACK)
    again.get(11.03).close(12, 0)
    Connection(c, ("10.0.0.1", 40004)).open(20, 0.25).get(21).close(22, 0)
    Connection(c, ("10.0.0.1", 40005)).open(30, 0.02).get(31).close(32, 0)


def framing(c):
    both = "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    Connection(c).open(0).ask(1, "POST /p HTTP/1.1\r\nHost: a.example\r\n" + both).close(2, 0)


def optimistic(c):
    offer = ("GET /chat HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\n"
             "Upgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
             "Sec-WebSocket-Version: 13\r\n\r\n")
    x = Connection(c).open(0)
    x.send(1, 0, PSH | ACK, offer.encode())
    x.send(1.01, 0, PSH | ACK, b"\x81\x82\0\0\0\0hi")
    x.send(1.05, 1, PSH | ACK, b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    x.close(2, 1)


def slow_clients(c):
    x = Connection(c).open(0)
    x.send(1, 0, PSH | ACK, b"GET /slow HTTP/1.1\r\n")
    x.send(13, 0, PSH | ACK, b"Host: a.example\r\n\r\n")
    x.send(13.1, 1, PSH | ACK, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
    x.send(13.2, 0, ACK, window=0)
    x.send(16.2, 0, ACK, window=65535)
    x.send(16.3, 1, PSH | ACK, b"cd")
    x.close(17, 0)


def timeouts(c):
    """The server closes after 5 s three times and after 60 s once, one client closes
    after 90 s; another client cuts off answers after 30 s."""
    for i, gap in enumerate((5, 5.01, 5.02, 60)):
        Connection(c, ("10.0.0.1", 41000 + i)).open(i).get(i).close(i + 0.001 + gap, 1)
    Connection(c, ("10.0.0.1", 42000)).open(0).get(0).get(4.001).close(94.002, 0)
    for i in range(3):
        x = Connection(c, ("10.0.0.3", 43000 + i)).open(100 + i)
        x.send(100 + i, 0, PSH | ACK, b"GET /report HTTP/1.1\r\nHost: a.example\r\n\r\n")
        x.close(130 + i + i / 1000, 0)


def raced(c):
    """The client closes after 4 s and the server after 5 s; but one request was on its
    way when the server closed."""
    Connection(c, ("10.0.0.1", 46000)).open(0).get(0).close(4, 0)
    Connection(c, ("10.0.0.1", 46001)).open(0).get(0).close(5, 1)
    x = Connection(c, ("10.0.0.1", 46002)).open(0, 0.02).get(1)
    before = x.next[1]
    x.send(6, 1, FIN | ACK)
    after, x.next[1] = x.next[1], before
    x.send(6.001, 0, PSH | ACK, b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
    x.next[1] = after
    x.send(6.01, 1, RST | ACK)


def pools(c):
    """a.example: a connection stands idle while two more are opened at once, of which it
    could have saved one. b.example shares the address. Eight at once in the end."""
    Connection(c, ("10.0.0.1", 44000)).open(0, 0.02).get(1).close(60, 0)
    Connection(c, ("10.0.0.1", 44001)).open(2, 0.03).get(3, 20).close(60, 0)
    Connection(c, ("10.0.0.1", 44002)).open(2.001, 0.04).get(3, 20).close(60, 0)
    for i in range(5):
        Connection(c, ("10.0.0.1", 44010 + i)).open(10).get(10, 40).close(60, 0)
    Connection(c, ("10.0.0.1", 44020)).open(12).get(12, 1, "b.example").close(60, 0)


def churn(c):
    """Thirty connections in three seconds, closed by the client; ten ports used again
    after 70 s."""
    for i in range(30):
        x = Connection(c, ("10.0.0.1", 45000 + i)).open(i / 10).get(i / 10)
        x.close(i / 10 + 0.01, 0)
    for i in range(10):
        x = Connection(c, ("10.0.0.1", 45000 + i), first=900_000)
        x.open(70.01 + i / 10).get(70.01 + i / 10).close(70.02 + i / 10, 1)


def nameless(c):
    """One request without a Host, two with an empty one: two lines of hosts."""
    Connection(c, ("10.0.0.1", 46000)).open(0).ask(1, "GET / HTTP/1.0\r\n\r\n").close(2, 1)
    Connection(c, ("10.0.0.1", 46001)).open(3).get(4, host="").get(5, host="").close(6, 1)


CAPTURES = {"connects": connects, "framing": framing, "optimistic": optimistic,
            "slow-clients": slow_clients, "timeouts": timeouts, "raced": raced,
            "pools": pools, "churn": churn, "nameless": nameless}


def make(name, path):
    capture = Capture()
    CAPTURES[name](capture)
    capture.write(path)
