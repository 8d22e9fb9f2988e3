"""The program under test: where it is, whether a sanitizer needs what the sandbox takes."""
import os, re, subprocess, sys, time

HOPSCOPE = os.path.abspath(os.environ["HOPSCOPE"])
SOURCE_DIR = os.environ["SOURCE_DIR"]
SAMPLE = f"{SOURCE_DIR}/samples/aborted.pcap"
failures = []


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def skip_if_sanitized():
    with open(HOPSCOPE, "rb") as program:
        if re.search(rb"__[atu]b?san_init|__asan_|__tsan_", program.read()):
            skip("a sanitizer needs more than the sandbox leaves")


def check(condition, *words):
    if not condition:
        failures.append(" ".join(str(w) for w in words))
        print("FAIL:", *words)


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, timeout=60, **more)


def wait_for(condition, seconds=15.0):
    """Polls until it holds; what it gave."""
    until = time.monotonic() + seconds
    while True:
        result = condition()
        if result or time.monotonic() > until:
            return result
        time.sleep(0.02)


def end(what):
    print(f"{what}: {len(failures)} failures")
    sys.exit(1 if failures else 0)
