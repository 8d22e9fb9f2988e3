#!/usr/bin/python3
# The accounts of all samples against the texts beside this file, which were checked by
# hand against samples/README.md.
#
#   test_golden.py             compares; differences are printed as a diff
#   test_golden.py --update    writes the texts anew: read the diff before it is kept
import difflib
import pathlib
import sys

sys.dont_write_bytecode = True
import account  # noqa: E402  (after the switch above)

FOLDER = pathlib.Path(__file__).resolve().parent


def golden_path(capture):
    return FOLDER / (capture.name.split(".pcap")[0] + ".txt")


def is_same(capture, text):
    path = golden_path(capture)
    before = path.read_text() if path.exists() else ""
    if before == text:
        return True
    sys.stdout.writelines(difflib.unified_diff(
        before.splitlines(True), text.splitlines(True), path.name, "now", n=2))
    return False


def main(arguments):
    if arguments not in ([], ["--update"]):
        print("usage: test_golden.py [--update]", file=sys.stderr)
        return 2
    captures = account.sample_paths()
    if not captures:
        print("no samples")
        return 77
    different = 0
    for capture in captures:
        text = account.account_text(capture)
        if arguments:
            golden_path(capture).write_text(text)
        elif not is_same(capture, text):
            different += 1
    for stray in set(FOLDER.glob("*.txt")) - {golden_path(c) for c in captures}:
        print(f"{stray.name}: no such sample")
        different += 1
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
