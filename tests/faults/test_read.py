#!/usr/bin/env python3
"""hopscope read, and what comes after it, on disks that are full, refuse, or belong to a
program that is killed: a sentence and exit 1, what was there before is there, and no half
file has the name of a whole one.

Arguments: --full, and the names of the cases to run; none: all. Needs root; 77 says so."""
# labels: faults
# nightly: --full
import glob, os, random, resource, signal, struct, subprocess, sys, time
from service import *

FULL = "--full" in sys.argv
MANY = 4000


def write_capture(path, count):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for n in range(count):
            for i, frame in enumerate(conversation(n)):
                f.write(struct.pack("<IIII", 1700000000 + n // 1000, n % 1000 * 1000 + i, len(frame), len(frame)) + frame)


def run(*words, environment=None, limit=None, **more):
    more = more or {"capture_output": True}
    prepare = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None
    return subprocess.run((HOPSCOPE,) + words, text=True, timeout=120,
                          env={**os.environ, **(environment or {})}, preexec_fn=prepare, **more)


def check_refused(done, name, *words):
    check(done.returncode == 1, name, "exit", done.returncode, done.stderr)
    check(any(w in done.stderr for w in words), name, "it says:", done.stderr)


def leftovers(folder):
    return [f for f in os.listdir(folder) if f not in ("ballast", "whole.db")]


def case_full():
    """A disk of one MiB, for a new database and for one with rows."""
    make_disk("tiny", "1m")
    check_refused(run("read", "-q", "-o", "tiny/new.db", "many.pcap"), "full, new:", "no space")
    check(leftovers("tiny") == [], "full, new: left behind", leftovers("tiny"))
    subprocess.run(["cp", "few.db", "tiny/whole.db"], check=True)
    before = numbers("tiny/whole.db")
    check_refused(run("read", "-q", "-o", "tiny/whole.db", "many.pcap"), "full, append:", "no space")
    check_whole("tiny/whole.db", "full, append:")
    check_numbers(list(set(numbers("tiny/whole.db"))), before, "full, append:")
    for words in (("export", "many.db", "jsonl", "-o", "tiny/out"), ("report", "few.db", "-o", "tiny/page.html"),
                  ("slice", "many.db", "1:1", "many.pcap", "-o", "tiny/out")):
        done = run(*words)
        check(done.returncode in (1, 2) and done.stderr, words[0], "on a full disk: exit", done.returncode, done.stderr)
        if words[0] != "slice":
            check("space" in done.stderr, words[0], "it says:", done.stderr)


def case_stdout():
    """What is printed goes to a device that is full."""
    for words in (("read", "few.pcap"), ("read", "--json", "few.pcap"), ("export", "many.db", "csv", "--table", "exchanges"), ("export", "many.db", "jsonl"),
                  ("sql", "many.db", "SELECT * FROM exchanges"), ("ask", "many.db", "hosts")):
        with open("/dev/full", "w") as full:
            done = run(*words, stdout=full, stderr=subprocess.PIPE)
        check_refused(done, f"{words[0]} to /dev/full:", "space")


def case_limit():
    """RLIMIT_FSIZE: no SIGXFSZ."""
    check_refused(run("read", "-q", "-o", "limited.db", "many.pcap", limit=700000), "limit:", "space", "failed", "large")
    check(glob.glob("limited.db*") == [], "limit: left behind", glob.glob("limited.db*"))


def case_error():
    """Input/output errors from the first write on, and later."""
    control = Control()
    for later in (False, True):
        control.set("write_error", 0 if later else errno.EIO)
        process = subprocess.Popen((HOPSCOPE, "read", "-q", "-o", "eio.db", "-"), stdin=subprocess.PIPE, text=False,
                                   stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env={**os.environ, **control.environment})
        with open("many.pcap", "rb") as f:
            data = f.read()
        try:
            process.stdin.write(data[:len(data) // 2])
            process.stdin.flush()
            time.sleep(0.3)
            control.set("write_error", errno.EIO)
            process.stdin.write(data[len(data) // 2:])
            process.stdin.close()
        except BrokenPipeError:
            pass
        said = process.stderr.read().decode()
        check(process.wait() == 1, "EIO: exit", process.returncode, said)
        check("failed" in said, "EIO: it says:", said)
        check(glob.glob("eio.db*") == [], "EIO: left behind", glob.glob("eio.db*"))
        control.set("write_error", 0)


def case_kill():
    """SIGKILL at random moments: no half database by that name; one with rows keeps them."""
    kills, cut = (300 if FULL else 6), 0
    rows = count("few.db")
    for i in range(kills):
        for name in glob.glob("killed.db*"):
            os.remove(name)
        appends = i % 2 == 1
        if appends:
            subprocess.run(["cp", "few.db", "killed.db"], check=True)
        process = subprocess.Popen((HOPSCOPE, "read", "-q", "-o", "killed.db", "many.pcap"), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(random.random() * 0.25)
        process.kill()
        cut += process.wait() != 0
        if appends or os.path.exists("killed.db"):
            check_whole("killed.db", f"kill {i}:")
            found = count("killed.db")
            check(found >= rows if appends else found == MANY, f"kill {i}:", found, "rows")
        again = run("read", "-q", "-o", "killed.db", "few.pcap")
        check(again.returncode == 0, f"after kill {i}:", again.stderr)
    print(f"kill: {kills}, {cut} of them before it was done")


def case_signals():
    """SIGINT and SIGTERM at random moments: what was read is there, in order."""
    times, codes = (300 if FULL else 6), {}
    for i in range(times):
        for name in glob.glob("told.db*"):
            os.remove(name)
        process = subprocess.Popen((HOPSCOPE, "read", "-q", "-o", "told.db", "many.pcap"), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(random.random() * 0.2)
        process.send_signal((signal.SIGINT, signal.SIGTERM)[i % 2])
        code = process.wait(timeout=60)
        codes[code] = codes.get(code, 0) + 1
        check(code in (0, 3, -signal.SIGINT, -signal.SIGTERM), f"signal {i}: exit", code)
        if code >= 0 or os.path.exists("told.db"):
            check_whole("told.db", f"signal {i}:")
    print(f"signals: exit codes {codes}")


def main():
    enter("/mnt")
    write_capture("few.pcap", 200)
    write_capture("many.pcap", MANY)
    for name in ("few", "many"):
        check(run("read", "-q", "-o", name + ".db", name + ".pcap").returncode == 0, "it cannot read", name)
    check(count("many.db") == MANY, "rows", count("many.db"))
    run_cases(globals(), {"error"})


if __name__ == "__main__":
    main()
