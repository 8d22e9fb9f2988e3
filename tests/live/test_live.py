#!/usr/bin/env python3
"""hopscope live on real interfaces: two network namespaces joined by a veth pair, nginx in
the one, curl in the other. What curl and nginx did is what the database says.

Needs root, ip netns, nginx and curl; exit 77 says which is missing. HOPSCOPE is the program.
Arguments name the cases to run; none: all. minutes=N: how long memory is watched."""
# labels: live
# nightly: memory minutes=10
import fcntl, os, pty, re, select, shutil, signal, socket, sqlite3, struct, subprocess, sys, tempfile, termios, time

HOPSCOPE = os.path.abspath(os.environ["HOPSCOPE"])
NAME = f"hsl{os.getpid()}"
CLIENT, SERVER = NAME + "c", NAME + "s"
with open(HOPSCOPE, "rb") as program:
    is_sanitized = re.search(rb"__[at]san_init", program.read())
SLOW = 3 if is_sanitized else 1
MINUTES = float(([a[8:] for a in sys.argv if a.startswith("minutes=")] + ["0.1"])[0])
failures = []


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def run(*words, check=True, **more):
    return subprocess.run(words, check=check, capture_output=True, text=True, timeout=60, **more)


def inside(namespace, *words):
    return ("ip", "netns", "exec", namespace) + words


def check(condition, *words):
    if not condition:
        failures.append(" ".join(str(w) for w in words))
        print("FAIL:", *words)


def wait_for(condition, seconds=5.0):
    """Polls until the condition holds; returns what it gave and the time that took."""
    began = time.monotonic()
    while True:
        result = condition()
        if result or time.monotonic() - began > seconds * SLOW:
            return result, time.monotonic() - began
        time.sleep(0.02)


# ---- the network ----

def make_network():
    for namespace in (CLIENT, SERVER):
        run("ip", "netns", "add", namespace)
    make_link()


def make_link():
    run("ip", "-n", CLIENT, "link", "add", "c0", "type", "veth", "peer", "name", "s0", "netns", SERVER)
    for namespace, device, address in ((CLIENT, "c0", 1), (SERVER, "s0", 2)):
        run("ip", "-n", namespace, "addr", "add", f"10.77.0.{address}/24", "dev", device)
        run("ip", "-n", namespace, "link", "set", "lo", "up")
        run("ip", "-n", namespace, "link", "set", device, "up")


def remove_network():
    for namespace in (CLIENT, SERVER):
        run("ip", "netns", "del", namespace, check=False)


NGINX = """daemon off; master_process off; worker_processes 1; pid {here}/pid; error_log {here}/error.log;
events {{ worker_connections 1024; }}
http {{
  log_format plain '$remote_port $request_method $request_uri $status $body_bytes_sent $connection_requests';
  access_log {here}/access.log plain;
  keepalive_timeout 2; keepalive_requests 1000000;
  client_body_temp_path {here}; proxy_temp_path {here}; fastcgi_temp_path {here}; uwsgi_temp_path {here};
  scgi_temp_path {here};
  server {{ listen 10.77.0.2:80; root {here}/web; location /slow {{ limit_rate 2000; }} }}
}}
"""


def start_nginx(here):
    os.makedirs(f"{here}/web")
    for name, size in (("small", 100), ("large", 50000), ("slow", 6000)):
        with open(f"{here}/web/{name}", "wb") as f:
            f.write(b"x" * size)
    with open(f"{here}/nginx.conf", "w") as f:
        f.write(NGINX.format(here=here))
    os.chmod(here, 0o755)
    nginx = subprocess.Popen(inside(SERVER, "nginx", "-c", f"{here}/nginx.conf"), stderr=subprocess.DEVNULL)
    wait_for(lambda: run(*inside(CLIENT, "curl", "-s", "http://10.77.0.2/small"), check=False).returncode == 0)
    return nginx


def curl(*urls, options=()):
    """Each transfer as curl tells it: code, size, connections it had to make, local port."""
    words = inside(CLIENT, "curl", "-s", *options, "-w", "%{http_code} %{size_download} %{num_connects} %{local_port}\\n")
    for url in urls:
        words += ("-o", "/dev/null", "http://10.77.0.2" + url)
    return [tuple(int(x) for x in line.split()) for line in run(*words).stdout.splitlines()]


# ---- the program ----

class Live:
    def __init__(self, *options, namespace=SERVER, interface="s0"):
        self.out, self.err = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
        words = inside(namespace, HOPSCOPE, "live", "-i", interface, *options)
        self.process = subprocess.Popen(words, stdout=self.out, stderr=self.err, stdin=subprocess.DEVNULL)
        # It captures once its socket stands in the namespace's list.
        wait_for(lambda: len(run(*inside(namespace, "cat", "/proc/net/packet")).stdout.splitlines()) > 1)
        # All is begun once its threads are there: signals, storing, capture.
        wait_for(lambda: self.process.poll() is not None or len(os.listdir(f"/proc/{self.process.pid}/task")) >= 4)
        time.sleep(0.1 * SLOW)

    def end(self, number=signal.SIGTERM):
        began = time.monotonic()
        if number:
            self.process.send_signal(number)
        self.code = self.process.wait(timeout=20 * SLOW)
        self.took = time.monotonic() - began
        self.lines, self.said = read(self.out), read(self.err)
        return self


def read(f):
    f.seek(0)
    return f.read()


def ask(path, sql):
    if not os.path.exists(path):
        return []
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)
    try:
        return db.execute(sql).fetchall()
    except sqlite3.OperationalError as e:
        return [] if "no such table" in str(e) else [str(e)]
    finally:
        db.close()


def log_lines(live):
    return [line for line in live.lines.splitlines() if re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z ", line)]


# ---- cases ----

def case_account(here):
    """What curl and nginx did, what the rows, lines and packets say, and when they say it."""
    open(f"{here}/access.log", "w").close()
    live = Live("-o", "a.db", "-w", "a.pcapng", "--log", "tcp port 80")
    told = curl("/small", "/large", "/missing", "/small?q=a%20b")
    told += curl("/small", options=("-H", "Connection: close"))
    told += curl("/small", options=("-I",))
    ended = time.monotonic()
    rows, took = wait_for(lambda: len(ask("a.db", "SELECT 1 FROM exchanges WHERE state = 'complete'")) == 6)
    check(took < 1.1 * SLOW, "rows were visible to another process only after", took, "s")
    journal = ask("a.db", "PRAGMA journal_mode")
    check(journal == [("wal",)], "while live the journal is", journal)
    time.sleep(max(0, 2.5 - (time.monotonic() - ended)))  # nginx closes what is idle
    live.end()
    check(live.code == 0, "exit", live.code, live.said)
    check(live.took < 2 * SLOW, "SIGTERM took", live.took, "s")
    check(ask("a.db", "PRAGMA journal_mode") == [("delete",)], "not left in DELETE mode")
    check(ask("a.db", "PRAGMA integrity_check") == [("ok",)], "integrity")
    rows = ask("a.db", "SELECT status, response_body_bytes, client_port, ordinal, method, target"
               " FROM exchanges ORDER BY request_start_us")
    seen = [(status, body, 1 if ordinal == 1 else 0, port) for status, body, port, ordinal, _, _ in rows]
    check(seen == told, "curl says", told, "the database", seen)
    with open(f"{here}/access.log") as f:
        served = [line.split() for line in f.read().splitlines()]
    rows = [[str(x) for x in (port, method, target, status, body, ordinal)]
            for status, body, port, ordinal, method, target in rows]
    check(rows == served, "nginx says", served, "the database", rows)
    connections = ask("a.db", "SELECT client_port, exchanges, state FROM connections ORDER BY start_us")
    check(connections == [(told[0][3], 4, "closed"), (told[4][3], 1, "closed"), (told[5][3], 1, "closed")],
          "connections", connections)
    check(len(log_lines(live)) == 6, "lines", live.lines)
    check(" GET 10.77.0.2 /large 200 " in live.lines and " 50000B " in live.lines, "lines", live.lines)
    check("EXCHANGES  6" in live.lines, "no summary at the end")
    # The packets say the same, under the same numbers.
    run(HOPSCOPE, "read", "-q", "-o", "b.db", "a.pcapng")
    for view in ("exchanges", "connections"):
        check(ask("a.db", f"SELECT * FROM {view} ORDER BY id") == ask("b.db", f"SELECT * FROM {view} ORDER BY id"),
              "the file of packets tells other", view)
    packets = ask("b.db", "SELECT packets, kernel_dropped, snaplen FROM captures")
    check(packets == ask("a.db", "SELECT packets, kernel_dropped, snaplen FROM captures"), "captures", packets)


def case_threads(here):
    """Several handles share the interface: both directions of a connection in one of them."""
    open(f"{here}/access.log", "w").close()
    live = Live("-o", "t.db", "--threads", "2", "--log", "tcp port 80")
    told = []
    for _ in range(12):  # connections of their own
        told += curl("/small", "/missing")
    wait_for(lambda: len(ask("t.db", "SELECT 1 FROM exchanges WHERE state = 'complete'")) == len(told))
    live.end()
    check(live.code == 0, "exit", live.code, live.said)
    rows = ask("t.db", "SELECT client_port, method, target, status, response_body_bytes, ordinal"
               " FROM exchanges")
    with open(f"{here}/access.log") as f:
        served = sorted(line.split() for line in f.read().splitlines())
    check(sorted([str(cell) for cell in row] for row in rows) == served, "nginx says", served,
          "the database", rows)
    check(len(rows) == len(told), "curl says", told, "the database", rows)
    connections = ask("t.db", "SELECT open_kind, client_packets > 0, server_packets > 0,"
                      " client_missing_bytes + server_missing_bytes FROM connections")
    check(connections == [("handshake", 1, 1, 0)] * 12, "connections", connections)
    captures = ask("t.db", "SELECT connections FROM captures")
    check(len(captures) == 2 and sum(n for n, in captures) == 12, "captures", captures)
    check(min(captures)[0] > 0, "one handle has seen nothing", captures)
    check(len(log_lines(live)) == len(told), "lines", live.lines)


def case_threads_files(here):
    """Several handles with files of packets, parts and a count: nothing is lost at a seam."""
    live = Live("-o", "tp.db", "-w", "tp.pcapng", "--threads", "2", "--log", "tcp port 80")
    told = []
    for _ in range(8):
        told += curl("/small", "/missing")
    live.end()
    check(live.code == 0, "exit", live.code, live.said)
    run(HOPSCOPE, "read", "-q", "-o", "tp2.db", "tp.pcapng", "tp-t2.pcapng")
    for view in ("exchanges", "connections"):
        check(ask("tp.db", f"SELECT * FROM {view} ORDER BY id") == ask("tp2.db", f"SELECT * FROM {view} ORDER BY id"),
              "the files of packets tell other", view)
    live = Live("-o", "r.db", "-w", "r.pcapng", "--threads", "2", "--rotate", "1s", "--log", "tcp port 80")
    requests, until = 0, time.monotonic() + 3.5
    while time.monotonic() < until:
        requests += len(curl(*["/small"] * 5))
    live.end()
    check(live.code == 0, "exit", live.code, live.said)
    databases, files = parts(r"\.db"), parts(r"\.pcapng")
    others = sorted(f for f in os.listdir(".") if f.startswith("r-t2-") and f.endswith(".pcapng"))
    check(len(databases) >= 3 and len(files) == len(others) == len(databases), "parts", databases, files, others)
    ids, seen = [], 0
    for database in databases:
        ids += ask(database, "SELECT id FROM exchanges WHERE state = 'complete'")
        captures = ask(database, "SELECT packets FROM captures")
        check(len(captures) == 2, "captures of", database, captures)
        seen += sum(n for n, in captures)
    check(len(ids) == requests == len(set(ids)), requests, "requests,", len(ids), "rows,", len(set(ids)), "ids")
    check(f"{seen} packets seen, 0 dropped" in live.said, seen, "packets in the parts:", live.said)
    for f in databases + files + others:
        os.remove(f)
    live = Live("--threads", "2", "-c", "7", "--json")
    for _ in range(4):
        curl("/small")
    live.end(None)
    check(live.code == 0 and "7 packets seen" in live.said, "count", live.code, live.said)


def case_open(here):
    """What is not finished stands there as open, and is written over."""
    live = Live("-o", "o.db", "-q", "tcp port 80")
    client = subprocess.Popen(inside(CLIENT, "curl", "-s", "-o", "/dev/null", "http://10.77.0.2/slow"))
    state, _ = wait_for(lambda: ask("o.db", "SELECT state, status, target FROM exchanges") == [("open", 200, "/slow")])
    check(state, "not open:", ask("o.db", "SELECT state, status, target FROM exchanges"))
    state = ask("o.db", "SELECT state, client_ip FROM connections")
    check(state == [("open", "10.77.0.1")], "connection", state)
    client.wait()
    state, _ = wait_for(lambda: ask("o.db", "SELECT state, response_body_bytes FROM exchanges") == [("complete", 6000)])
    check(state, "not complete:", ask("o.db", "SELECT state, status, target FROM exchanges"))
    state, _ = wait_for(lambda: ask("o.db", "SELECT state FROM connections") == [("closed",)])
    check(state, "not closed:", ask("o.db", "SELECT state FROM connections"))
    # One that is open at the end stays so.
    client = subprocess.Popen(inside(CLIENT, "curl", "-s", "-o", "/dev/null", "http://10.77.0.2/slow"))
    time.sleep(0.7)
    live.end(signal.SIGINT)
    client.wait()
    check(live.code == 0 and live.took < 2 * SLOW and live.lines == "" and live.said == "",
          "-q:", live.code, live.took, live.lines, live.said)
    states = ask("o.db", "SELECT state FROM exchanges ORDER BY id")
    check(states == [("complete",), ("open",)], "states", states)


def case_link(here):
    """The interface goes down, comes up, and is deleted."""
    live = Live("-o", "l.db", "--log", "tcp port 80")
    curl("/small")
    run("ip", "-n", SERVER, "link", "set", "s0", "down")
    time.sleep(2.2)
    before = cpu_seconds(live.process.pid)
    time.sleep(1)
    used = cpu_seconds(live.process.pid) - before
    check(used < 0.2 * SLOW, "while down it takes", used, "s of CPU a second")
    run("ip", "-n", SERVER, "link", "set", "s0", "up")
    done, _ = wait_for(lambda: run(*inside(CLIENT, "curl", "-s", "-m", "1", "http://10.77.0.2/large"),
                                   check=False).returncode == 0)
    check(done, "no way back after the link was up")
    time.sleep(1.3)
    run("ip", "-n", SERVER, "link", "del", "s0")
    live.end(None)
    check(live.code == 75, "exit", live.code)
    for words in ("s0 is down", "s0 is up again", "s0 has gone"):
        check(words in live.said, "not said:", words, "--", live.said)
    rows = ask("l.db", "SELECT target FROM exchanges WHERE state = 'complete' ORDER BY id")
    check(rows[:1] == [("/small",)] and rows[-1:] == [("/large",)], "rows", rows)
    damage = ask("l.db", "SELECT damage FROM captures")
    check("gone" in str(damage), "damage", damage)
    check(ask("l.db", "PRAGMA journal_mode") == [("delete",)], "not left in DELETE mode")
    make_link()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


BLAST = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("10.77.0.2", 9))
for i in range(int(sys.argv[1])):
    try: s.send(b"x" * 1000)
    except ConnectionRefusedError: s.send(b"x" * 1000)
"""


def case_overload(here):
    """A small buffer and a reader that is held: sent = seen + dropped by the kernel."""
    sent = 30000
    live = Live("-o", "d.db", "-w", "d.pcapng", "-B", "512", "--log", "udp port 9 and dst host 10.77.0.2")
    for held in (True, False):
        if held:
            live.process.send_signal(signal.SIGSTOP)
        run(*inside(CLIENT, sys.executable, "-c", BLAST, str(sent)))
        if held:
            live.process.send_signal(signal.SIGCONT)
            wait_for(lambda: ask("d.db", "SELECT 1 FROM captures WHERE kernel_dropped > 0"))
    time.sleep(1.5)
    live.end()
    got = ask("d.db", "SELECT packets, kernel_dropped FROM captures")
    seen, dropped = got[0]
    check(dropped > 0, "nothing was dropped")
    check(seen + dropped == 2 * sent, "sent", 2 * sent, "seen", seen, "dropped", dropped)
    check("dropped by the kernel within a second" in live.said, "not said:", live.said)
    check(f"{seen} packets seen, {dropped} dropped by the kernel" in live.said, "not said:", live.said)
    run(HOPSCOPE, "read", "-q", "-o", "d2.db", "d.pcapng")
    again = ask("d2.db", "SELECT packets, kernel_dropped FROM captures")
    check(again == got, "the file of packets says", again, "not", got)


def parts(ending):
    return sorted(f for f in os.listdir(".") if re.fullmatch(r"r-\d{8}T\d{6}Z(-\d+)?" + ending, f))


def case_rotate(here):
    """Parts by time: no row and no packet is lost at a seam, and none stands twice."""
    live = Live("-o", "r.db", "-w", "r.pcapng", "--rotate", "1s", "--log", "tcp port 80")
    requests = 0
    until = time.monotonic() + 4.5
    while time.monotonic() < until:
        requests += len(curl(*["/small"] * 20))
    live.end()
    check(live.code == 0, "exit", live.code, live.said)
    databases, files = parts(r"\.db"), parts(r"\.pcapng")
    check(len(databases) >= 4 and len(files) == len(databases), "parts", databases, files)
    ids, seen = [], 0
    for database, file in zip(databases, files):
        check(not os.path.exists(database + "-wal"), "a log is left of", database)
        ids += ask(database, "SELECT id FROM exchanges WHERE state = 'complete'")
        packets = ask(database, "SELECT packets FROM captures")
        check(len(packets) == 1, "captures of", database, packets)
        seen += packets[0][0]
        run(HOPSCOPE, "read", "-q", "-o", "x.db", file)
        check(ask("x.db", "SELECT packets FROM captures") == packets, file, "has other packets than", database)
        os.remove("x.db")
    check(len(ids) == requests == len(set(ids)), requests, "requests,", len(ids), "rows,", len(set(ids)), "ids")
    check(len(log_lines(live)) == requests, requests, "requests,", len(log_lines(live)), "lines")
    check(f"{seen} packets seen, 0 dropped" in live.said, seen, "packets in the parts:", live.said)
    run(HOPSCOPE, "read", "-q", "-o", "y.db", *files)
    again = ask("y.db", "SELECT count(*) FROM exchanges WHERE state = 'complete'")
    check(again == [(requests,)], "the files of packets hold", again, "of", requests)
    for f in databases + files + ["y.db"]:
        os.remove(f)


def case_hangup(here):
    """Files that were moved away are whole after SIGHUP; the run goes on in new ones."""
    live = Live("-o", "h.db", "-w", "h.pcapng", "-q", "tcp port 80")
    first = len(curl(*["/small"] * 30))
    wait_for(lambda: ask("h.db", "SELECT 1 FROM exchanges WHERE state = 'complete'"))
    os.rename("h.db", "old.db")
    os.rename("h.pcapng", "old.pcapng")
    live.process.send_signal(signal.SIGHUP)
    first += len(curl(*["/large"] * 30))
    wait_for(lambda: os.path.exists("h.db"))
    first += len(curl(*["/small"] * 30))
    live.end()
    check(live.code == 0, "exit", live.code, live.said)
    both = [ask(f, "SELECT id FROM exchanges WHERE state = 'complete'") for f in ("old.db", "h.db")]
    check(len(both[0]) > 0 and len(both[1]) > 0, "parts of", len(both[0]), len(both[1]))
    check(len(set(both[0] + both[1])) == first == len(both[0]) + len(both[1]), first, "requests, rows", len(both[0]), len(both[1]))
    check(ask("old.db", "PRAGMA integrity_check") == [("ok",)], "integrity of the moved one")
    run(HOPSCOPE, "read", "-q", "-o", "z.db", "old.pcapng", "h.pcapng")
    again = ask("z.db", "SELECT count(*) FROM exchanges WHERE state = 'complete'")
    check(again == [(first,)], "the files of packets hold", again, "of", first)


def case_locked(here):
    """Another program holds the database: rows wait, none is lost, packets neither."""
    live = Live("-o", "k.db", "--log", "tcp port 80")
    requests = len(curl("/small"))
    wait_for(lambda: ask("k.db", "SELECT 1 FROM exchanges"))
    db = sqlite3.connect("k.db", isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    until = time.monotonic() + 3.5
    while time.monotonic() < until:
        requests += len(curl(*["/small"] * 20))
    check(len(ask("k.db", "SELECT 1 FROM exchanges")) == 1, "rows came in while it was locked")
    db.execute("ROLLBACK")
    db.close()
    rows, took = wait_for(lambda: ask("k.db", "SELECT count(*) FROM exchanges WHERE state = 'complete'") == [(requests,)])
    check(rows, requests, "requests,", ask("k.db", "SELECT count(*) FROM exchanges"))
    # Held at the end: it ends nevertheless, in time, and says what is missing.
    db = sqlite3.connect("k.db", isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    curl("/small")
    time.sleep(0.5)
    live.end()
    db.execute("ROLLBACK")
    db.close()
    check(live.took < 2.5 * SLOW, "SIGTERM with a locked database took", live.took, "s")
    check(live.code == 1 and "could not be written" in live.said, "exit", live.code, live.said)
    check("takes no rows" in live.said and "takes rows again" in live.said, "not said:", live.said)
    check(ask("k.db", "PRAGMA integrity_check") == [("ok",)], "integrity")


def case_keep(here):
    """Old rows go, in all tables; new ones stay."""
    live = Live("-o", "p.db", "-q", "--keep", "2s", "--headers", "tcp port 80")
    curl(*["/small"] * 50, options=("-H", "Connection: close"))
    wait_for(lambda: ask("p.db", "SELECT count(*) FROM exchanges") == [(50,)])
    gone, took = wait_for(lambda: ask("p.db", "SELECT count(*) FROM exchanges") == [(0,)]
                          and ask("p.db", "SELECT count(*) FROM connections") == [(0,)]
                          and ask("p.db", "SELECT count(*) FROM headers") == [(0,)], 8)
    check(gone, "still there:", ask("p.db", "SELECT count(*) FROM exchanges"),
          ask("p.db", "SELECT count(*) FROM connections"), ask("p.db", "SELECT count(*) FROM headers"))
    curl("/large")
    live.end()
    rows = ask("p.db", "SELECT target FROM exchanges")
    check(rows == [("/large",)], "rows", rows)


def case_words(here):
    """What it says of interfaces, rights and options."""
    listed = run(*inside(SERVER, HOPSCOPE, "live", "-D")).stdout
    check("s0 " in listed and "10.77.0.2" in listed and "any " in listed, "-D:", listed)
    more = run(*inside(SERVER, HOPSCOPE, "live", "--list-all")).stdout
    names = [{line.split()[0] for line in text.splitlines()} for text in (listed, more)]
    check(names[0] <= names[1], "--list-all:", more)
    refused = run(*inside(SERVER, HOPSCOPE, "live", "-i", "nosuch"), check=False)
    check(refused.returncode == 1 and "there is no interface nosuch" in refused.stderr, refused.stderr)
    refused = run(*inside(SERVER, HOPSCOPE, "live", "-i", "s0", "port", "eighty"), check=False)
    check(refused.returncode == 2 and "filter 'port eighty'" in refused.stderr, refused.stderr)
    run("ip", "-n", SERVER, "link", "set", "s0", "down")
    refused = run(*inside(SERVER, HOPSCOPE, "live", "-i", "s0"), check=False)
    check(refused.returncode == 1 and "ip link set s0 up" in refused.stderr, refused.stderr)
    run("ip", "-n", SERVER, "link", "set", "s0", "up")
    if shutil.which("setpriv"):
        program = "/tmp/" + NAME  # the build may lie where nobody may look
        shutil.copy(HOPSCOPE, program)
        refused = run(*inside(SERVER, "setpriv", "--reuid", "65534", "--clear-groups", "--bounding-set=-all",
                              "--inh-caps=-all", program, "live", "-i", "s0"), check=False)
        os.remove(program)
        check(refused.returncode == 1 and "setcap cap_net_raw+ep /tmp/" + NAME in refused.stderr, refused.stderr)
    open("there.pcapng", "w").close()
    refused = run(*inside(SERVER, HOPSCOPE, "live", "-i", "s0", "-w", "there.pcapng", "-o", "not.db"), check=False)
    check(refused.returncode == 1 and "is there already" in refused.stderr, refused.stderr)
    check(not os.path.exists("not.db"), "a run that failed left a database")
    for words, part in ((("--rotate", "5x", "-o", "n.db"), "--rotate takes"), (("--rotate", "5m"), "--rotate goes with"),
                        (("--keep", "1h"), "--keep goes with"), (("-c", "0"), "--count takes")):
        refused = run(HOPSCOPE, "live", *words, check=False)
        check(refused.returncode == 2 and part in refused.stderr, words, refused.stderr)
    live = Live("-c", "3", "--json", interface="any")
    curl("/small")
    live.end(None)
    check(live.code == 0 and "3 packets seen" in live.said, live.said)
    check('"LINUX_SLL2"' in live.lines, live.lines)


def case_terminal(here):
    """On a terminal SIGHUP ends it; its output gone does, too."""
    master, slave = os.openpty()
    live = subprocess.Popen(inside(SERVER, HOPSCOPE, "live", "-i", "s0", "-o", "terminal.db"), stdout=slave,
                            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    os.close(slave)
    # The database is there a moment before signals are taken; packets come after.
    wait_for(lambda: curl("/small") and ask("terminal.db", "SELECT 1 FROM exchanges"))
    live.send_signal(signal.SIGHUP)
    check(live.wait(timeout=5 * SLOW) == 0, "SIGHUP on a terminal: exit", live.returncode)
    os.close(master)
    reader, writer = os.pipe()
    live = subprocess.Popen(inside(SERVER, HOPSCOPE, "live", "-i", "s0", "-o", "u.db", "tcp port 80"), stdout=writer,
                            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    os.close(writer)
    os.close(reader)
    wait_for(lambda: ask("u.db", "SELECT 1 FROM captures"))
    curl("/small")
    try:
        live.wait(timeout=5 * SLOW)
    except subprocess.TimeoutExpired:
        live.kill()
        check(False, "nobody reads the lines, and it goes on")
    # A reader that is held does not hold the database up, nor the end.
    reader, writer = os.pipe()
    live = subprocess.Popen(inside(SERVER, HOPSCOPE, "live", "-i", "s0", "-o", "v.db", "tcp port 80"), stdout=writer,
                            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    wait_for(lambda: ask("v.db", "SELECT 1 FROM captures"))
    requests = 0
    for _ in range(5):
        requests += len(curl(*["/small"] * 400))
    rows, _ = wait_for(lambda: ask("v.db", "SELECT count(*) FROM exchanges WHERE state = 'complete'") == [(requests,)])
    check(rows, "rows with a held reader:", ask("v.db", "SELECT count(*) FROM exchanges"), "of", requests)
    began = time.monotonic()
    live.terminate()
    try:
        live.wait(timeout=3 * SLOW)
    except subprocess.TimeoutExpired:
        live.kill()
        check(False, "a held reader holds the end up")
    os.close(reader)
    os.close(writer)


class Screen:
    """The program on a terminal of its own; `text` is all that it has written there."""

    def __init__(self, *options, size=(100, 24)):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", LC_ALL="C.UTF-8", XDG_CONFIG_HOME=os.getcwd())
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            words = inside(SERVER, HOPSCOPE, "live", "-i", "s0", *options)
            os.execvp(words[0], words)
        self.text = ""

    def read(self, seconds):
        """False: there is nobody at the other end any more."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return True
        try:
            piece = os.read(self.terminal, 1 << 16).decode(errors="replace")
        except OSError:
            return False
        self.text += piece
        return piece != ""

    def wait_for(self, words, seconds=20):
        until = time.monotonic() + seconds * SLOW
        while words not in self.text and time.monotonic() < until and self.read(0.1):
            pass
        check(words in self.text, "never seen:", words, "--", repr(self.text[-800:]))

    def press(self, keys):
        os.write(self.terminal, keys.encode())

    def end(self):
        while self.read(20 * SLOW):
            pass
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


LEFT = "\x1b[?1049l"  # the terminal shows again what was there before


def case_leave(here):
    """Whoever leaves the screens has the terminal at once, and reads why the end takes longer."""
    screen = Screen("-o", "s.db", "tcp port 80")
    screen.wait_for("[1 Connections]")
    wait_for(lambda: curl("/small") and ask("s.db", "SELECT 1 FROM exchanges"))
    db = sqlite3.connect("s.db", isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    curl("/small")
    screen.wait_for("takes no rows")
    check(LEFT not in screen.text, "the screens have gone by themselves")
    screen.press("q")
    screen.wait_for("ending: ")
    code = screen.end()
    db.execute("ROLLBACK")
    db.close()
    check(LEFT in screen.text.split("ending: ")[0], "still on the screens:", repr(screen.text[-800:]))
    check(code == 1 and "could not be written" in screen.text, "exit", code, repr(screen.text[-800:]))
    screen = Screen("-o", "s2.db", "tcp port 80")
    screen.wait_for("[1 Connections]")
    screen.press("q")
    check(screen.end() == 0, "exit of a run with nothing to do")


CLIENT_LOOP = """
import http.client, sys, time
until = time.monotonic() + float(sys.argv[1])
made = 0
while time.monotonic() < until:
    c = http.client.HTTPConnection("10.77.0.2")
    for i in range(20):
        c.request("GET", "/small?n=%d" % i)
        c.getresponse().read()
        made += 1
        time.sleep(0.001)
    c.close()
print(made)
"""


def case_memory(here):
    """Under load memory comes to rest."""
    minutes = MINUTES
    live = Live("-o", "m.db", "-q", "--keep", "1m", "tcp port 80")
    clients = [subprocess.Popen(inside(CLIENT, sys.executable, "-c", CLIENT_LOOP, str(minutes * 60)),
                                stdout=subprocess.PIPE, text=True) for _ in range(2)]
    seen = []
    while any(c.poll() is None for c in clients):
        time.sleep(min(60, minutes * 60 / 10))
        seen.append(resident_kib(live.process.pid))
    made = sum(int(c.communicate()[0]) for c in clients)
    live.end()
    print(f"  memory: {made} requests, KiB resident: {seen}")
    check(live.code == 0, "exit", live.code, live.said)
    check(max(seen) < (200 << 10) * SLOW, "memory", seen)
    if minutes >= 5:
        # Closed connections linger for two minutes, rows for one: by half of the time all is full.
        check(seen[-1] <= seen[len(seen) // 2] * 1.05 + 1024, "memory grows", seen)
        rows = ask("m.db", "SELECT COUNT(*), (MAX(request_start_us) - MIN(request_start_us)) / 1000000 FROM exchanges")
        check(rows[0][1] <= 90, "old rows stay", rows)


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


def case_idle(here):
    """With nothing to do it takes next to no CPU."""
    live = Live("-o", "i.db", "--keep", "1h", "tcp port 80")
    curl("/small")
    time.sleep(1)
    before = cpu_seconds(live.process.pid)
    time.sleep(3)
    used = (cpu_seconds(live.process.pid) - before) / 3
    print(f"  idle: {used * 100:.1f} % of a CPU")
    check(used < 0.05 * SLOW, "idle it takes", used, "of a CPU")
    live.end()


def main():
    if os.geteuid() != 0:
        skip("not root")
    for program in ("ip", "nginx", "curl"):
        if not shutil.which(program) and not os.path.exists("/usr/sbin/" + program):
            skip("no " + program)
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    try:
        make_network()
    except subprocess.CalledProcessError as e:
        remove_network()
        skip("no network namespaces here: " + e.stderr.strip())
    here = tempfile.mkdtemp(prefix="hopscope-live-")
    os.chdir(here)
    nginx = None
    try:
        nginx = start_nginx(here)
        names = [a for a in sys.argv[1:] if "=" not in a] or [n[5:] for n in globals() if n.startswith("case_")]
        for name in names:
            began = time.monotonic()
            globals()["case_" + name](here)
            print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
    finally:
        if nginx:
            nginx.terminate()
            nginx.wait()
        remove_network()
        os.chdir("/")
        shutil.rmtree(here, ignore_errors=True)
    print("failures:", len(failures))
    sys.exit(1 if failures else 0)


main()
