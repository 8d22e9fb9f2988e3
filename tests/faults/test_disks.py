#!/usr/bin/env python3
"""hopscope live and its disk: full, limited, held by others, slow, refusing. Nothing that was
captured goes, unless it is counted; packets are never waited for.

Arguments: --full, and the names of the cases to run; none: all. Needs root; 77 says so."""
# labels: faults
# nightly: --full
import os, re, resource, sqlite3, subprocess, sys, time
from service import *

FULL = "--full" in sys.argv


def case_full():
    """The disk is full, for a while; then for so long that rows have to go."""
    make_disk("small", "24m")
    live = Live("-o", "small/full.db", "--memory", "32M", "-q", FILTER)
    sent = Traffic(count=200).wait()
    wait_for(lambda: count("small/full.db") == sent)
    fill("small/ballast")
    traffic = Traffic(sent, 400)
    time.sleep(4)
    check(live.process.poll() is None, "it ended on a full disk")
    os.remove("small/ballast")
    sent = traffic.stop()
    check(wait_for(lambda: count("small/full.db") == sent), "after the disk was full:", count("small/full.db"), "of", sent)
    fill("small/ballast")
    refused = subprocess.run([HOPSCOPE, "live", "-i", "f1", "-o", "small/other.db", "-q"], capture_output=True, text=True)
    check(refused.returncode == 1 and "space" in refused.stderr, "a start on a full disk:", refused.returncode, refused.stderr)
    check(not os.path.exists("small/other.db"), "it left a file on the full disk")
    live.end()
    check(live.code in (0, 1, 3), "exit", live.code, live.said)
    os.remove("small/ballast")
    check("no space left" in live.said and "takes rows again" in live.said, "not said:", live.said)
    check_whole("small/full.db", "full:")
    check_numbers(numbers("small/full.db"), range(sent), "full:")


def fill(path):
    with open(path, "wb", buffering=0) as f:
        try:
            while f.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass


def in_both(path):
    """Rows of the file, and of the one beside it that is begun when the first refuses for long."""
    return numbers(path) + numbers(path.replace(".db", "-2.db"))


def case_limit():
    """RLIMIT_FSIZE, raised later: SIGXFSZ is nobody's death."""
    live = Live("-o", "limit.db", "-w", "limit.pcapng", "-q", FILTER)
    sent = Traffic(count=100).wait()
    wait_for(lambda: count("limit.db") == sent)
    before = resource.prlimit(live.process.pid, resource.RLIMIT_FSIZE)
    size = os.path.getsize("limit.db")
    resource.prlimit(live.process.pid, resource.RLIMIT_FSIZE, (size // 2, before[1]))
    traffic = Traffic(sent, 400)
    time.sleep(3)
    check(live.process.poll() is None, "it ended at its limit")
    resource.prlimit(live.process.pid, resource.RLIMIT_FSIZE, before)
    sent = traffic.stop()
    check(wait_for(lambda: len(in_both("limit.db")) == sent), "after the limit:", len(in_both("limit.db")), "of", sent)
    live.end()
    check(live.code in (0, 3), "exit", live.code, live.said)
    check_numbers(in_both("limit.db"), range(sent), "limit:")


def case_locked():
    """Another program holds the database: nothing is lost, and packets are not waited for."""
    live = Live("-o", "lock.db", FILTER)
    db = sqlite3.connect("lock.db", isolation_level=None, timeout=30)
    db.execute("BEGIN EXCLUSIVE")
    traffic = Traffic(0, 500)
    time.sleep(30 if FULL else 1.5)
    db.execute("ROLLBACK")
    db.close()
    sent = traffic.stop()
    check(wait_for(lambda: count("lock.db") == sent), "after the lock:", count("lock.db"), "of", sent)
    live.end()
    check(live.code == 0, "exit", live.code, live.said)
    check_numbers(numbers("lock.db"), range(sent), "locked:")
    packets = ask("lock.db", "SELECT packets, kernel_dropped FROM captures")
    check(packets == [(sent * FRAMES, 0)], "packets and drops", packets, "of", sent * FRAMES)


def case_stall():
    """The disk takes nothing for seconds: the queue is bounded, what goes is counted."""
    control = Control()
    live = Live("-o", "stall.db", "--memory", "32M", FILTER, environment=control.environment)
    sent = Traffic(count=50).wait()
    wait_for(lambda: count("stall.db") == sent)
    control.set("stalls", 1)
    traffic = Traffic(sent, 1500)
    time.sleep(10 if FULL else 2)
    wait_for(lambda: control.get("met") > 0)
    with open(f"/proc/{live.process.pid}/status") as f:
        resident = int(next(line for line in f if line.startswith("VmRSS")).split()[1])
    control.set("stalls", 0)
    sent = traffic.stop()
    check(control.get("met") > 0, "nothing has stalled")
    time.sleep(2)
    live.end()
    found = len(numbers("stall.db"))
    packets = ask("stall.db", "SELECT packets, kernel_dropped FROM captures")
    check(packets == [(sent * FRAMES, 0)], "packets and drops", packets, "of", sent * FRAMES)
    dropped = re.search(r"(\d+) dropped$", live.said, re.M)
    check(dropped, "not said:", live.said)
    gone = int(dropped.group(1)) if dropped else 0
    check(found == sent or gone > 0, found, "rows of", sent, "and none is said to be dropped")
    check(live.code == (3 if gone else 0), "exit", live.code, live.said)
    check(resident < 200000 or IS_SANITIZED, "memory", resident, "KiB")
    check_whole("stall.db", "stall:")
    print(f"stall: {sent} conversations, {found} rows, {gone} records dropped, {resident} KiB")


def case_refused():
    """Input/output errors for a while, and for good."""
    control = Control()
    live = Live("-o", "eio.db", "-q", FILTER, environment=control.environment)
    sent = Traffic(count=50).wait()
    wait_for(lambda: count("eio.db") == sent)
    control.set("write_error", errno.EIO)
    traffic = Traffic(sent, 300)
    wait_for(lambda: control.get("met") > 3)
    time.sleep(3)
    check(live.process.poll() is None, "it ended")
    control.set("write_error", 0)
    sent = traffic.stop()
    check(wait_for(lambda: len(in_both("eio.db")) == sent), "after the errors:", len(in_both("eio.db")), "of", sent)
    control.set("write_error", errno.EIO)
    Traffic(sent, count=20).wait()
    time.sleep(0.5)
    live.end()
    check(live.code == 1 and "disk" in live.said, "for good: exit", live.code, live.said)
    check(live.took < 2 * GENEROUS, "for good: the end took", live.took, "s")
    check_whole("eio.db", "refused:")
    check_numbers(in_both("eio.db"), range(sent), "refused:")


def main():
    enter("/mnt")
    run_cases(globals(), {"stall", "refused"})


if __name__ == "__main__":
    main()
