"""What the privacy tests share: captures made of conversations, the program, searching."""
import os, shutil, socket, sqlite3, struct, subprocess, tempfile

HOPSCOPE = os.path.abspath(os.environ["HOPSCOPE"])
SOURCE = os.environ["SOURCE_DIR"]
WORK = tempfile.mkdtemp(prefix="hopscope-privacy-")
FORMATS = ("jsonl", "csv", "har", "zeek", "eve", "otel")
failures = []


def fail(*words):
    failures.append(" ".join(str(word) for word in words))
    print("FAIL:", *words, flush=True)


def check(condition, *words):
    if not condition:
        fail(*words)


def path(name):
    return os.path.join(WORK, name)


def run(*words, codes=(0, 3)):
    done = subprocess.run([HOPSCOPE, *words], capture_output=True, timeout=120,
                          stdin=subprocess.DEVNULL)
    check(done.returncode in codes, words, "exits with", done.returncode, done.stderr[-300:])
    return done.stdout


def rows(database, sql):
    db = sqlite3.connect(database)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def outputs(database):
    """Everything that can be had of a database: its file, exports, the report, questions."""
    found = {"database": open(database, "rb").read()}
    for end in ("-wal", "-journal"):
        if os.path.exists(database + end):
            found["database" + end] = open(database + end, "rb").read()
    for form in FORMATS:
        folder = tempfile.mkdtemp(dir=WORK)
        several = form in ("csv", "zeek")
        found[form] = run("export", database, form, *(["-o", folder] if several else []))
        for name in sorted(os.listdir(folder)):
            found[f"{form}/{name}"] = open(os.path.join(folder, name), "rb").read()
    found["report"] = run("report", database, "-q", "-o", "-")
    for name in ("framing", "idle-race", "upgrades", "hosts"):
        found["ask " + name] = run("ask", database, name, "--json")
    return found


# ---- captures ----

def packet(client, server, from_client, flags, seq, ack, data=b""):
    (a, a_port), (b, b_port) = (client, server) if from_client else (server, client)
    head = struct.pack(">HHIIBBHHH", a_port, b_port, seq & 0xffffffff, ack & 0xffffffff,
                       0x50, flags, 65535, 0, 0)
    length = 20 + len(head) + len(data)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, length, 0, 0, 64, 6, 0)
    return ip + socket.inet_aton(a) + socket.inet_aton(b) + head + data


class Capture:
    """Conversations one after the other, as a pcap of raw IP."""

    def __init__(self):
        self.records, self.now, self.port = [], 1_700_000_000_000_000, 40000

    def add(self, data):
        self.now += 1000
        head = struct.pack("<IIII", self.now // 1_000_000, self.now % 1_000_000, len(data), len(data))
        self.records.append(head + data)

    def conversation(self, *turns, ends=True, conflict=None):
        """`turns` are ("c" or "s", bytes); a list of bytes is as many segments. `conflict`:
        (turn, offset, other bytes), sent after that turn as if again."""
        self.port += 1
        client, server = ("192.0.2.77", self.port), ("198.51.100.88", 80)
        sent = {True: 1000, False: 5000}
        send = lambda from_client, flags, data=b"": (
            self.add(packet(client, server, from_client, flags, sent[from_client],
                            sent[not from_client] if flags & 16 else 0, data)))
        send(True, 2)
        sent[True] += 1
        send(False, 18)
        sent[False] += 1
        send(True, 16)
        for number, (who, data) in enumerate(turns):
            from_client = who == "c"
            begun = sent[from_client]
            whole = [] if isinstance(data, list) else range(0, len(data), 8000)
            for piece in [data[at:at + 8000] for at in whole] or data:
                if piece is None:  # a segment that was not captured
                    sent[from_client] += 7
                    continue
                send(from_client, 24, piece)
                sent[from_client] += len(piece)
            if conflict and conflict[0] == number:
                self.add(packet(client, server, from_client, 24, begun + conflict[1],
                                sent[not from_client], conflict[2]))
            send(not from_client, 16)
        if ends:
            for from_client in (True, False):
                send(from_client, 17)
                sent[from_client] += 1
            send(True, 16)

    def write(self, name):
        with open(path(name), "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101))
            file.write(b"".join(self.records))
        return path(name)


def finish():
    shutil.rmtree(WORK, ignore_errors=True)
    print(f"{len(failures)} faults")
    return 1 if failures else 0
