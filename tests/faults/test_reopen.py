#!/usr/bin/env python3
"""live --reopen: the process that waits and the one that works, killed, stopped, told to end
while the interface is away or coming back. Nobody is left behind, every end has its code, and
what was committed is there.

Arguments: --full, and the names of the cases to run; none: all. Needs root; 77 says so."""
# labels: faults
# nightly: --full
import os, random, signal, subprocess, sys, time
from service import *

FULL = "--full" in sys.argv


def processes():
    """{pid: (parent, state)} of this program's, in this namespace; Z: nobody has waited."""
    found = {}
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat") as f:
                comm, rest = f.read().split("(", 1)[1].rsplit(")", 1)
        except (OSError, IndexError):
            continue
        if comm == "hopscope":
            state, parent = rest.split()[:2]
            found[int(name)] = int(parent), state
    return found


def worker_of(live):
    """The one child that lives; a dead one that nobody waits for would be a second."""
    workers = [pid for pid, (parent, _) in processes().items() if parent == live.process.pid]
    check(len(workers) <= 1, "workers:", workers)
    return workers[0] if workers else 0


def check_nobody(name):
    check(wait_for(lambda: not processes()), name, "left behind:", processes())


def link(is_there):
    if not is_there:
        subprocess.run("ip link del f0".split(), check=True)
        return
    for words in ("link add f0 type veth peer name f1", "link set f0 up", "link set f1 up"):
        subprocess.run(["ip"] + words.split(), check=True)


def send(first, count_wanted=20):
    Traffic(first, count=count_wanted).wait()
    return first + count_wanted


def case_death():
    """What kills a worker is told, and it is not begun again."""
    for number in (signal.SIGKILL,) if IS_SANITIZED else (signal.SIGKILL, signal.SIGSEGV):
        path = f"death{number}.db"
        live = Live("-o", path, "-q", "--reopen", FILTER)
        send(0)
        check(wait_for(lambda: count(path) == 20), path, count(path), "of 20")
        os.kill(worker_of(live), number)
        live.end(None)
        check(live.code == 128 + number, path, "exit", live.code, live.said)
        check(f"ended by signal {int(number)}" in live.said, path, "said:", live.said)
        check_nobody(path)
        check_whole(path, path)
        check_numbers(numbers(path), range(20), path)


def case_away():
    """The interface goes and comes back, again and again: one database, a capture each."""
    times, first = (40 if FULL else 2), 0
    live = Live("-o", "away.db", "-q", "--reopen", FILTER)
    for i in range(times):
        first = send(first)
        check(wait_for(lambda: count("away.db") == first), "away", i, count("away.db"), "of", first)
        before, captures = worker_of(live), count_captures("away.db")
        link(False)
        check(wait_for(lambda: worker_of(live) != before), "away", i, "the worker stays")
        link(True)
        check(wait_for(lambda: count_captures("away.db") > captures), "away", i, "it does not come back")
    first = send(first)
    wait_for(lambda: count("away.db") == first)
    live.end()
    check(live.code == 0, "away: exit", live.code, live.said)
    check(live.said.count("is back") >= times, "away: said", live.said)
    check_nobody("away")
    check_whole("away.db", "away")
    check_numbers(numbers("away.db"), range(first), "away:")


def case_told():
    """Told to end while nobody works, or somebody is being born: at once, and in order."""
    for i in range(200 if FULL else 3):
        path = f"told{i % 20}.db"
        for end in ("", "-wal", "-shm"):
            if os.path.exists(path + end):
                os.remove(path + end)
        live = Live("-o", path, "-q", "--reopen", FILTER)
        before = worker_of(live)
        link(False)
        wait_for(lambda: worker_of(live) != before)
        if i % 2:
            time.sleep(0.2 + random.random() * 0.1)  # the next one is born after 250 ms
        if i % 3 == 0:
            link(True)
        live.end(signal.SIGINT if i % 2 else signal.SIGTERM)
        check(live.code == 0, "told", i, "exit", live.code, live.said)
        check_nobody("told")
        check_whole(path, path)
        if i % 3:
            link(True)


def case_deaf():
    """A worker that is stopped hears nothing: the second signal ends it all the same."""
    live = Live("-o", "deaf.db", "-q", "--reopen", FILTER)
    send(0)
    check(wait_for(lambda: count("deaf.db") == 20), "deaf:", count("deaf.db"))
    os.kill(worker_of(live), signal.SIGSTOP)
    live.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    check(live.process.poll() is None, "deaf: it ended without its worker")
    live.end()
    check(live.code == 128 + signal.SIGKILL, "deaf: exit", live.code, live.said)
    check_nobody("deaf")
    check_whole("deaf.db", "deaf")
    check_numbers(numbers("deaf.db"), range(20), "deaf:")


def case_orphan():
    """The one that waits is killed: the worker goes with it."""
    live = Live("-o", "orphan.db", "-q", "--reopen", FILTER)
    send(0)
    check(wait_for(lambda: count("orphan.db") == 20), "orphan:", count("orphan.db"))
    worker = worker_of(live)
    live.end(signal.SIGKILL)
    check(wait_for(lambda: processes().get(worker, (0, "Z"))[1] == "Z"), "orphan:", processes())
    os.waitpid(worker, 0)  # this is the first process here: orphans are its own
    check_nobody("orphan")
    check_whole("orphan.db", "orphan")


def main():
    enter("/mnt")
    run_cases(globals())


if __name__ == "__main__":
    main()
