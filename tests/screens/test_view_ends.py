#!/usr/bin/python3
# How the screens of hopscope view begin and end, on a pseudo terminal of this program's own:
# captures that are empty, damaged, several or told of drops, speeds, places for settings,
# signals. What the pages look like is test_screens.sh's.
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

SAMPLES = pathlib.Path(os.environ["SOURCE_DIR"], "samples")
PATIENCE = 60  # seconds; nothing here takes one on a machine that is not busy
failures = 0


def check(is_right, *words):
    global failures
    if not is_right:
        failures += 1
        print("FAIL:", *words)


class Screen:
    """hopscope view with all of its three on a terminal of its own."""

    def __init__(self, *words, **variables):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        environment = dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8", HOME=os.getcwd())
        environment.pop("XDG_CONFIG_HOME", None)
        environment.update({k: v for k, v in variables.items() if v is not None})
        for gone in (k for k, v in variables.items() if v is None):
            environment.pop(gone, None)
        self.process = subprocess.Popen(
            [os.environ["HOPSCOPE"], "view", *map(str, words)], stdin=self.slave, stdout=self.slave,
            stderr=self.slave, env=environment, start_new_session=True)
        self.seen = b""

    def text(self):
        """What was written, without the sequences that place and colour it."""
        return re.sub(rb"\x1b(\[[0-9;?]*[a-zA-Z]|\([0-9A-Z]|[=>78])", b"", self.seen).decode(errors="replace")

    def wait_for(self, words):
        """To be asked for what is drawn once: of what changes, only the change is written."""
        until = time.monotonic() + PATIENCE
        while words not in self.text():
            if time.monotonic() > until or not self.take():
                check(False, self.process.args, "never shows", words, repr(self.text()[-300:]))
                return False
        return True

    def take(self):
        if select.select([self.master], [], [], 0.1)[0]:
            self.seen += os.read(self.master, 65536)
            return True
        return self.process.poll() is None

    def keys(self, keys):
        if self.process.poll() is None:
            os.write(self.master, keys)

    def end(self):
        """Exit code and what is said behind the screens; the terminal is as it was."""
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < until:
            self.take()
        while select.select([self.master], [], [], 0)[0]:
            self.seen += os.read(self.master, 65536)
        if self.process.poll() is None:
            check(False, self.process.args, "does not end")
            self.process.kill()
        check(termios.tcgetattr(self.slave) == self.before, self.process.args, "the terminal is another")
        os.close(self.master)
        os.close(self.slave)
        after = self.seen.rpartition(b"\x1b[?1049l")[2]
        said = re.sub(rb"\x1b(\[[0-9;?]*[a-zA-Z]|[=>78])", b"", after).decode().replace("\r", "").strip()
        return self.process.wait(), said


def shown(words, sight, code=0, says="", **variables):
    """Opens, waits until it shows something, quits."""
    screen = Screen(*words, **variables)
    screen.wait_for(sight)
    screen.keys(b"q")
    found, said = screen.end()
    check(found == code, words, "exit", found, repr(said))
    check(says in said and (says or not said), words, "says", repr(said))


def refused(words, code, says):
    found, said = Screen(*words).end()
    check(found == code and says in said and said.count("hopscope: ") == 1, words, "exit", found, repr(said))


def with_drops(path):
    """A capture of a packet whose file tells what the kernel dropped."""
    def block(kind, body):
        length = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + length + body + length
    counts = struct.pack("<HHQ", 5, 8, 7) + struct.pack("<HHQ", 7, 8, 4711) + struct.pack("<HH", 0, 0)
    path.write_bytes(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) +
                     block(1, struct.pack("<HHI", 1, 0, 0)) +
                     block(6, struct.pack("<IIIII", 0, 0, 1, 12, 12) + bytes(12)) +
                     block(5, struct.pack("<III", 0, 0, 2) + counts))


def main():
    mixed, other = SAMPLES / "mixed.pcap", SAMPLES / "short-lived.pcap"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        pathlib.Path("cut.pcap").write_bytes(mixed.read_bytes()[:20000])
        pathlib.Path("header.pcap").write_bytes(mixed.read_bytes()[:24])
        with_drops(pathlib.Path("drops.pcapng"))
        shown([mixed, other], "mixed.pcap +1")
        shown([other], "short-lived.pcap")
        shown(["header.pcap"], "header.pcap")
        shown(["--speed", "1000", "header.pcap"], "header.pcap")
        shown(["cut.pcap"], "cut.pcap", code=3, says="hopscope: cut.pcap: ")
        shown(["cut.pcap", "cut.pcap"], "cut.pcap", code=3, says="hopscope: cut.pcap: ")
        shown(["drops.pcapng"], "drops 4718")
        # All that is played is kept at its pace, and at the end its damage is told.
        shown(["--speed", "1000", "cut.pcap"], "damaged at byte", code=3, says="cut.pcap")
        for speed in ("x", "1x", "0", "0.001", "1001", "nan", "-1"):
            refused(["--speed", speed, mixed], 2, f"--speed takes a number from 0.01 to 1000 (1: as it was), not '{speed}'")
        # Settings go to an absolute place, or nowhere.
        for variables in ({"XDG_CONFIG_HOME": "relative"}, {"HOME": "relative"}, {"HOME": None},
                          {"XDG_CONFIG_HOME": "relative", "HOME": None}):
            shown([mixed], "mixed.pcap", **variables)
        check(not os.path.exists("relative"), "settings in a relative place")
        # Told to end, it does, in order.
        for number in (signal.SIGTERM, signal.SIGINT):
            screen = Screen(mixed)
            if screen.wait_for("[1 Connections]"):
                screen.process.send_signal(number)
            code, said = screen.end()
            check((code, said) == (0, ""), number, "exit", code, repr(said))
        # A replay that is at its end takes keys as before.
        screen = Screen("--speed", "1000", mixed)
        if screen.wait_for("[1 Connections]"):
            screen.keys(b"ppe+-2")
            screen.wait_for("[2 Origins]")
            screen.keys(b"q")
        code, said = screen.end()
        check(code == 0, "after the end of a replay: exit", code, repr(said))
        os.chdir("/")
    print("views begin and end as they should" if failures == 0 else f"{failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
