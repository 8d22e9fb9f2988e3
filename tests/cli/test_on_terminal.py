#!/usr/bin/python3
# What a person sees who works at a terminal, and a program behind a pipe does not: colour,
# tables as wide as the terminal, a line a figure where that is too narrow, a bar that goes
# again, remarks. The screens have tests of their own.
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import time

PATIENCE = 60  # seconds; nothing here takes one on a machine that is not busy


class Terminal:
    """The program with standard output, standard error or both on a pseudo terminal."""

    def __init__(self, *words, columns=80, on=("out", "err"), source=subprocess.DEVNULL, **variables):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
        environment.update(TERM="xterm-256color")
        environment.update({k: v for k, v in variables.items() if v is not None})
        for gone in (k for k, v in variables.items() if v is None):
            del environment[gone]
        self.out = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [os.environ["HOPSCOPE"], *words], stdin=source, env=environment,
            stdout=slave if "out" in on else self.out,
            stderr=slave if "err" in on else subprocess.DEVNULL)
        os.close(slave)
        self.seen = b""

    def take(self):
        """What it has written since. False: it has left the terminal, or says no more."""
        if not select.select([self.master], [], [], PATIENCE)[0]:
            return False
        try:
            part = os.read(self.master, 65536)
        except OSError:  # Linux, when nobody holds the other end
            return False
        self.seen += part
        return part != b""

    def wait_for(self, words):
        while words not in self.seen and self.take():
            pass
        return words in self.seen

    def end(self):
        """Exit code, and what stood on the terminal as text with single line ends."""
        while self.take():
            pass
        os.close(self.master)
        return self.process.wait(timeout=PATIENCE), self.seen.decode().replace("\r\n", "\n")

    def piped(self):
        """What went to standard output, which is not the terminal."""
        self.out.seek(0)
        return self.out.read().decode()


failures = 0


def check(is_right, *words):
    global failures
    if not is_right:
        failures += 1
        print("FAIL:", *words)


def shown(*words, **more):
    code, text = Terminal(*words, **more).end()
    check(code == 0, words, "exit", code, repr(text))
    return text


def erased(text):
    """What is left to be read when each \\r has been followed: lines as they end up."""
    lines = []
    for line in text.split("\n"):
        cells = []
        for part in line.split("\r"):
            cells[:len(part)] = part
        lines.append("".join(cells).rstrip())
    return "\n".join(lines)


def check_tables(database):
    """Wide enough: a table. Too narrow: each figure has a line, what is NULL has none."""
    query = "SELECT 1 AS one, 'some words' AS two, NULL AS three UNION ALL SELECT 2, 'more', 1.5"
    wide = shown("sql", database, query, columns=80)
    check(wide == "one  two         three\n  1  some words\n  2  more          1.5\n", "wide:", repr(wide))
    narrow = shown("sql", database, query, columns=12)
    check(narrow == "one    1\ntwo    some words\n\none    2\ntwo    more\nthree  1.5\n", "narrow:", repr(narrow))
    check(shown("sql", database, "SELECT 1 AS a_long_name_of_a_column LIMIT 0", columns=12) ==
          "a_long_name_of_a_column\n", "narrow, and no rows")
    piped = shown("sql", database, query, columns=12, on=("err",))
    check(piped == "", "a pipe's rows on the terminal", repr(piped))
    # More rows than decide the widths, and one that is larger than all that is kept.
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
    many = shown("sql", database, numbers + " SELECT i * i AS square FROM n", columns=80).split("\n")
    check(many[1] == "     1" and many[300] == " 90000", "300 rows:", many[1], many[300])
    large = shown("sql", database, "SELECT printf('%.*c', 1100000, 'x') AS x UNION ALL SELECT 'y'", columns=80)
    check(len(large) > 1100000 and large.endswith("y\n"), "a large cell:", len(large), large[-20:])


def check_colour(capture):
    for is_there, more in ((True, {}), (True, {"NO_COLOR": ""}), (False, {"NO_COLOR": "1"}),
                           (False, {"TERM": "dumb"}), (False, {"TERM": None}), (False, {"on": ("err",)})):
        text = shown("read", capture, **more)
        check(("\x1b[" in text) == is_there, "colour with", more)
    # A terminal that does not tell its size is 80 wide.
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown("read", capture, columns=0)).split("\n")
    check(max(map(len, lines)) <= 80, "no size:", max(lines, key=len))


def check_remarks(folder, capture, database):
    """Each tells at a terminal what it is about, and leaves none of it standing."""
    listed = shown("ask", database, on=("err",))
    check("idle-race" in listed and erased(listed) == "", "ask counts:", repr(listed[-80:]))
    check(shown("ask", database, "-q", on=("err",)) == "", "ask -q counts aloud")
    page = os.path.join(folder, "page.html")
    said = shown("report", database, "-o", page, on=("err",))
    check("charts" in said and "idle-race" in said, "report tells:", repr(said[-80:]))
    left = erased(said).strip()
    check(left.startswith(f"hopscope: {page} has the report, ") and "\n" not in left, "report leaves:", repr(left))
    check(shown("report", database, "-q", "-o", page, on=("err",)) == "", "report -q")
    check(shown("report", database, "-o", "-", on=("err",)).strip("\r \n").count("hopscope: ") == 0, "report -o -")
    with sqlite3.connect(database) as made:
        one, packets = made.execute("SELECT id, client_packets + server_packets FROM connections").fetchone()
    made.close()
    part = os.path.join(folder, "part.pcapng")
    said = shown("slice", database, str(one), capture, "-o", part)
    check(said == f"hopscope: {packets} packets in {part}\n", "slice says:", repr(said))


def feed_until(run, writer, packets, words):
    """Writes the packets over and over until the terminal shows the words."""
    until = time.monotonic() + PATIENCE
    while words not in run.seen and time.monotonic() < until:
        os.write(writer, packets)
        if select.select([run.master], [], [], 0.01)[0] and not run.take():
            break
    return words in run.seen


def check_bar(capture):
    """A capture that comes slowly: the bar is there meanwhile, and gone at the end."""
    raw = pathlib.Path(capture).read_bytes()
    reader, writer = os.pipe()
    run = Terminal("read", "-", source=reader, on=("err",))
    os.close(reader)
    os.write(writer, raw[:24])
    check(feed_until(run, writer, raw[24:], b" packets "), "no bar:", run.seen)
    # Told how far it is, it erases the bar, says it in a line of its own, and goes on.
    before = len(run.seen)
    run.process.send_signal(signal.SIGUSR1)
    check(run.wait_for(b"hopscope: "), "SIGUSR1:", run.seen[before:])
    os.close(writer)
    code, text = run.end()
    check(code in (0, 3) and "EXCHANGES" in run.piped(), "exit", code, run.piped()[:100])
    left = [line for line in erased(text).split("\n") if line]
    check(all(line.startswith("hopscope: ") for line in left), "left of the bar:", left)
    check(any(" packets " in line for line in left), "SIGUSR1 says:", left)
    reader, writer = os.pipe()
    run = Terminal("read", "-q", "-", source=reader, on=("err",))
    os.close(reader)
    os.write(writer, raw)
    os.close(writer)
    check(run.end() == (0, ""), "-q has a bar", run.seen)


def main():
    capture = os.path.join(os.environ["SOURCE_DIR"], "samples", "keepalive-reuse.pcap")
    with tempfile.TemporaryDirectory() as folder:
        database = os.path.join(folder, "a.db")
        # Whether one or many are meant, and what a shell would take apart.
        said = shown("read", "-o", database, capture, on=("err",))
        check(f"\n  hopscope ask {database}\n" in said, "read says:", repr(said))
        odd = os.path.join(folder, "a b.db")
        said = shown("read", "-o", odd, capture, on=("err",))
        check(f'\n  hopscope ask "{odd}"\n' in said, "read says:", repr(said))
        with sqlite3.connect(database) as made:
            port, = made.execute("SELECT client_port FROM connections WHERE exchanges > 1").fetchone()
        made.close()
        one = os.path.join(folder, "one.db")
        said = shown("read", "-o", one, capture, f"port {port}", on=("err",))
        check(" the account of 1 connection and " in said and " exchanges; ask it" in said, "one:", repr(said))
        check_tables(database)
        check_colour(capture)
        check_remarks(folder, capture, database)
        check_bar(capture)
    print("terminals see what they should" if failures == 0 else f"{failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
