"""What tests of the whole program under faults have in common: a network and mounts of
their own, traffic of known content, a run of `hopscope live`, its rows.

Traffic: conversation n is a connection of its own that asks for /n and gets an answer."""
import ctypes, errno, mmap, os, re, shutil, signal, socket, sqlite3, struct, subprocess, sys, tempfile, time

HOPSCOPE = os.path.abspath(os.environ["HOPSCOPE"])
PRELOAD = os.environ.get("FAULT_PRELOAD", "")
with open(HOPSCOPE, "rb") as program:
    IS_SANITIZED = bool(re.search(rb"__[atu]b?san_", program.read()))
GENEROUS = 10  # what takes a second when it is quiet may take ten here
failures = []


def check(condition, *words):
    if not condition:
        failures.append(" ".join(str(w) for w in words))
        print("FAIL:", *words, flush=True)
    return condition


def finish():
    print(f"{len(failures)} failures")
    sys.exit(1 if failures else 0)


def run_cases(names, preloaded=()):
    """The cases that the arguments name, or all; `preloaded` need fault_preload.c."""
    wanted = [a for a in sys.argv[1:] if not a.startswith("-")]
    cases = {n[5:]: f for n, f in names.items() if n.startswith("case_")}
    for name in [n for n in wanted if n in cases] or cases:
        began = time.monotonic()
        if name in preloaded and (IS_SANITIZED or not PRELOAD):
            print(f"{name}: skipped, sanitizers are loaded first")
            continue
        cases[name]()
        print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
    finish()


def wait_for(condition, seconds=GENEROUS * 2):
    until = time.monotonic() + seconds
    while True:
        result = condition()
        if result or time.monotonic() > until:
            return result
        time.sleep(0.02)


def enter(folder):
    """Once more, in a namespace of its own; changes to a folder in memory there."""
    if not os.environ.get("FAULTS_INSIDE"):
        if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"):
            print("skipped: this needs root, unshare and ip")
            sys.exit(77)
        os.environ["FAULTS_INSIDE"] = "1"
        words = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        if subprocess.run(words + ["true"], capture_output=True).returncode != 0:
            print("skipped: no namespaces may be made here")
            sys.exit(77)
        os.execvp("unshare", words + [sys.executable, "-B"] + sys.argv)
    for words in ("link add f0 type veth peer name f1", "link set f0 up", "link set f1 up"):
        subprocess.run(["ip"] + words.split(), check=True)
    make_disk(folder, "400m")
    os.chdir(folder)


def make_disk(folder, size):
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", folder], check=True)


# ---- traffic ----

def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(source, target, ports, seq, ack, flags, payload=b""):
    tcp = struct.pack(">HHIIBBHHH", ports[0], ports[1], seq, ack, 0x50, flags, 65535, 0, 0) + payload
    pseudo = source + target + struct.pack(">HH", 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0) + source + target
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return b"\x02\0\0\0\0\2\x02\0\0\0\0\1\x08\0" + ip + tcp


SYN, ACK, DATA, FIN = 0x02, 0x10, 0x18, 0x11
FRAMES = 8  # of a conversation
FILTER = "tcp port 80"


def conversation(n):
    client, server = bytes((10, n >> 16 & 255, n >> 8 & 255, n & 255)), bytes((192, 0, 2, 1))
    ports, back = (20000 + n % 40000, 80), (80, 20000 + n % 40000)
    request = b"GET /%d HTTP/1.1\r\nHost: a.example\r\n\r\n" % n
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    c, s = 1001, 5001
    end_c, end_s = c + len(request), s + len(answer)
    return [segment(client, server, ports, c - 1, 0, SYN),
            segment(server, client, back, s - 1, c, SYN | ACK),
            segment(client, server, ports, c, s, ACK),
            segment(client, server, ports, c, s, DATA, request),
            segment(server, client, back, s, end_c, DATA, answer),
            segment(client, server, ports, end_c, end_s, FIN),
            segment(server, client, back, end_s, end_c + 1, FIN),
            segment(client, server, ports, end_c + 1, end_s + 1, ACK)]


class Traffic:
    """Conversations first, first + 1, ... from a process of its own, `rate` in a second
    at most, until stop() or `count` of them."""

    def __init__(self, first=0, rate=300, count=1 << 40):
        self.first = first
        self.shared = mmap.mmap(-1, 16)  # how many went out; whether to stop
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.send(first, rate, count)
            finally:
                os._exit(0)

    def send(self, first, rate, count):
        out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        out.bind(("f0", 0))
        began = time.monotonic()
        for n in range(count):
            while time.monotonic() < began + n / rate:
                time.sleep(0.002)
            if self.shared[8]:
                return
            for frame in conversation(first + n):
                out.send(frame)
            self.shared[0:8] = struct.pack("=q", n + 1)

    def sent(self):
        """The number after the last conversation that is out as a whole."""
        return self.first + struct.unpack("=q", self.shared[0:8])[0]

    def stop(self):
        self.shared[8] = 1
        return self.wait()

    def wait(self):
        if self.pid:
            os.waitpid(self.pid, 0)
        self.pid = 0
        return self.sent()


# ---- the program ----

class Control:
    """The switches of fault_preload.c."""
    names = ("clock_ahead_s", "stalls", "write_error", "met")

    def __init__(self, path="control"):
        self.path = os.path.abspath(path)
        with open(self.path, "wb") as f:
            f.write(bytes(8 * len(self.names)))
        with open(self.path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 0)
        self.environment = {"LD_PRELOAD": PRELOAD, "FAULT_CONTROL": self.path}

    def set(self, name, value):
        at = 8 * self.names.index(name)
        self.map[at:at + 8] = struct.pack("=q", value)

    def get(self, name):
        at = 8 * self.names.index(name)
        return struct.unpack("=q", self.map[at:at + 8])[0]


def count_captures(path):
    rows = ask(path, "SELECT count(*) FROM captures")
    return rows[0][0] if rows and isinstance(rows[0], tuple) else 0


class Live:
    def __init__(self, *options, environment=None, wait=True, stdout=None):
        self.out, self.err = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
        self.path = options[options.index("-o") + 1]
        self.before = count_captures(self.path)
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            (HOPSCOPE, "live", "-i", "f1") + options, stdin=subprocess.DEVNULL, stderr=self.err,
            stdout=self.out if stdout is None else stdout, env={**os.environ, **(environment or {})})
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self):
        """Its row is there: from then on no packet is missed."""
        wait_for(lambda: count_captures(self.path) > self.before or self.process.poll() is not None)
        self.ready = time.monotonic() - self.began

    def end(self, number=signal.SIGTERM, patience=60):
        began = time.monotonic()
        if number:
            self.process.send_signal(number)
        try:
            self.code = self.process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            check(False, "it does not end")
            self.process.kill()
            self.code = self.process.wait()
        self.took = time.monotonic() - began
        for stream, name in ((self.out, "lines"), (self.err, "said")):
            stream.seek(0)
            setattr(self, name, stream.read())
        return self


# ---- rows ----

def ask(path, sql):
    """Rows; [] while there is no database."""
    if not os.path.exists(path):
        return []
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    try:
        return db.execute(sql).fetchall()
    except sqlite3.OperationalError as e:
        return [] if "no such table" in str(e) else [str(e)]
    finally:
        db.close()


def check_whole(path, name):
    return check(ask(path, "PRAGMA integrity_check") == [("ok",)], name, "integrity",
                 ask(path, "PRAGMA integrity_check"))


def numbers(path):
    """Of the conversations that are there as complete exchanges."""
    rows = ask(path, "SELECT target FROM exchanges WHERE state = 'complete'")
    return [int(row[0][1:]) if isinstance(row, tuple) else row for row in rows]


def count(path):
    rows = ask(path, "SELECT count(*) FROM exchanges WHERE state = 'complete'")
    return rows[0][0] if rows and isinstance(rows[0], tuple) else 0


def check_numbers(found, expected, name):
    """Each of `expected` once; further ones may be there, but none twice."""
    missing = sorted(set(expected) - set(found))
    check(not missing, name, len(missing), "conversations are missing, such as", missing[:5])
    check(len(found) == len(set(found)), name, "rows stand there twice")
