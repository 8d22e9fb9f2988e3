#!/usr/bin/env python3
"""measure.py: hopscope, tcpdump and other analysers over the mixes, in turn.

Every capture is read once before, so that all find it in the page cache; then they run
one after the other (A B A B ...), so that what else the machine does meets all of them.
The table has hopscope's wall time against tcpdump's copy of the same file (`tcpdump -r
F -w /dev/null`) beside what must and what shall be reached; then the peers; then, when
asked for, memory per connection and how the time grows.

The exit code is 1 when a count differs from what the servers logged or the peak memory
is too high, and with --strict when a ratio is above its `must`.
"""
import argparse
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
from statistics import median

MIXES = ["small", "bulk", "short", "pipe", "mixed"]
RATIO_MUST = {"small": 3.0, "bulk": 0.6, "short": 2.0, "pipe": 3.5, "mixed": 2.0}
RATIO_AIM = {"small": 1.6, "bulk": 0.35, "short": 1.0, "pipe": 2.0, "mixed": 1.2}
SURICATA_MUST = {"small": 8, "bulk": 5, "short": 8, "pipe": 8, "mixed": 8}
TSHARK_MUST = 40
MEMORY_MUST_MB = 150
IDLE_MUST, HALF_OPEN_MUST = 600, 200  # bytes per connection
GROWTH_MUST, CROWD_MUST = 4.2, 1.3
LIMIT_S = 600  # a run that takes longer is ended, and counts as a failure
SLICE_BYTES = 200_000_000  # what the slow peers get
IN_FLIGHT = {"pipe": 24 * (4 + 8 + 16)}  # answers that die in the server with their clients
TABLES = ["capture", "connection", "exchange", "tunnel", "finding", "header", "text"]


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = os.path.join(options.cache, "out")
        os.makedirs(self.folder, exist_ok=True)
        self.failures = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def timed(self, command, may_fail=False):
        """Runs it once: (wall seconds, processor seconds, peak MB)."""
        times = self.path("times")
        if os.path.exists(times):
            os.unlink(times)
        with open(self.path("said"), "wb") as said:
            subprocess.run([f"{self.options.bin}/timed", times,
                            "timeout", str(LIMIT_S), *command], check=True,
                           stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                           cwd=self.folder)
        with open(times) as line:
            wall, user, system, peak_kb, code = line.read().split()
        if code == "124":
            self.fail(f"more than {LIMIT_S} s: {' '.join(command)}")
        elif code != "0" and not may_fail:
            sys.exit(f"exit {code} of {' '.join(command)}; its words are in {self.path('said')}")
        return float(wall), float(user) + float(system), int(peak_kb) / 1024

    def hopscope(self, capture):
        database = self.path("new.db")
        if os.path.exists(database):
            os.unlink(database)
        return self.timed([self.options.program, "read", "-q", *self.options.with_option,
                           "-o", database, capture])

    def tcpdump(self, capture):
        return self.timed(["tcpdump", "-r", capture, "-w", "/dev/null"])

    def fail(self, sentence):
        self.failures.append(sentence)


def warm(path):
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def make_slice(path, out, wanted):
    """The first records of a pcap, up to so many bytes."""
    with open(path, "rb") as source:
        data = source.read(wanted)
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from("=I", data, at + 8)[0]
        if at + 16 + length > len(data):
            break
        at += 16 + length
    with open(out, "wb") as sink:
        sink.write(data[:at])
    return out


# ---- the mixes ----


def ask(database, sql):
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        return db.execute(sql).fetchone()[0]


def row_count(database):
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        there = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        return sum(db.execute(f"SELECT count(*) FROM {t}").fetchone()[0]
                   for t in TABLES if t in there)


def check_counts(bench, mix, capture, database):
    """Exchanges against the access log; in `pipe` the server closes before it has read
    every request, so those it answered; slices have no log."""
    log = capture.removesuffix(".pcap") + ".log"
    if mix == "mixed" or not os.path.exists(log):
        return "no log"
    with open(log, "rb") as lines:
        logged = sum(1 for _ in lines)
    answered = "WHERE status IS NOT NULL" if mix == "pipe" else ""
    counted = ask(database, f"SELECT count(*) FROM exchanges {answered}")
    if counted == logged:
        return "exact"
    if 0 < logged - counted <= IN_FLIGHT.get(mix, 0):
        return f"{counted - logged} in flight"
    bench.fail(f"{mix}: {counted} exchanges, but {logged} in the server's log")
    return f"{counted - logged:+}"


def measure_mix(bench, mix, capture):
    ours, theirs, busy, peaks = [], [], [], []
    warm(capture)
    for _ in range(bench.options.runs):
        wall, processor, peak = bench.hopscope(capture)
        ours.append(wall)
        busy.append(processor)
        peaks.append(peak)
        theirs.append(bench.tcpdump(capture)[0])
    database = bench.path("new.db")
    packets = ask(database, "SELECT sum(packets) FROM capture")
    exchanges = ask(database, "SELECT count(*) FROM exchange")
    rows = row_count(database)
    result = {
        "mix": mix, "ours": ours, "theirs": theirs, "busy": median(busy), "peak": max(peaks),
        "ratio": median(ours) / median(theirs), "best": min(ours) / min(theirs),
        "bytes": os.path.getsize(capture), "packets": packets, "exchanges": exchanges,
        "rows": rows, "row_bytes": os.path.getsize(database) / max(rows, 1),
        "counts": check_counts(bench, mix, capture, database),
    }
    if result["peak"] > MEMORY_MUST_MB:
        bench.fail(f"{mix}: {result['peak']:.0f} MB of memory, {MEMORY_MUST_MB} at most")
    if bench.options.strict and result["ratio"] > RATIO_MUST[mix]:
        bench.fail(f"{mix}: {result['ratio']:.2f} times tcpdump, {RATIO_MUST[mix]} at most")
    return result


def three(values):
    return f"{min(values):6.3f} {median(values):6.3f} {max(values):6.3f}"


def print_mixes(results):
    print("\nread -o new.db against tcpdump -r F -w /dev/null; seconds are min, median, max;\n"
          "cpu s: of hopscope's threads together, which other programs disturb less\n")
    print(f"{'mix':6} {'MB':>5} {'hopscope s':^20} {'tcpdump s':^20} {'ratio':>6} {'best':>5} "
          f"{'must':>5} {'aim':>5} {'cpu s':>6} {'MB/s':>5} {'kpkt/s':>6} {'kexch/s':>7} {'peak MB':>7} "
          f"{'rows':>8} {'B/row':>5}  counts")
    for r in results:
        wall = median(r["ours"])
        print(f"{r['mix']:6} {r['bytes'] / 1e6:5.0f} {three(r['ours'])} {three(r['theirs'])} "
              f"{r['ratio']:6.2f} {r['best']:5.2f} {RATIO_MUST[r['mix']]:5.2f} "
              f"{RATIO_AIM[r['mix']]:5.2f} {r['busy']:6.3f} {r['bytes'] / 1e6 / wall:5.0f} "
              f"{r['packets'] / 1e3 / wall:6.0f} {r['exchanges'] / 1e3 / wall:7.1f} "
              f"{r['peak']:7.0f} {r['rows']:8} {r['row_bytes']:5.0f}  {r['counts']}")


# ---- the peers ----

TSHARK_FIELDS = [
    "frame.number", "frame.time_epoch", "tcp.stream", "http.request.method", "http.host",
    "http.request.uri", "http.user_agent", "http.response.code", "http.content_type",
    "http.content_length", "http.request_in", "http.time", "http.connection",
]


SURICATA_CONFIG = """%YAML 1.1
---
vars:
  address-groups: {HOME_NET: "any", EXTERNAL_NET: "any"}
default-rule-path: .
rule-files: []
outputs:
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
      types: [{http: {extended: yes}}, flow]
app-layer:
  protocols:
    http: {enabled: yes, libhtp: {default-config: {personality: IDS}}}
    tls: {enabled: yes, detection-ports: {dp: 443}}
stream: {memcap: 512mb, reassembly: {memcap: 512mb}}
flow: {memcap: 512mb}
"""


def suricata_command(bench, capture):
    config = bench.path("suricata.yaml")
    with open(config, "w") as out:
        out.write(SURICATA_CONFIG)
    folder = bench.path("suricata")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return ["suricata", "-c", config, "-r", capture, "-l", folder, "-k", "none",
            "--runmode", "autofp", "-S", "/dev/null"]


def tshark_command(_bench, capture):
    fields = [word for field in TSHARK_FIELDS for word in ("-e", field)]
    return ["tshark", "-n", "-r", capture, "-Y", "http", "-T", "fields", *fields]


PEERS = {  # name: (command, whether it gets a slice)
    "suricata": (suricata_command, False),
    "tshark": (tshark_command, True),
    "zeek": (lambda bench, f: ["zeek", "-C", "-b", "-r", f, "base/protocols/http",
                               "base/protocols/conn"], False),
    "httpry": (lambda bench, f: ["httpry", "-q", "-r", f, "-o", bench.path("httpry.log")],
               False),
}


def measure_peers(bench, captures):
    there = [name for name in PEERS if shutil.which(name)]
    print(f"\npeers, one run each; times = their seconds / hopscope's on the same file "
          f"(not installed: {', '.join(n for n in PEERS if n not in there) or 'none'})\n"
          "cpu: the same of all threads' processor seconds\n")
    if not there:
        return
    print(f"{'mix':6} {'peer':9} {'MB':>5} {'peer s':>8} {'hopscope s':>10} {'times':>7} "
          f"{'must':>5} {'cpu s':>7} {'cpu s':>7} {'times':>7} {'peak MB':>8}")
    for mix, capture in captures.items():
        part = capture
        if os.path.getsize(capture) > SLICE_BYTES:
            part = make_slice(capture, bench.path("slice.pcap"), SLICE_BYTES)
        for name in there:
            command, is_slow = PEERS[name]
            file = part if is_slow else capture
            warm(file)
            wall, busy, peak = bench.timed(command(bench, file), may_fail=True)
            ours, our_busy = (median(column) for column in
                              list(zip(*[bench.hopscope(file) for _ in range(3)]))[:2])
            must = {"suricata": SURICATA_MUST[mix], "tshark": TSHARK_MUST}.get(name, "")
            print(f"{mix:6} {name:9} {os.path.getsize(file) / 1e6:5.0f} {wall:8.2f} "
                  f"{ours:10.3f} {wall / ours:7.1f} {must:>5} {busy:7.2f} {our_busy:7.3f} "
                  f"{busy / our_busy:7.1f} {peak:8.0f}", flush=True)


# ---- memory and growth ----


def crowd(bench, *words):
    path = bench.path("crowd.pcap")
    with open(path, "wb") as out:
        subprocess.run([f"{bench.options.bin}/crowd", *map(str, words)], check=True,
                       stdout=out)
    return path


def measure_memory(bench):
    """Peak memory with n connections open at once, less that with a tenth of them: what
    there is once, and those that are awake, is in both."""
    print("\nmemory per connection that is open at the end of the capture\n")
    print(f"{'kind':10} {'connections':>11} {'peak MB':>8} {'B/connection':>12} {'must':>5}")
    for kind, count, must in [("idle", 300_000, IDLE_MUST), ("idle", 1_000_000, IDLE_MUST),
                              ("half-open", 60_000, HALF_OPEN_MUST),
                              ("half-open", 1_000_000, HALF_OPEN_MUST)]:
        few = bench.hopscope(crowd(bench, kind, count // 10))[-1]
        many = bench.hopscope(crowd(bench, kind, count))[-1]
        each = (many - few) * 1024 * 1024 / (count - count // 10)
        print(f"{kind:10} {count:11} {many:8.0f} {each:12.0f} {must:5}", flush=True)
        if each > must:
            bench.fail(f"{each:.0f} bytes for each of {count} {kind} connections, "
                       f"{must} at most")
    os.unlink(bench.path("crowd.pcap"))


def measure_growth(bench, captures):
    print("\ngrowth: a quarter of the file against all of it (at most "
          f"{GROWTH_MUST} times the seconds)\n")
    for mix, capture in captures.items():
        quarter = make_slice(capture, bench.path("slice.pcap"), os.path.getsize(capture) // 4)
        pairs = [(bench.hopscope(quarter)[0], bench.hopscope(capture)[0])
                 for _ in range(max(3, bench.options.runs))]
        few, many = (median(side) for side in zip(*pairs))
        print(f"{mix:6} {few:7.3f} s {many:7.3f} s {many / few:6.2f} times", flush=True)
    print(f"\ngrowth: ten times the connections (at most "
          f"{CROWD_MUST} times the ns per packet)\n")
    for count, rounds in [(1_000, 200), (10_000, 20), (100_000, 2), (1_000_000, 2)]:
        capture = crowd(bench, "rounds", count, rounds)
        warm(capture)
        wall = median([bench.hopscope(capture)[0] for _ in range(3)])
        packets = count * (3 + 3 * rounds)
        print(f"{count:8} connections, {rounds:4} exchanges on each: "
              f"{wall * 1e9 / packets:7.0f} ns per packet", flush=True)
    os.unlink(bench.path("crowd.pcap"))


def parse(arguments):
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("--program", required=True, help="hopscope")
    p.add_argument("--bin", required=True, help="the folder of timed and crowd")
    p.add_argument("--cache", required=True, help="the folder of captures; out/ is made there")
    p.add_argument("--mixes", default=",".join(MIXES))
    p.add_argument("--runs", type=int, default=5)
    p.add_argument("--with-option", action="append", default=[],
                   help="one more word for `hopscope read`, such as --threads=2")
    p.add_argument("--peers", action="store_true")
    p.add_argument("--memory", action="store_true")
    p.add_argument("--growth", action="store_true")
    p.add_argument("--strict", action="store_true", help="fail above a `must`")
    return p.parse_args(arguments)


def main():
    options = parse(sys.argv[1:])
    options.program = os.path.abspath(options.program)
    options.cache = os.path.abspath(options.cache)
    options.bin = os.path.abspath(options.bin)
    bench = Bench(options)
    captures = {mix: os.path.join(options.cache, f"{mix}.pcap")
                for mix in options.mixes.split(",") if mix}
    results = []
    for mix, capture in captures.items():
        results.append(measure_mix(bench, mix, capture))
        print(f"measured {mix}", file=sys.stderr)
    if results:
        print_mixes(results)
    if options.peers:
        measure_peers(bench, captures)
    if options.memory:
        measure_memory(bench)
    if options.growth:
        measure_growth(bench, captures)
    shutil.rmtree(bench.folder)
    for sentence in bench.failures:
        print(f"\nFAILED: {sentence}")
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())
