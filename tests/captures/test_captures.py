#!/usr/bin/python3
# Captures of other projects' test suites, read by hopscope and compared with what
# tshark and Suricata say of them (SHARED/captures/expected.jsonl).
#
#   capture --hopscope read--> database --> messages, exchanges --.
#   expected.jsonl: peers' messages, transactions ----------------+--> differences
#   disagreements.tsv: each known difference and its reason ------+--> unlisted, gone
#
# The peers are opinions, not the truth: each difference stands in disagreements.tsv with
# the rule that decides it. One that is not listed fails the test, and so does a listed
# one that no longer occurs.
#
#   test_captures.py           the test (HOPSCOPE, SHARED from the environment)
#   test_captures.py --table   prints the figures of all files side by side, too
#   test_captures.py --lines   only prints each difference as a line of disagreements.tsv
import collections
import os
import pathlib
import sys

sys.dont_write_bytecode = True
import ours  # noqa: E402  (after the switch above)
import peers  # noqa: E402
from comparison import compare_suricata, compare_tshark  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SKIP = 77


def load_disagreements():
    """{(file, peer): {difference: reason}}; a line repeated is a mistake of the table."""
    known = collections.defaultdict(dict)
    for number, line in enumerate((HERE / "disagreements.tsv").open(), 1):
        if line.startswith("#") or not line.strip():
            continue
        fields = line.rstrip("\n").split("\t")
        if len(fields) != 4 or not all(fields):
            sys.exit(f"disagreements.tsv:{number}: not four fields")
        file, peer, difference, reason = fields
        if difference in known[file, peer]:
            sys.exit(f"disagreements.tsv:{number}: is there twice")
        known[file, peer][difference] = reason
    return known


def compare_file(account, expected):
    """{peer: set of differences}"""
    found = {"file": set(account.faults)}
    if account.packets is None:
        return found
    if account.packets != expected.packets:
        found["file"].add(f"packets: {account.packets}, not {expected.packets}")
    if account.is_damaged != expected.is_damaged:
        found["file"].add(f"damaged: {account.is_damaged}, not {expected.is_damaged}")
    found["tshark"] = compare_tshark(account, expected.tshark)
    if expected.suricata:
        found["suricata"] = compare_suricata(account, expected.suricata)
    return found


def judge(file, found, known):
    """What is unlisted or gone, as sentences."""
    faults = []
    for peer, differences in sorted(found.items()):
        listed = known.get((file, peer), {}).keys()
        faults += [f"{file}: {peer}: unlisted: {d}" for d in sorted(differences - listed)]
        faults += [f"{file}: {peer}: listed, but gone: {d}"
                   for d in sorted(listed - differences)]
    return faults


TABLE_HEAD = ("file", "hopscope", "tshark", "hopscope", "suricata", "different", "why")


def table_row(account, expected, found, known):
    """Requests/final responses/connections of both, exchanges of both, differences."""
    t, s = expected.tshark, expected.suricata
    reasons = {reason: None for (file, _), rows in known.items()
               if file == expected.file for reason in rows.values()}
    return (
        expected.file,
        f"{account.request_count}/{account.response_count}/{account.connection_count}",
        f"{t.request_count}/{t.response_count}/{t.stream_count}",
        str(account.exchange_count),
        str(s.transaction_count) if s else "-",
        str(sum(map(len, found.values())) or "-"),
        "; ".join(reasons))


def print_table(rows):
    rows = [TABLE_HEAD, *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(TABLE_HEAD) - 1)]
    print("first hopscope and tshark: requests/final responses/connections;"
          " then exchanges and transactions\n")
    for row in rows:
        print("  ".join([*(c.ljust(w) for c, w in zip(row, widths)), row[-1]]).rstrip())
    print()


def print_lines(file, found, known):
    for peer, differences in sorted(found.items()):
        for difference in sorted(differences):
            reason = known.get((file, peer), {}).get(difference, "?")
            print(file, peer, difference, reason, sep="\t")


def main(arguments):
    if arguments not in ([], ["--table"], ["--lines"]):
        print("usage: test_captures.py [--table | --lines]", file=sys.stderr)
        return 2
    folder = pathlib.Path(os.environ.get("SHARED") or "/nonexistent") / "captures"
    if not (folder / "expected.jsonl").exists():
        print("no captures beside the tree (SHARED)")
        return SKIP
    known = load_disagreements()
    faults, table, files = [], [], set()
    for expected in peers.load(folder / "expected.jsonl"):
        files.add(expected.file)
        account = ours.read(folder / expected.file)
        found = compare_file(account, expected)
        faults += judge(expected.file, found, known)
        table.append(table_row(account, expected, found, known))
        if arguments == ["--lines"]:
            print_lines(expected.file, found, known)
    faults += [f"{file}: in disagreements.tsv, but not among the captures"
               for file in sorted({f for f, _ in known} - files)]
    if arguments == ["--lines"]:
        return 0
    if arguments == ["--table"]:
        print_table(table)
    print(*faults, sep="\n", end="\n" if faults else "")
    print(f"{len(files)} captures, {sum(map(len, known.values()))} known differences, "
          f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
