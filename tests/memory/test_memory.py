#!/usr/bin/env python3
"""Allocations that fail: the Nth alone, and the Nth with every one after it, over scenarios
that between them use every command. Whatever N is: no death by a signal, no hang; either
the run goes on to the result it has with memory, or it says in a sentence why not and exits
with 1 (3, 4: as without). Databases stay whole, rows committed before stay, and a database
that was not finished does not get its name.

    test_memory.py             some of the Ns of each scenario, in half a minute
    test_memory.py --full      every Nth of every scenario
    test_memory.py --each=500  so many Ns of each scenario and mode
    test_memory.py --peers     tshark and tcpflow, where they are: 150 Ns of each
    test_memory.py NAME...     these scenarios only

HOPSCOPE is the program; the library that refuses is built here with cc."""
# nightly: --each=2000
import fcntl, gzip, os, pty, re, select, shutil, sqlite3, struct, subprocess, sys, tempfile
import termios, time

HOPSCOPE = os.path.abspath(os.environ["HOPSCOPE"])
SOURCE = os.environ["SOURCE_DIR"]
SAMPLES = os.path.join(SOURCE, "samples")
HERE = os.path.join(SOURCE, "tests", "memory")
SECONDS_MAX = 30  # of one run; a hang
CI_EACH = 6       # Ns of a scenario and mode, in CI

WORK = tempfile.mkdtemp(prefix="hopscope-memory-")
SHIM = os.path.join(WORK, "refuse.so")
failures = []


def fail(*words):
    failures.append(" ".join(str(word) for word in words))
    print("FAIL:", *words, flush=True)


def sample(name):
    return os.path.join(SAMPLES, name)


# ---- the scenarios ----

class Scenario:
    """Words after the program's name; {db} is a new database's path, {old} one with rows,
    {dir} an empty folder."""

    def __init__(self, name, words, terminal=False, program=None, ends=(0,), library_dies=False):
        self.name, self.words, self.terminal = name, words, terminal
        self.program, self.ends = program, ends
        self.library_dies = library_dies  # pcap_compile follows the NULL of its first allocation


def fragmented(path):
    """keepalive-reuse with every large enough IPv4 packet in two fragments."""
    with open(sample("keepalive-reuse.pcap"), "rb") as file:
        data = file.read()
    out, at = [data[:24]], 24
    link = struct.unpack("<I", data[20:24])[0]
    head = {1: 14, 113: 16, 276: 20}[link]
    while at < len(data):
        times, length = data[at:at + 8], struct.unpack("<I", data[at + 8:at + 12])[0]
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        ip, body = frame[head:head + 20], frame[head + 20:]
        pieces = [(0, body)]
        if len(body) > 64 and ip[0] == 0x45:
            pieces = [(0, body[:48]), (48, body[48:])]
        for start, piece in pieces:
            flags = start // 8 | (0x2000 if len(pieces) == 2 and start == 0 else 0)
            new = ip[:2] + struct.pack(">H", 20 + len(piece)) + ip[4:6]
            new += struct.pack(">H", flags) + ip[8:]
            one = frame[:head] + new + piece
            out.append(times + struct.pack("<II", len(one), len(one)) + one)
    with open(path, "wb") as file:
        file.write(b"".join(out))


def scenarios():
    pieces = os.path.join(WORK, "fragments.pcap")
    fragmented(pieces)
    zipped = os.path.join(WORK, "aborted.pcap.gz")
    with open(sample("aborted.pcap"), "rb") as plain, gzip.open(zipped, "wb") as packed:
        packed.write(plain.read())
    old = os.path.join(WORK, "old.db")
    subprocess.run([HOPSCOPE, "read", "-q", "--headers", "-o", old, sample("websocket.pcap")],
                   check=True, capture_output=True)
    yield Scenario("read", ["read", sample("keepalive-reuse.pcap")])
    for name in sorted(name for name in os.listdir(SAMPLES) if ".pcap" in name):
        yield Scenario(f"read {name}", ["read", "--json", sample(name)], ends=(0, 3))
    yield Scenario("read-db", ["read", "-q", "-o", "{db}", sample("keepalive-reuse.pcap")])
    yield Scenario("append", ["read", "-q", "-o", "{old}", sample("idle-timeout.pcap")])
    yield Scenario("headers", ["read", "-q", "--headers", "-o", "{db}", sample("chunked.pcap")])
    yield Scenario("tls", ["read", "--json", sample("connect-proxy.pcapng")])
    yield Scenario("websocket", ["read", sample("websocket.pcap")])
    yield Scenario("compressed", ["read", zipped, sample("browser.pcap.gz")])
    yield Scenario("fragments", ["read", pieces])
    yield Scenario("merged", ["read", "-q", "-o", "{db}", sample("idle-race-client.pcap"),
                              sample("idle-race-server.pcap")])
    yield Scenario("filter", ["read", "--stats", sample("pipelining.pcap"), "tcp", "port", "80"],
                   ends=(0, 2), library_dies=True)  # 2 is libpcap's own scanner
    yield Scenario("threads", ["read", "-q", "--threads", "2", "-o", "{db}",
                               sample("short-lived.pcap")])
    yield Scenario("gate", ["read", "-q", "-o", "{db}", "--fail-on", "upgrades",
                            sample("websocket.pcap")], ends=(4,))
    for form in ("jsonl", "csv", "har", "zeek", "eve", "otel"):
        words = ["export", old, form]
        yield Scenario(form, words + (["-o", "{dir}"] if form in ("csv", "zeek") else []))
    yield Scenario("report", ["report", old, "-o", "-"])
    yield Scenario("ask", ["ask", old, "upgrades"])
    yield Scenario("list", ["ask", old])
    yield Scenario("sql", ["sql", "--json", old, "SELECT * FROM exchanges ORDER BY id"])
    yield Scenario("slice", ["slice", old, "SELECT id FROM connections", sample("websocket.pcap"),
                             "-o", "{dir}/part.pcapng"])
    if "--anonymize" in subprocess.run([HOPSCOPE, "slice", "--help"], capture_output=True,
                                       text=True).stdout:
        key = os.path.join(WORK, "key")
        with open(key, "w") as file:
            file.write("0123456789abcdef" * 2 + "\n")
        yield Scenario("anonymous", ["read", "--anonymize-key", key, sample("browser.pcap.gz")])
        yield Scenario("anonymous-slice", [
            "slice", "--anonymize-key", key, old, "SELECT id FROM connections", sample("websocket.pcap"),
            "-o", "{dir}/part.pcapng"])
    yield Scenario("view-db", ["view", old], terminal=True)
    yield Scenario("view-file", ["view", sample("pipelining.pcap")], terminal=True)
    if has_namespaces():
        yield Scenario("live", [os.path.join(HERE, "live.sh"), HOPSCOPE, "{db}"], program="sh")


def has_namespaces():
    return os.geteuid() == 0 and subprocess.run(
        ["unshare", "-n", "true"], capture_output=True).returncode == 0


# ---- one run ----

def environment(count_to=None, at=0, ever=False):
    more = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm", NO_COLOR="1",
                XDG_CONFIG_HOME=WORK, REFUSE_AT=str(at), REFUSE_EVER="1" if ever else "0",
                REFUSE_LIBRARY=SHIM)
    more.pop("REFUSE_COUNT", None)
    if count_to:
        more["REFUSE_COUNT"] = count_to
    return more


def run_plain(words, more):
    try:
        done = subprocess.run(words, env=more, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return None, b"", b""
    return done.returncode, done.stdout, done.stderr


def run_on_terminal(words, more):
    """Types q once there is something on the screen; the terminal must be as it was."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(slave)
    process = subprocess.Popen(words, env=more, stdin=slave, stdout=slave,
                               stderr=subprocess.PIPE, start_new_session=True)
    output, typed, end = b"", 0, time.monotonic() + SECONDS_MAX
    while process.poll() is None and time.monotonic() < end:
        if select.select([master], [], [], 0.02)[0]:
            output += os.read(master, 65536)
        if len(output) > 600 and time.monotonic() > typed + 0.3:
            os.write(master, b"q")
            typed = time.monotonic()
    if process.poll() is None:
        process.kill()
        process.wait()
        code = None
    else:
        code = process.returncode
    errors = process.stderr.read()
    while select.select([master], [], [], 0)[0]:
        output += os.read(master, 65536)
    if code is not None and termios.tcgetattr(slave) != before:
        errors += b"\nTHE TERMINAL IS NOT AS IT WAS"
    if output.count(b"\x1b[?1049h") > output.count(b"\x1b[?1049l"):
        errors += b"\nTHE SCREEN WAS NOT LEFT"
    process.stderr.close()
    os.close(master)
    os.close(slave)
    return code, b"" if typed else output, errors


class Run:
    """A scenario once, in a folder of its own."""

    def __init__(self, scenario, at=0, ever=False, count=False):
        self.scenario = scenario
        self.folder = tempfile.mkdtemp(dir=WORK)
        names = {"db": os.path.join(self.folder, "new.db"), "dir": self.folder,
                 "old": os.path.join(self.folder, "old.db")}
        if "{old}" in scenario.words:
            shutil.copy(os.path.join(WORK, "old.db"), names["old"])
        self.names = names
        words = [re.sub(r"\{(db|dir|old)\}", lambda m: names[m[1]], word)
                 for word in scenario.words]
        counted = os.path.join(self.folder, "count") if count else None
        more = environment(counted, at, ever)
        # A script preloads for the program that it starts, and not for itself.
        if scenario.program is None:
            more["LD_PRELOAD"] = SHIM
        run = run_on_terminal if scenario.terminal else run_plain
        self.code, self.output, self.errors = run([scenario.program or HOPSCOPE] + words, more)
        self.count = 0
        if counted and os.path.exists(counted):
            with open(counted) as file:
                self.count = int(file.read())

    def whole_rows(self, path):
        """Rows by table; None: no file of that name; raises where it is not whole."""
        if not os.path.exists(path):
            return None
        db = sqlite3.connect(path)
        try:
            whole = db.execute("PRAGMA integrity_check").fetchone()[0]
            if whole != "ok":
                raise sqlite3.DatabaseError(whole)
            return {name: db.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]
                    for name in ("captures", "connections", "exchanges", "tunnels", "findings",
                                 "headers")}
        finally:
            db.close()

    def rows(self):
        return self.whole_rows(self.names["db"]), self.whole_rows(self.names["old"])

    def done(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def complaint(run, usual):
    """What is wrong with a run; None: nothing."""
    code = run.code
    if code is None:
        return "hangs"
    if code < 0 or code > 128:
        if run.scenario.library_dies and code == -11 and run.output == b"":
            return None
        return f"dies by signal {-code if code < 0 else code - 128}"
    if b"THE TERMINAL" in run.errors or b"THE SCREEN" in run.errors:
        return run.errors.decode(errors="replace")[-60:]
    # Libraries that end the program themselves (libtinfo, libpcap's scanner) say it, too.
    said = re.search(rb"^hopscope: \S.{8,}|out of (dynamic )?memory", run.errors, re.M | re.I)
    if code not in (1,) + run.scenario.ends:
        return f"exits with {code}: {run.errors[-200:]!r}"
    if code == 1 and not said:
        return f"says nothing: {run.errors[-200:]!r}"
    try:
        new, old = run.rows()
    except sqlite3.Error as error:
        return f"leaves a damaged database: {error}"
    usual_new, usual_old = usual.expected
    if code != 1:
        if run.scenario.name == "live":
            return None if new else "made no database"
        if (new, old) != (usual_new, usual_old) and not said:
            return f"has other rows, and says nothing: {new} {old}"
        if run.output != usual.output and not said:
            return "prints something else, and says nothing"
        return None
    if run.scenario.name == "live":
        return None  # what was committed stays, and it is whole
    if new is not None and new != usual_new:
        return f"gave its name to half a database: {new}"
    if old is not None and old not in (usual.before, usual_old):
        return f"has part of a run: {old}"
    return None


def numbers(count, each):
    """At most `each` of 1..count, spread evenly, the first few and the last among them."""
    if each is None or count <= each:
        return range(1, count + 1)
    return sorted({1 + i * (count - 1) // (each - 1) for i in range(each)})


def sweep(scenario, each):
    usual = Run(scenario, count=True)
    if usual.code not in scenario.ends:
        fail(scenario.name, "fails with all its memory:", usual.code, usual.errors[-300:])
        return 0
    usual.expected = usual.rows()
    usual.before = usual.whole_rows(os.path.join(WORK, "old.db"))
    runs = failed = ended = 0
    for ever in (False, True):
        for at in numbers(usual.count, each):
            run = Run(scenario, at, ever)
            wrong = complaint(run, usual)
            runs += 1
            ended += run.code == 1
            if wrong and failed < 8:
                fail(scenario.name, f"N={at} {'ever' if ever else 'once'}:", wrong)
            failed += bool(wrong)
            run.done()
    print(f"{scenario.name:32} {usual.count:7} allocations  {runs:6} runs  {ended:6} ended "
          f"with 1  {runs - ended - failed:6} went on  {failed:4} faults", flush=True)
    usual.done()
    return runs


# ---- others ----

def sweep_peer(words):
    """How many of 150 runs of another program die by a signal."""
    counted = os.path.join(WORK, "count")
    run_plain(words, dict(environment(counted), LD_PRELOAD=SHIM))
    if not os.path.exists(counted):
        print(words[0], "does not come to its end")
        return
    with open(counted) as file:
        count = int(file.read())
    os.unlink(counted)
    ends = {"signal": 0, "refused": 0, "went on": 0, "hung": 0}
    for i in range(150):
        at = 1 + i * (count - 1) // 149
        code, _, _ = run_plain(words, dict(environment(None, at, i % 2 == 1), LD_PRELOAD=SHIM))
        how = "hung" if code is None else "signal" if code < 0 else "refused" if code else "went on"
        ends[how] += 1
    print(f"{os.path.basename(words[0]):10} {count:7} allocations  150 runs:",
          ", ".join(f"{n} {how}" for how, n in ends.items()))


def sweep_peers():
    capture = sample("keepalive-reuse.pcap")
    out = os.path.join(WORK, "flows")
    peers = (["tshark", "-r", capture], ["tcpflow", "-r", capture, "-o", out],
             [HOPSCOPE, "read", capture])
    for words in peers:
        if shutil.which(words[0]):
            sweep_peer(words)


def main():
    with open(HOPSCOPE, "rb") as program:
        if re.search(rb"__[at]san_init", program.read()):
            print("a sanitizer has the allocator")
            return 77
    if not shutil.which("cc"):
        print("no cc")
        return 77
    subprocess.run(["cc", "-O1", "-std=c17", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", SHIM,
                    os.path.join(HERE, "refuse.c"), "-ldl"], check=True)
    wanted = [word for word in sys.argv[1:] if not word.startswith("-")]
    if "--peers" in sys.argv:
        sweep_peers()
        return 0
    each = None if "--full" in sys.argv else CI_EACH
    for word in sys.argv:
        if word.startswith("--each="):
            each = int(word[7:])
    done = runs = 0
    for scenario in scenarios():
        if wanted and scenario.name not in wanted:
            continue
        runs += sweep(scenario, each)
        done += 1
    print(f"{done} scenarios, {runs} runs, {len(failures)} faults")
    return 1 if failures or done == 0 else 0


try:
    code = main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
sys.exit(code)
