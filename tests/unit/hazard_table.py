#!/usr/bin/python3
# The table of hazards with its tests and whether they pass:
#
#   hazard_table.py BUILD     runs BUILD/test_hazards_*
#
# Each test names the row it belongs to: "hazard 06: a hole at the end".
import collections
import pathlib
import re
import subprocess
import sys


def main(build):
    rows = collections.defaultdict(list)
    for program in sorted(pathlib.Path(build).resolve().glob("test_hazards_*")):
        if not program.is_file():
            continue
        ran = subprocess.run([program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, errors="replace")
        for mark, number, name in re.findall(
                r"^\[ +(OK|FAILED) +\] hazard (\d+)\w?: ([^\n]*)$", ran.stdout, re.M):
            entry = (name.strip(), program.name, mark)
            if entry not in rows[int(number)]:
                rows[int(number)].append(entry)
    failed = 0
    for number in range(1, max(rows, default=0) + 1):
        for name, program, mark in rows.get(number, [("no test", "", "-")]):
            failed += mark != "OK"
            print(f"| {number:02} | {name} | {program} | "
                  f"{'pass' if mark == 'OK' else mark} |")
    print(f"{len(rows)} rows, {sum(map(len, rows.values()))} tests, {failed} not passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else 2)
