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
# Making a database costs more than a small pattern does: only some get one. --full: n is
# 32 MiB; all instructions of the process are counted then, less those of an input with
# nothing in it: by the processor (perf), or where that cannot, in some half an hour, by
# cachegrind, which is faster than callgrind at one input and slower at many small ones.
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
RATIO_MAX, SIZE_KIB, FULL_KIB = 2.3, 96, 32 << 10
SLACK = 1_000_000  # instructions of tables that grow, once
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


def can_perf_count():
    if shutil.which("perf") is None:
        return False
    done = subprocess.run(["perf", "stat", "-x,", "-e", "instructions:u", "true"],
                          capture_output=True, text=True, check=False)
    return re.match(r"\d+,", done.stderr) is not None


def count_process(path, folder, database, has_perf):
    """Instructions of a process that reads one input."""
    counts = folder / "counts"
    counter = ["perf", "stat", "-x,", "-e", "instructions:u", "-o", counts] if has_perf \
        else ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--log-file={counts}",
              "--cachegrind-out-file=/dev/null"]
    done = subprocess.run([*counter, WORK, folder / "work.db" if database else "-", path],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{path}: exit {done.returncode}: {done.stdout}{done.stderr}")
    pattern = r"^(\d+),.*instructions" if has_perf else r"I +refs: +([\d,]+)"
    return int(re.search(pattern, counts.read_text(), re.M)[1].replace(",", ""))


def remove(path):
    if path.is_dir():
        for part in path.iterdir():
            part.unlink()
        path.rmdir()
    else:
        path.unlink()


def print_row(name, small, large):
    """Whether the larger is over."""
    is_over = large > RATIO_MAX * small + SLACK
    ratio = f"{large / small:7.2f}" if small > 0 else ""
    print(f"{name:26}{small:16,}{large:16,}{ratio}{'  over' if is_over else ''}",
          flush=True)
    return is_over


def measure(patterns, size, folder, count_all, group):
    """The names of those that are over. `count_all` takes inputs. So many patterns are
    written at once: large files do not pile up."""
    nothing = folder / "nothing"
    write_pattern("file", "exchanges", 0, nothing)
    base = count_all([nothing])[0]
    faults = []
    for start in range(0, len(patterns), group):
        some = patterns[start:start + group]
        inputs = []
        for form, name in some:
            for n in (size, 2 * size):
                inputs.append(folder / f"{name}-{n}")
                write_pattern(form, name, n, inputs[-1])
        found = [x - base for x in count_all(inputs)]
        for (_, name), small, large in zip(some, found[::2], found[1::2]):
            faults += [name] if print_row(name, small, large) else []
        for path in inputs:
            remove(path)
    return faults


def measure_small(patterns, size, folder, *options, database=False):
    def count_all(inputs):
        # What only the first of a process costs belongs to none; from the third on, its
        # big tables are memory that was used before, which has to be cleared.
        nothing = [folder / "nothing"] * 2
        return count(options, [*nothing, *inputs], folder, database)[len(nothing):]
    return measure(patterns, size, folder, count_all, max(len(patterns), 1))


def measure_large(patterns, size, folder, database=False):
    has_perf = can_perf_count()

    def count_all(inputs):
        return [count_process(path, folder, database, has_perf) for path in inputs]
    return measure(patterns, size, folder, count_all, 1)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--size", type=int, metavar="KIB")
    options.add_argument("--full", action="store_true")
    options.add_argument("patterns", nargs="*")
    o = options.parse_args()
    size = (o.size or (FULL_KIB if o.full else SIZE_KIB)) << 10
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
        if shutil.which("valgrind") is None and not (o.full and can_perf_count()):
            print("skipped: valgrind is not installed")
            return 77
        one = measure_large if o.full else measure_small
        print(f"{'instructions':26}{f'{size >> 10} KiB':>16}{f'{size >> 9} KiB':>16}{'2n/n':>7}")
        faults = one(patterns, size, folder)
        some = [p for p in patterns if p[1] in WITH_DATABASE]
        print("with a database")
        faults += one(some, size, folder, database=True)
        control = [p for p in patterns if p[1] == COLLISIONS]
        if control and not o.full:
            print("control: the key that it was aimed at")
            if not measure_small(control, size, folder, "--key-zero"):
                faults.append("no more than the control, which should be")
    print(f"{len(patterns)} patterns, over {RATIO_MAX}: {' '.join(faults) or 'none'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
