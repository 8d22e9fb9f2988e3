#!/usr/bin/python3
# Connections at random, captured badly at random, and an independent model of what their
# rows must be.
#
#   seed --> conversation --> stack --> mangle --> wire: capture --hopscope--> account -.
#                                          '--> bytemap --> model --------------> verdict
#
#   test_model.py                      seeds.txt, then 20,000 (HOPSCOPE from the environment)
#   test_model.py --seeds N --from S   N seeds from S on
#   test_model.py --seed S [--write-pcap FILE] [-v] [--shrink]
#
# -v prints the truth and every packet; --shrink takes away what the fault does not need.
# The capture of a seed that failed is left in model-<seed>.pcap: put its number and what
# was wrong into seeds.txt. MODEL_SEEDS says how many a sanitized, slow program is to run.
import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import wire  # noqa: E402  (after the switch above)
from account import read_accounts  # noqa: E402
from conversation import make_conversation  # noqa: E402
from mangle import mangle  # noqa: E402
from model import Expected  # noqa: E402
from stack import Peers  # noqa: E402
from verdict import Verdict  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
BATCH = 200
START_US = 1_700_000_000_000_000
SEED_US = 300_000_000
SHOWN_MAX = 8


class Plan:
    def __init__(self, rng):
        self.is_lossy = rng.random() < 0.5
        self.is_big = rng.random() < 0.06
        self.has_trap = not self.is_lossy and rng.random() < 0.3


class Connection:
    """One of a seed's connections: truth, and what was captured of it."""

    def __init__(self, seed, number, place):
        rng = random.Random(seed * 8 + number)
        self.name = f"{seed}-{number}"
        plan = Plan(rng)
        self.c = make_conversation(rng, self.name, plan)
        start = START_US + place * SEED_US + rng.randrange(1000000)
        self.packets = Peers(self.c, rng, start).talk()
        self.done = mangle(self.packets, rng, self.c, plan.is_lossy)
        self.link = wire.Link(rng, rng.random() < 0.3, place, number)

    def judge(self, accounts):
        e = Expected(self.c, self.packets)
        return Verdict(e, self.name, accounts.get(self.link.text[0], [])).compare()


def connections_of(seed, place):
    count = random.Random(-seed - 1).choice((1, 1, 1, 2, 4))
    return [Connection(seed, number, place) for number in range(count)]


def write_capture(path, connections):
    with open(path, "wb") as f:
        f.write(wire.PCAP_HEAD)
        for group in connections:
            packets = [(p.time, i, c, p) for c in group for i, p in enumerate(c.packets)]
            packets.sort(key=lambda x: x[:2])
            f.write(b"".join(wire.record(t, *c.link.frame(p)) for t, _, c, p in packets))


def run_groups(groups, folder, capture=None):
    """[(connection, faults)] of those that differ."""
    capture = capture or os.path.join(folder, "model.pcap")
    write_capture(capture, groups)
    accounts = read_accounts(os.environ["HOPSCOPE"], capture,
                             os.path.join(folder, "model.db"))
    judged = [(c, c.judge(accounts)) for group in groups for c in group]
    return [(c, faults) for c, faults in judged if faults]


def run_batch(seeds):
    """{seed: faults as text}"""
    groups = [connections_of(seed, place) for place, seed in enumerate(seeds)]
    with tempfile.TemporaryDirectory(dir=".") as folder:
        try:
            failed = run_groups(groups, folder)
        except RuntimeError as error:
            return {seeds[0]: f"program, seeds {seeds[0]} to {seeds[-1]}: {error}"}
    found = {}
    for c, faults in failed:
        seed = int(c.name.split("-")[0])
        text = "".join(f"    {fault}\n" for fault in faults)
        found[seed] = found.get(seed, "") + f"  {c.name} {','.join(c.done)}\n{text}"
    return found


def kind_of(fault):
    return re.sub(r"[0-9]+", "N", fault)


def shrink(connection, faults, folder):
    """Takes away captured packets as long as the same kind of fault remains."""
    kinds = {kind_of(fault) for fault in faults}
    packets = connection.packets
    at = 0
    while at < len(packets):
        p = packets.pop(at)
        has_copy = not p.is_mirror and any(
            q.is_mirror and (q.side, q.ip_id) == (p.side, p.ip_id) for q in packets)
        left = [] if has_copy else run_groups([[connection]], folder)
        if not left or {kind_of(fault) for fault in left[0][1]} != kinds:
            packets.insert(at, p)
            at += 1


def show_seed(seed, path, is_verbose, is_shrunk):
    """Returns whether it failed."""
    group = connections_of(seed, 0)
    with tempfile.TemporaryDirectory(dir=".") as folder:
        failed = run_groups([group], folder, path)
        if is_shrunk and failed and len(failed[0][0].packets) < 150:
            group = [failed[0][0]]       # one connection is enough to look at
            shrink(*failed[0], folder)
            failed = run_groups([group], folder, path)
    for c in group if is_verbose else []:
        print(f"{c.name} {c.link.text[0]} {','.join(c.done)}")
        for e in c.c.exchanges:
            print("  exchange", e.method, e.target[:60], e.response.status,
                  *((m.first, m.head_end, m.end, m.framing)
                    for m in (e.request, e.response)))
        for number, p in enumerate(c.packets, 1):
            print(f"  {number:4d} {wire.describe(p)}")
    for c, faults in failed:
        print(f"  {c.name} {','.join(c.done)}", *faults, sep="\n    ")
    return bool(failed)


def run_many(seeds, workers):
    """{seed: text} of all that differ."""
    found, begun = {}, time.monotonic()
    batches = [seeds[i:i + BATCH] for i in range(0, len(seeds), BATCH)]
    with concurrent.futures.ProcessPoolExecutor(workers) as pool:
        for done in pool.map(run_batch, batches):
            found.update(done)
    spent = time.monotonic() - begun
    print(f"{len(seeds)} seeds in {spent:.1f} s, {len(found)} of them differ")
    return found


def saved_seeds():
    lines = (HERE / "seeds.txt").read_text().splitlines()
    return [int(line.split()[0]) for line in lines if line and not line.startswith("#")]


def seed_count():
    """Fewer under a sanitizer, which the build's own name for the program tells."""
    if "MODEL_SEEDS" in os.environ:
        return int(os.environ["MODEL_SEEDS"])
    program = pathlib.Path(os.environ["HOPSCOPE"]).read_bytes()
    return 2000 if b"__asan_init" in program or b"__tsan_init" in program else 20000


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seeds", type=int)
    options.add_argument("--from", type=int, default=0, dest="first")
    options.add_argument("--seed", type=int)
    options.add_argument("--write-pcap")
    options.add_argument("--shrink", action="store_true")
    options.add_argument("-v", action="store_true")
    options.add_argument("--workers", type=int, default=2)
    o = options.parse_args()
    if o.seed is not None:
        return show_seed(o.seed, o.write_pcap, o.v, o.shrink)
    seeds = list(range(o.first, o.first + (o.seeds or seed_count())))
    found = run_many(saved_seeds() + seeds, o.workers)
    for seed, text in list(found.items())[:SHOWN_MAX]:
        print(f"seed {seed}: {__file__} --seed {seed} -v --write-pcap model-{seed}.pcap")
        if text.startswith("program"):
            print(text, end="")
        else:
            show_seed(seed, f"model-{seed}.pcap", False, False)
    if len(found) > SHOWN_MAX:
        print("also:", *list(found)[SHOWN_MAX:][:200])
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
