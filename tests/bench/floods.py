#!/usr/bin/python3
# What captures that are meant to exhaust hopscope cost it: time and peak memory of each
# flood, once and twice as long (linear: 2n/n at most 2.3; memory: the cap and 32 MiB).
#
#   floods.c --pcap--> hopscope read -q --memory CAP -o DB -
#
#   HOPSCOPE=build/hopscope floods.py [--scale F] [--cap MIB]
#
# --scale 1 is the full size: 64 MiB in segments of one byte are 5 GB of capture, which
# is written to nowhere, but takes minutes.
import argparse
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SLACK_MIB, RATIO_MAX, SHORT_S = 32, 2.3, 3
FLOODS = (("one-byte segments", "bytes", 64 << 20, 0),
          ("a hole never filled", "hole", 1_000_000, 0),
          ("fragments, never whole", "fragments", 1_000_000, 0),
          ("spoofed SYNs, 1,000 real", "syns", 1_000_000, 1000))


def read(generator, arguments, cap, database):
    """(seconds of hopscope's own time, peak MiB, packets, complete exchanges)"""
    pathlib.Path(database).unlink(missing_ok=True)
    source = subprocess.Popen([generator, *map(str, arguments)], stdout=subprocess.PIPE)
    reader = subprocess.Popen([os.environ["HOPSCOPE"], "read", "-q", "--memory",
                               f"{cap}M", "-o", database, "-"], stdin=source.stdout,
                              stdout=subprocess.DEVNULL)
    source.stdout.close()
    _, status, used = os.wait4(reader.pid, 0)
    reader.returncode = os.waitstatus_to_exitcode(status)
    if source.wait() or reader.returncode:
        sys.exit(f"{arguments}: exit {source.returncode}, {reader.returncode}")
    db = sqlite3.connect(database)
    packets = db.execute("SELECT sum(packets) FROM captures").fetchone()[0]
    complete = db.execute("SELECT count(*) FROM exchanges WHERE state = 'complete'")
    return (used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, packets,
            complete.fetchone()[0])


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--scale", type=float, default=1 / 16)
    options.add_argument("--cap", type=int, default=256)
    o = options.parse_args()
    faults = 0
    print(f"{'flood':26}{'packets':>12}{'seconds':>9}{'Mpkt/s':>8}{'MiB':>7}"
          f"{'complete':>10}{'2n/n':>7}")
    with tempfile.TemporaryDirectory() as folder:
        generator = f"{folder}/floods"
        subprocess.run(["cc", "-O2", "-o", generator, HERE / "floods.c"], check=True)
        for name, kind, count, real in FLOODS:
            before = None
            for n in (int(count * o.scale), 2 * int(count * o.scale)):
                arguments = [kind, n, real] if real else [kind, n]
                runs = [read(generator, arguments, o.cap, f"{folder}/flood.db")]
                while runs[0][0] < SHORT_S and len(runs) < 5:  # others disturb it
                    runs.append(read(generator, arguments, o.cap, f"{folder}/flood.db"))
                seconds, mib, packets, complete = min(runs)
                ratio = seconds / before if before else 0
                is_good = mib <= o.cap + SLACK_MIB and ratio <= RATIO_MAX and \
                    complete >= real
                faults += not is_good
                print(f"{name:26}{packets:12,}{seconds:9.2f}"
                      f"{packets / seconds / 1e6:8.2f}{mib:7.1f}{complete:10,}"
                      f"{f'{ratio:7.2f}' if ratio else '       '}"
                      f"{'' if is_good else '  over'}", flush=True)
                before = seconds
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
