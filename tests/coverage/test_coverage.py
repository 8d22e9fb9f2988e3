#!/usr/bin/python3
# The counting of branches on an export whose branches are known, and floors.tsv against
# the layers. At night: the branch coverage of all tests, by layer.
# nightly: --full
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from branches import HERE, outcomes, read_counts, read_floors, Sources  # noqa: E402

SOURCE = """static int f(enum e x, int y)
{
    switch (x) {
    case A:
    case B: /* the same */
        return 1;
    case C: return 2;
    }
    while (1) {
        if (y > 0 && sizeof(y) > 8) return 3;
    }
}
"""

# From line and column, to line and column, times true, times false.
BRANCHES = [
    (3, 13, 3, 14, 0, 9),      # the switch itself: no case was met
    (4, 5, 4, 11, 0, 9),       # A: not met, but B is
    (5, 5, 5, 11, 4, 5),
    (7, 5, 7, 11, 0, 9),       # C: never met
    (9, 12, 9, 13, 0, 0),      # folded
    (10, 13, 10, 18, 0, 7),    # never true in this instance,
    (10, 13, 10, 18, 2, 0),    # but in that one
    (10, 22, 10, 35, 0, 0),    # folded
]

WANTED = [
    (5, "case B", "met", True),
    (7, "case C", "met", False),
    (10, "y > 0", "true", True),
    (10, "y > 0", "false", True),
]


def count_sample(folder):
    path = pathlib.Path(folder, "src", "tcp", "f.c")
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE, encoding="utf-8")
    function = {"filenames": [str(path)],
                "branches": [[*branch, 0, 0, 4] for branch in BRANCHES]}
    export = pathlib.Path(folder, "export.json")
    export.write_text(json.dumps({"data": [{"functions": [function]}]}), encoding="utf-8")
    counts = read_counts(export, folder)
    return [row[1:] for row in outcomes(counts, Sources())]


def main():
    root = pathlib.Path(os.environ.get("SOURCE_DIR") or HERE.parent.parent)
    if "--full" in sys.argv[1:]:
        return subprocess.run(["sh", HERE / "run.sh", "work"], check=False).returncode
    with tempfile.TemporaryDirectory() as folder:
        found = count_sample(os.path.realpath(folder))
    if found != WANTED:
        print(f"counted {found}, not {WANTED}")
    layers = {entry.name for entry in (root / "src").iterdir() if entry.is_dir()}
    other = layers ^ set(read_floors(HERE / "floors.tsv"))
    if other:
        print(f"floors.tsv and src differ in {', '.join(sorted(other))}")
    return 1 if other or found != WANTED else 0


if __name__ == "__main__":
    sys.exit(main())
