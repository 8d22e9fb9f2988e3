#!/usr/bin/python3
# labels: effort
# nightly: --full
# No input makes hopscope's work grow faster than itself: the instructions that reading
# each pattern of `forge` takes, for n bytes of it and for 2n, are 2.3 times as many at
# most. Instructions are the same whatever else the machine does.
#
#   forge --n, 2n bytes--> files --> work, under callgrind --> instructions of each
#
#   test_work.py [--size KIB] [--full] [PATTERN...]
#
# Making a database costs more than a small pattern does: here only some get one. --full:
# n is 32 MiB, with a database for each; counting would take a day, so it is the seconds
# of the processor then, the fewest of several runs where they are too many.
# A control shows that the patterns would find something: connections aimed at the flow
# table's key do when it is the one they were aimed at. With sanitizers there is nothing
# to count: then all patterns are read, once.
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(os.environ["HOPSCOPE"])
FORGE, WORK = PROGRAM.parent / "forge", PROGRAM.parent / "work"
RATIO_MAX, SIZE_KIB, FULL_KIB, RUNS = 2.3, 96, 32 << 10, 4
SLACK = {"instructions": 1_000_000, "seconds": 0.05}  # tables that grow, once
COLLISIONS = "hash-collisions"
WITH_DATABASE = ("texts", "findings-in-many", "spoofed-syns")


def has_sanitizers():
    symbols = subprocess.run(["readelf", "-Ws", WORK], capture_output=True, check=True)
    return re.search(rb"__(asan|tsan|ubsan)_", symbols.stdout) is not None


def write_pattern(form, name, size, path):
    if form == "folder":
        path.mkdir()
        subprocess.run([FORGE, name, str(size), path], check=True)
    else:
        with open(path, "wb") as out:
            subprocess.run([FORGE, name, str(size)], stdout=out, check=True)


def count(options, inputs, folder, database):
    """Instructions of each input."""
    counts = folder / "counts"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}",
               "--collect-atstart=no", "--toggle-collect=work_measure",
               "--dump-after=work_measure", WORK, *options,
               folder / "work.db" if database else "-", *inputs]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}")
    found = []
    for number in range(1, len(inputs) + 1):
        part = folder / f"counts.{number}"
        found.append(int(re.search(r"^totals: (\d+)", part.read_text(), re.M)[1]))
        part.unlink()
    return found


def is_over(small, large, unit):
    return large > RATIO_MAX * small + SLACK[unit]


def run_once(path, folder):
    """Seconds of the processor."""
    child = subprocess.Popen([WORK, folder / "work.db", path], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{path}: exit {child.returncode}")
    return used.ru_utime + used.ru_stime


def time(inputs, folder):
    """Seconds of each input; the fewest, where the last is too many for the first."""
    least = [float("inf")] * len(inputs)
    for _ in range(RUNS):
        least = [min(seconds, run_once(path, folder))
                 for seconds, path in zip(least, inputs)]
        if not is_over(least[-2], least[-1], "seconds"):
            break
    return least


def remove(path):
    if path.is_dir():
        for part in path.iterdir():
            part.unlink()
        path.rmdir()
    else:
        path.unlink()


def print_row(name, small, large, unit):
    digits = 2 if unit == "seconds" else 0
    fault = is_over(small, large, unit)
    ratio = f"{large / small:7.2f}" if small > 0 else ""
    print(f"{name:26}{small:14,.{digits}f}{large:14,.{digits}f}{ratio}"
          f"{'  over' if fault else ''}", flush=True)
    return fault


def measure(options, patterns, size, folder, unit="instructions", database=False):
    """The names of those that are over. Seconds: one pattern after the other, so that
    large files do not pile up."""
    group = 1 if unit == "seconds" else max(len(patterns), 1)
    nothing = folder / "nothing"
    write_pattern("file", "exchanges", 0, nothing)
    faults = []
    for start in range(0, len(patterns), group):
        some = patterns[start:start + group]
        inputs = [nothing, nothing]
        for form, name in some:
            for n in (size, 2 * size):
                inputs.append(folder / f"{name}-{n}")
                write_pattern(form, name, n, inputs[-1])
        found = time(inputs[1:], folder) if unit == "seconds" else \
            count(options, inputs, folder, database)[1:]
        for i, (_, name) in enumerate(some):
            small, large = (x - found[0] for x in found[1 + 2 * i:3 + 2 * i])
            faults += [name] if print_row(name, small, large, unit) else []
        for path in inputs[2:]:
            remove(path)
    return faults


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--size", type=int, default=SIZE_KIB, metavar="KIB")
    options.add_argument("--full", action="store_true")
    options.add_argument("patterns", nargs="*")
    o = options.parse_args()
    size = (FULL_KIB if o.full else o.size) << 10
    listed = subprocess.run([FORGE, "list"], capture_output=True, text=True, check=True)
    patterns = [tuple(line.split()) for line in listed.stdout.splitlines()]
    patterns = [p for p in patterns if not o.patterns or p[1] in o.patterns]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if has_sanitizers():
            for form, pattern in patterns:
                write_pattern(form, pattern, size // 4, folder / pattern)
            subprocess.run([WORK, folder / "work.db",
                            *(folder / pattern for _, pattern in patterns)],
                           check=True, stdout=subprocess.DEVNULL)
            print(f"{len(patterns)} patterns read; instructions are counted elsewhere")
            return 0
        unit = "seconds" if o.full else "instructions"
        if not o.full and shutil.which("valgrind") is None:
            print("skipped: valgrind is not installed")
            return 77
        print(f"{unit:26}{f'{size >> 10} KiB':>14}{f'{size >> 9} KiB':>14}{'2n/n':>7}")
        faults = measure([], patterns, size, folder, unit)
        if not o.full:
            some = [p for p in patterns if p[1] in WITH_DATABASE]
            print("with a database")
            faults += measure([], some, size, folder, database=True)
            print("control: the key that it was aimed at")
            control = [p for p in patterns if p[1] == COLLISIONS]
            if control and not measure(["--key-zero"], control, size, folder):
                faults.append("no more than the control, which should be")
    print(f"{len(patterns)} patterns, over {RATIO_MAX}: {' '.join(faults) or 'none'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
