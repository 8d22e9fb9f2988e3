#!/usr/bin/python3
# Well-behaved software must raise no warning and nothing that looks like an attack: a
# tool that cries wolf is switched off. The samples are plain software at work, so every
# such finding in them must stand in well_behaved.tsv, where its oddity is the point.
import collections
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
import account  # noqa: E402  (after the switch above)

GRAVE = """
SELECT code, severity, count(*) AS n, min(packet) AS packet, min(evidence) AS evidence
FROM findings WHERE severity IN ('warning', 'attack') GROUP BY code, severity ORDER BY code
"""


def load_expected():
    """{sample: {code: count}}; the reasons are for the reader."""
    expected = collections.defaultdict(dict)
    path = pathlib.Path(__file__).resolve().parent / "well_behaved.tsv"
    for number, line in enumerate(path.open(), 1):
        if line.startswith("#") or not line.strip():
            continue
        fields = line.rstrip("\n").split("\t")
        if len(fields) != 4 or not all(fields):
            sys.exit(f"well_behaved.tsv:{number}: not four fields")
        expected[fields[0]][fields[1]] = int(fields[2])
    return expected


def grave_findings(capture):
    with tempfile.TemporaryDirectory(prefix="calm") as folder:
        database = pathlib.Path(folder) / "account.db"
        account.read(capture, database)
        db = account.open_rows(database)
        rows = db.execute(GRAVE).fetchall()
        db.close()
    return rows


def main():
    captures = account.sample_paths()
    if not captures:
        print("no samples")
        return 77
    expected, faults = load_expected(), 0
    for capture in captures:
        listed = expected.pop(capture.name, {})
        for row in grave_findings(capture):
            if listed.pop(row["code"], None) == row["n"]:
                continue
            print(f"{capture.name}: {row['severity']} {row['code']}: {row['n']} times, "
                  f"first in packet {row['packet']}: {row['evidence']}")
            faults += 1
        for code in listed:
            print(f"{capture.name}: {code} is expected, but was not raised as listed")
            faults += 1
    for name in expected:
        print(f"{name}: in well_behaved.tsv, but not among the samples")
        faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
