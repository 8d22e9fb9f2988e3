#!/usr/bin/env python3
"""The screens of hopscope live on a terminal that is odd, held, resized without end or
gone; and what the terminal is like after the program.

Arguments: --full, and the names of the cases to run; none: all. Needs root; 77 says so."""
# labels: faults
# nightly: --full
import fcntl, os, pty, random, select, signal, struct, sys, termios, time
from service import *

FULL = "--full" in sys.argv


class Terminal:
    """The program on a pseudo terminal."""

    def __init__(self, *options, size=(24, 80), kind="xterm-256color"):
        self.master, slave = pty.openpty()
        self.resize(*size)
        self.before = termios.tcgetattr(slave)
        self.path = options[options.index("-o") + 1] if "-o" in options else ""
        captures = count_captures(self.path)
        # Python would take a SIGINT that comes before the program is there.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self.pid = os.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for fd in (0, 1, 2):
                os.dup2(slave, fd)
            os.environ.update(TERM=kind, LC_ALL="C.UTF-8")
            os.environ.pop("NO_COLOR", None)
            os.execv(HOPSCOPE, (HOPSCOPE, "live", "-i", "f1") + options)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        self.slave = slave  # kept open: its settings are looked at afterwards
        self.ready = lambda: self.read_some() or count_captures(self.path) > captures

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read_some(self, seconds=0.0):
        """Takes what it writes, for so long. False: there is no more at this moment."""
        until = time.monotonic() + seconds
        while self.master >= 0:
            left = max(0.0, until - time.monotonic())
            if not select.select([self.master], [], [], left)[0]:
                return False
            try:
                os.read(self.master, 65536)
            except OSError:
                return False
        return False

    def is_alive(self):
        if self.pid and os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            return True
        self.pid = 0
        return False

    def wait(self, seconds=3 * GENEROUS, reads=True):
        """Exit code; None: it did not end."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if reads:
                self.read_some(0.01)
            else:
                time.sleep(0.01)
            pid, state = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(state)
        return None

    def end(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        for fd in (self.master, self.slave):
            if fd >= 0:
                os.close(fd)

    def check_restored(self, name):
        after = termios.tcgetattr(self.slave)
        check(after == self.before, name, "the terminal is not as it was:", self.before, after)

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def remove(*names):
    for name in names:
        for ending in ("", "-wal", "-shm", "-journal"):
            if os.path.exists(name + ending):
                os.remove(name + ending)


def check_database(path, sent, name):
    check_whole(path, name)
    check_numbers(numbers(path), range(sent), name)
    check(ask(path, "PRAGMA journal_mode") == [("delete",)], name, "left in WAL mode")


class Tail:
    """Keeps the end of what a terminal was told."""

    def __init__(self, terminal):
        self.terminal, self.bytes = terminal, b""

    def pump(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if select.select([self.terminal.master], [], [], 0.01)[0]:
                try:
                    self.bytes = (self.bytes + os.read(self.terminal.master, 65536))[-100000:]
                except OSError:
                    return


class Talk(Tail):
    """What a terminal was told, as text without the sequences that place and colour it."""

    def text(self):
        return re.sub(rb"\x1b(\[[0-9;?]*[a-zA-Z]|\([0-9A-Z]|[=>78])", b"", self.bytes).decode(errors="replace")

    def shows(self, words, name):
        """To be asked for what is drawn once: of what changes, only the change is written."""
        found = wait_for(lambda: self.pump(0.05) or words in self.text() or not self.terminal.is_alive())
        check(found and words in self.text(), name, "never shows", words, repr(self.text()[-200:]))

    def end(self, code, name, says=()):
        began = time.monotonic()
        while self.terminal.pid and time.monotonic() < began + 3 * GENEROUS:
            self.pump(0.05)
            pid, state = os.waitpid(self.terminal.pid, os.WNOHANG)
            if pid:
                self.terminal.pid, found = 0, os.waitstatus_to_exitcode(state)
        self.pump(0.1)
        check(self.terminal.pid == 0 and found == code, name, "exit", self.terminal.pid or found)
        left = re.sub(rb"\x1b(\[[0-9;?]*[a-zA-Z]|[=>78])", b"", self.bytes.rpartition(b"\x1b[?1049l")[2]).decode()
        for words in says:
            check(words in left, name, "not said:", words, repr(left))
        self.terminal.check_restored(name)
        self.terminal.end()


def case_ways():
    """With a file of packets, without a database, with lines instead of screens; left by
    keys, by a count, by a signal; and sentences that come meanwhile are said again."""
    name = "packets, two threads:"
    t = Talk(Terminal("-w", "p.pcapng", "--threads", "2", "--headers", "-o", "p.db", FILTER))
    t.shows("live f1 > p.db", name)
    wait_for(lambda: t.pump(0.05) or t.terminal.ready())
    Traffic(count=5).wait()
    wait_for(lambda: t.pump(0.05) or count("p.db") == 5)
    os.write(t.terminal.master, b"\r")  # a ladder, of the packets that are kept
    t.shows("FIN ACK", name)
    os.write(t.terminal.master, b"\x1b")
    subprocess.run(["ip", "link", "set", "f1", "down"], check=True)
    t.shows("nothing is seen until it is up", name)  # for some seconds
    subprocess.run(["ip", "link", "set", "f1", "up"], check=True)
    os.write(t.terminal.master, b"q")
    t.end(0, name, ("f1 is down", "packets seen"))
    check_database("p.db", 5, name)
    name = "no database:"
    t = Talk(Terminal("-w", "q.pcapng", FILTER))
    t.shows("[1 Connections]", name)
    os.write(t.terminal.master, b"q")
    t.shows("what was seen is in no database", name)
    os.write(t.terminal.master, b"nqy")
    t.end(0, name, ("packets seen",))
    name = "a count:"
    t = Talk(Terminal("-c", "8", FILTER))
    t.shows("[1 Connections]", name)
    Traffic(count=2).wait()
    t.pump(0.5)  # all is over, and stands there until somebody leaves or a signal comes
    check(t.terminal.is_alive(), name, "it ended")
    os.kill(t.terminal.pid, signal.SIGTERM)
    t.end(0, name, ("8 packets seen",))
    for option in ("--log", "--json", "-q"):
        t = Talk(Terminal("-c", "8", option, FILTER))
        wait_for(lambda: t.pump(0.05) or has_socket())
        Traffic(count=20, rate=20).wait()
        t.end(0, option + ":", () if option == "-q" else ("8 packets seen",))
        check(b"\x1b[?1049h" not in t.bytes, option, "has screens")
    name = "an unknown terminal:"
    t = Talk(Terminal("-c", "8", FILTER, kind="nosuch"))
    wait_for(lambda: t.pump(0.05) or has_socket())
    Traffic(count=20, rate=20).wait()
    t.end(0, name, ("TERM", "8 packets seen"))
    remove("p.db", "p.pcapng", "p-t2.pcapng", "q.pcapng")


def has_socket():
    with open("/proc/net/packet") as f:
        return len(f.readlines()) > 1


def case_restored():
    """Signals at any moment, the first ones included: settings byte for byte, the other
    screen left, the cursor back."""
    times, slowest = (1000 if FULL else 8), 0
    for i in range(times):
        remove("t.db")
        t = Terminal("-o", "t.db", FILTER)
        tail = Tail(t)
        tail.pump(random.random() * (0.12 if i % 2 else 0.8))
        os.kill(t.pid, (signal.SIGINT, signal.SIGTERM)[i // 2 % 2])
        began = time.monotonic()
        code = None
        while code is None and time.monotonic() < began + 3 * GENEROUS:
            tail.pump(0.02)
            pid, state = os.waitpid(t.pid, os.WNOHANG)
            if pid:
                t.pid, code = 0, os.waitstatus_to_exitcode(state)
        tail.pump(0.05)
        slowest = max(slowest, time.monotonic() - began)
        name = f"signal {i} (exit {code}):"
        check(code in (0, -signal.SIGINT, -signal.SIGTERM), name, tail.bytes[-200:])
        t.check_restored(name)
        entered, left = tail.bytes.rfind(b"\x1b[?1049h"), tail.bytes.rfind(b"\x1b[?1049l")
        check(entered <= left, name, "the other screen is not left")
        hidden, shown = tail.bytes.rfind(b"\x1b[?25l"), max(tail.bytes.rfind(b"\x1b[?25h"), tail.bytes.rfind(b"\x1b[?12l\x1b[?25h"))
        check(hidden <= shown, name, "the cursor is not back")
        t.end()
    check(slowest < 2 * GENEROUS, "an end took", slowest, "s")
    print(f"restored: {times} signals, slowest end {slowest:.2f} s")


def case_sizes():
    """From 1x1 to 500x200, with rows to show."""
    t = Terminal("-o", "s.db", FILTER, size=(1, 1))
    wait_for(t.ready)
    traffic = Traffic(0, 200)
    sizes = [(1, 1), (1, 200), (200, 1), (2, 2), (24, 80), (200, 500), (3, 10), (8, 40), (1, 1), (60, 240)]
    for rows, columns in sizes * (10 if FULL else 1):
        t.resize(rows, columns)
        t.read_some(0.15)
        for key in (b"j", b"\r", b"\t", b"?", b"\x1b"):
            os.write(t.master, key)
            t.read_some(0.03)
    check(t.is_alive(), "it ended")
    sent = traffic.stop()
    if t.pid:
        wait_for(lambda: t.read_some() or count("s.db") == sent)
        os.kill(t.pid, signal.SIGTERM)
        check(t.wait() == 0, "exit after all sizes")
        t.check_restored("sizes:")
    t.end()
    check_database("s.db", sent, "sizes:")


def case_storm():
    """A thousand SIGWINCH in a second, sizes that change."""
    seconds = 60 if FULL else 2
    t = Terminal("-o", "w.db", FILTER)
    wait_for(t.ready)
    traffic, storms = Traffic(0, 300), 0
    until = time.monotonic() + seconds
    while time.monotonic() < until and t.is_alive():
        if storms % 50 == 0:
            t.resize(5 + storms // 50 % 60, 10 + storms // 50 % 200)
        os.kill(t.pid, signal.SIGWINCH)
        storms += 1
        t.read_some(0.0005)
    check(t.is_alive(), "it ended")
    sent = traffic.stop()
    if t.pid:
        wait_for(lambda: t.read_some() or count("w.db") == sent)
        os.kill(t.pid, signal.SIGTERM)
        check(t.wait() == 0, "exit after the storm")
        t.check_restored("storm:")
    t.end()
    check_database("w.db", sent, "storm:")
    packets = ask("w.db", "SELECT packets, kernel_dropped FROM captures")
    check(packets == [(sent * FRAMES, 0)], "packets and drops", packets, "of", sent * FRAMES)
    print(f"storm: {storms} signals in {seconds} s, {sent} conversations")


def case_closed():
    """The terminal goes away: it ends by itself, in order, and does not spin."""
    for i in range(20 if FULL else 2):
        remove("c.db")
        t = Terminal("-o", "c.db", FILTER)
        wait_for(t.ready)
        sent = Traffic(count=50).wait()
        t.read_some(0.3)
        os.close(t.master)
        os.close(t.slave)
        t.master = t.slave = -1
        began, used = time.monotonic(), t.cpu_seconds()
        code = t.wait(reads=False)
        took = time.monotonic() - began
        check(code is not None, "closed: it goes on; CPU", 0 if t.pid == 0 else t.cpu_seconds() - used)
        check(took < GENEROUS, "closed: the end took", took, "s")
        t.end()
        check_database("c.db", sent, f"closed (exit {code}):")
    print(f"closed: exit {code} after {took:.2f} s")


def case_held():
    """Nobody reads what the terminal is told (Ctrl-S, a dead link): rows and packets go on,
    the program can be ended, and it does not spin meanwhile."""
    t = Terminal("-o", "h.db", FILTER)
    wait_for(t.ready)
    t.read_some(0.5)
    traffic = Traffic(0, 500)
    time.sleep(1)
    used = t.cpu_seconds()
    time.sleep(20 if FULL else 2)
    check(t.is_alive(), "it ended")
    sent = traffic.stop()
    check(wait_for(lambda: count("h.db") == sent), "held:", count("h.db"), "of", sent)
    used = t.cpu_seconds() - used
    began = time.monotonic()
    os.kill(t.pid, signal.SIGTERM)
    code = t.wait(reads=False)
    check(code == 0, "held: exit", code)
    check(time.monotonic() - began < GENEROUS, "held: the end took", time.monotonic() - began)
    t.check_restored("held:")
    t.end()
    check_database("h.db", sent, "held:")
    packets = ask("h.db", "SELECT packets, kernel_dropped FROM captures")
    check(packets == [(sent * FRAMES, 0)], "packets and drops", packets, "of", sent * FRAMES)
    print(f"held: {sent} conversations, {used:.2f} s of CPU meanwhile")


def main():
    enter("/mnt")
    run_cases(globals())


if __name__ == "__main__":
    main()
