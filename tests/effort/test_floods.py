#!/usr/bin/python3
# labels: effort
# nightly: --full
# Whatever comes in, hopscope keeps within --memory and 32 MiB: the peak of the process
# over floods that would fill several times as much if they were kept.
#
#   forge --MIB of one pattern--> hopscope read --memory CAP -o DB -  --> peak, seconds
#
#   test_floods.py [--size MIB] [--cap MIB] [--full] [PATTERN...]
#
# --full takes all patterns, larger. A sanitizer's program needs memory of its own: then
# only that it comes to an end is seen.
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(os.environ["HOPSCOPE"])
FORGE = PROGRAM.parent / "forge"
SLACK_MIB, CAP_MIB, SIZE_MIB, FULL_MIB, SANITIZED_MIB = 32, 64, 128, 512, 2
# MiB of each that are enough.
FLOODS = {
    "spoofed-syns": 16, "spoofed-segments": 16, "silent-connections": 64,
    "idle-connections": 80, "heads-in-many": 256, "holes-in-many": 256,
    "hole-never-filled": 256, "fragments-never-whole": 256, "fragments-tiny": 128,
    "endless-field-line": 256, "one-byte-segments": 128, "requests-unanswered": 8,
    "expect-pipelined": 8, "websocket-one-byte": 128, "interims": 32, "texts": 24,
    "hosts-in-many": 128, "findings-in-many": 24, "sections": 24,
}


def has_sanitizers():
    symbols = subprocess.run(["readelf", "-Ws", PROGRAM], capture_output=True, check=True)
    return re.search(rb"__(asan|tsan|ubsan)_", symbols.stdout) is not None


def read(name, mib, cap, folder):
    """Seconds of its own time, peak MiB, and what it said, if it failed."""
    database, talk = folder / "flood.db", folder / "talk"
    source = subprocess.Popen([FORGE, name, str(mib << 20)], stdout=subprocess.PIPE)
    with open(talk, "wb") as out:
        reader = subprocess.Popen([PROGRAM, "read", "-q", "--memory", f"{cap}M",
                                   "-o", database, "-"], stdin=source.stdout,
                                  stdout=subprocess.DEVNULL, stderr=out)
    source.stdout.close()
    _, status, used = os.wait4(reader.pid, 0)
    reader.returncode = os.waitstatus_to_exitcode(status)
    is_done = source.wait() == 0 and reader.returncode in (0, 3)
    database.unlink(missing_ok=True)
    return (used.ru_utime + used.ru_stime, used.ru_maxrss / 1024,
            "" if is_done else f"exit {reader.returncode}: {talk.read_text()}")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--size", type=int, metavar="MIB")
    options.add_argument("--cap", type=int, default=CAP_MIB, metavar="MIB")
    options.add_argument("--full", action="store_true")
    options.add_argument("patterns", nargs="*")
    o = options.parse_args()
    floods = {name: o.size or mib for name, mib in FLOODS.items()}
    if o.full or o.patterns:
        listed = subprocess.run([FORGE, "list"], capture_output=True, text=True,
                                check=True)
        usual = o.size or (FULL_MIB if o.full else SIZE_MIB)
        floods = {name: usual for form, name in
                  (line.split() for line in listed.stdout.splitlines())
                  if form == "file" and (not o.patterns or name in o.patterns)}
    is_sanitized = has_sanitizers()
    faults = []
    print(f"{'flood':26}{'MiB in':>8}{'seconds':>9}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for name, mib in floods.items():
            mib = SANITIZED_MIB if is_sanitized else mib
            seconds, peak, said = read(name, mib, o.cap, pathlib.Path(folder))
            is_over = said or (peak > o.cap + SLACK_MIB and not is_sanitized)
            faults += [name] if is_over else []
            print(f"{name:26}{mib:8}{seconds:9.2f}{peak:10.1f}"
                  f"{'  over ' if is_over else ''}{said}", flush=True)
    print(f"{len(floods)} floods, over {o.cap} + {SLACK_MIB} MiB: "
          f"{' '.join(faults) or 'none'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
