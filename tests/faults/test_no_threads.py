#!/usr/bin/env python3
"""The machine gives no more threads, or no more files: a sentence and exit 1 at whichever
of them it is, nothing half-made, and what can be done with the rest is done as ever. Needs
root, to be a user of whom there is nobody else; 77 says so."""
# labels: faults
import os, resource, subprocess, sys
from service import *

USER = 100000 + os.getpid()  # of whom there is no other process, in any test
SAMPLE = os.path.join(os.environ["SOURCE_DIR"], "samples", "keepalive-reuse.pcap")


def run(words, threads=None, files=None, user=USER):
    def prepare():
        if threads:
            resource.setrlimit(resource.RLIMIT_NPROC, (threads, threads))
        if files:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        if user:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
    return subprocess.run([HOPSCOPE, *words], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                          preexec_fn=prepare, check=False)


def check_refused(done, name, words):
    check(done.returncode == 1 and done.stdout == "", name, "exit", done.returncode, done.stdout[:80])
    check(done.stderr.startswith("hopscope: ") and words in done.stderr, name, "said:", done.stderr)


def case_read():
    """One thread after the other cannot be had, until all can."""
    os.chmod(".", 0o777)
    with open("a.pcap", "wb") as out, open(SAMPLE, "rb") as sample:
        out.write(sample.read())
    for wanted in ("1", "3"):
        whole = run(["read", "--threads", wanted, "-q", "-o", "whole.db", "a.pcap"])
        check(whole.returncode == 0, "read: exit", whole.returncode, whole.stderr)
        refused = done = 0
        for threads in range(1, 16):
            name = f"read --threads {wanted}, {threads} there:"
            ran = run(["read", "--threads", wanted, "-q", "-o", "part.db", "a.pcap"], threads=threads)
            if ran.returncode == 0:
                done += 1
                check(ran.stdout == whole.stdout and ran.stderr == whole.stderr, name, "another summary")
                check(numbers_of("part.db") == numbers_of("whole.db"), name, "other rows")
                os.remove("part.db")
                continue
            refused += 1
            check_refused(ran, name, "cannot start")
            check(not [f for f in os.listdir(".") if f.startswith("part")], name, os.listdir("."))
        os.remove("whole.db")
        check(refused > 1 and done > 1, "read: refused", refused, "done", done)
        print(f"read --threads {wanted}: {refused} times a thread was missing, {done} times none")


def numbers_of(path):
    return ask(path, "SELECT id, target, status, state FROM exchanges ORDER BY id")


def case_live():
    """As nobody, of whom it is at least one process itself."""
    ran = run(["live", "-i", "f1", "--sandbox", "on", "-q", FILTER], threads=1, user=0)
    check_refused(ran, "live without threads", "cannot start a thread")
    for files in (12, 16, 20):
        ran = run(["live", "-i", "f1", "-q", "--threads", "16", FILTER], files=files, user=0)
        check_refused(ran, f"live with {files} files", "Too many open files")


def main():
    enter("/mnt")
    if IS_SANITIZED:
        print("skipped: a sanitizer has threads and files of its own")
        sys.exit(77)
    run_cases(globals())


if __name__ == "__main__":
    main()
