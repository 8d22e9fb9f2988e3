#!/usr/bin/env python3
"""The state of every thread of a running read, view and live, as the kernel tells it in
/proc/PID/task/*/status: no capability, no new privileges, a filter of system calls. And
of the process that live --reopen leaves behind, and whether it opens what has gone again.

live needs root and ip netns; without them that part is left out, and said so."""
import glob, os, pty, select, shutil, signal, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import HOPSCOPE, SAMPLE, check, end, run, skip_if_sanitized, wait_for

NOTHING = "0000000000000000"
CAPTURE = "0000000000002000"  # CAP_NET_RAW
NAME = f"hsb{os.getpid()}"


def threads(pid):
    """Of each thread a dict of its status; one that has just ended is left out."""
    found = []
    for path in glob.glob(f"/proc/{pid}/task/*/status"):
        try:
            with open(path) as f:
                found.append(dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line))
        except OSError:
            pass
    return found


def is_locked(thread, kept=NOTHING):
    return (thread.get("CapEff") == kept and thread.get("CapPrm") == kept and thread.get("CapAmb") == NOTHING
            and thread.get("NoNewPrivs") == "1" and thread.get("Seccomp") == "2")


def check_threads(what, pid, least):
    wait_for(lambda: len(threads(pid)) >= least and all(map(is_locked, threads(pid))))
    found = threads(pid)
    check(len(found) >= least, what, "has", len(found), "threads")
    for thread in found:
        check(is_locked(thread), what, {k: thread.get(k) for k in ("Name", "CapEff", "NoNewPrivs", "Seccomp")})
    print(f"{what}: {len(found)} threads, uid {found[0]['Uid'].split()[0] if found else '-'}")


def case_read(here):
    """Fed by a slow pipe: half of the capture, a look, the rest."""
    with open(SAMPLE, "rb") as f:
        capture = f.read()
    for threads_wanted, least in (("1", 3), ("3", 6)):
        process = subprocess.Popen([HOPSCOPE, "read", "--sandbox", "on", "-q", "-o", f"{here}/r{threads_wanted}.db",
                                    "--threads", threads_wanted, "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL)
        process.stdin.write(capture[:len(capture) // 2])
        process.stdin.flush()
        check_threads(f"read --threads {threads_wanted}", process.pid, least)
        process.stdin.write(capture[len(capture) // 2:])
        process.stdin.close()
        check(process.wait(timeout=30) == 0, "read: exit", process.returncode)


def on_terminal(words, here):
    """Starts it on a terminal of its own; what it draws is thrown away by `drain`."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(here)
        os.environ.update(TERM="xterm", HOME=here)
        os.execv(words[0], words)
    return pid, terminal


def drain(terminal, seconds):
    drawn, until = b"", time.monotonic() + seconds
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                drawn += os.read(terminal, 65536)
            except OSError:
                break
    return drawn


def case_view(here):
    run(HOPSCOPE, "read", "-q", "-o", f"{here}/v.db", SAMPLE)
    for name in (SAMPLE, f"{here}/v.db"):
        pid, terminal = on_terminal([HOPSCOPE, "view", "--sandbox", "on", name], here)
        drawn = drain(terminal, 1.0)
        check(b"app.example" in drawn or b"127.0.0.1" in drawn or b"\x1b[" in drawn, "view drew nothing:", drawn[:200])
        check_threads(f"view {os.path.basename(name)}", pid, 2)
        os.write(terminal, b"q")
        drain(terminal, 0.5)
        check(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, "view: exit")
        os.close(terminal)


def inside(*words):
    return ("ip", "netns", "exec", NAME) + words


def make_link():
    run("ip", "-n", NAME, "link", "add", "h0", "type", "veth", "peer", "name", "h1")
    for device in ("h0", "h1"):
        run("ip", "-n", NAME, "link", "set", device, "up")


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return [int(word) for word in f.read().split()]
    except OSError:
        return []


def case_live(here):
    process = subprocess.Popen(inside(HOPSCOPE, "live", "--sandbox", "on", "-q", "-i", "h0", "-o", f"{here}/l.db",
                                      "-w", f"{here}/l.pcapng", "--threads", "1"))
    wait_for(lambda: len(threads(process.pid)) >= 4)
    check_threads("live", process.pid, 4)
    process.send_signal(signal.SIGTERM)
    check(process.wait(timeout=20) == 0, "live: exit", process.returncode)
    run("ip", "-n", NAME, "link", "del", "h0")
    make_link()


def case_reopen(here):
    """The interface goes and comes back: another worker, the same supervisor."""
    said = open(f"{here}/said", "w+")
    process = subprocess.Popen(inside(HOPSCOPE, "live", "--sandbox", "on", "-q", "--reopen", "-i", "h0",
                                      "-o", f"{here}/again.db"), stderr=said)
    first = wait_for(lambda: children(process.pid))
    if not check_workers(process, first):
        return
    check_threads("worker", first[0], 4)
    own = threads(process.pid)
    check(len(own) == 1 and is_locked(own[0], CAPTURE), "supervisor:", own)
    run("ip", "-n", NAME, "link", "del", "h0")
    wait_for(lambda: children(process.pid) not in ([], first))
    make_link()
    wait_for(lambda: "is back" in read_all(said))
    check("has gone" in read_all(said) and "is back" in read_all(said), "said:", read_all(said))
    # One that came while the interface was not quite back may have gone again.
    again = wait_for(lambda: [pid for pid in children(process.pid) if len(threads(pid)) >= 4])
    if check_workers(process, again):
        check_threads("worker again", again[0], 4)
    process.send_signal(signal.SIGTERM)
    check(process.wait(timeout=20) == 0, "reopen: exit", process.returncode, read_all(said))
    rows = run(HOPSCOPE, "sql", f"{here}/again.db", "SELECT count(*) FROM captures", "--csv").stdout
    check(rows.split() == ["count(*)", "2"], "captures:", rows)


def check_workers(process, workers):
    check(workers, "no worker:", process.poll())
    if not workers:
        process.kill()
    return bool(workers)


def read_all(f):
    f.seek(0)
    return f.read()


def main():
    skip_if_sanitized()
    with tempfile.TemporaryDirectory() as here:
        case_read(here)
        case_view(here)
        if os.geteuid() != 0 or not shutil.which("ip") or run("ip", "netns", "add", NAME).returncode != 0:
            print("live: left out, it needs root and ip netns")
            end("threads")
        try:
            make_link()
            case_live(here)
            case_reopen(here)
        finally:
            run("ip", "netns", "del", NAME)
    end("threads")


main()
