#!/usr/bin/python3
# The maker of mutants against lines whose mutants are known, and equivalent.tsv against
# the tree. At night: do the tests notice mutants of src/http and src/tcp?
# nightly: --full
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from mutants import mutants_of  # noqa: E402
from mutate import HERE, read_equivalents  # noqa: E402

LINES = """/* if (a < 1) in a comment */
static const int table = 7;
static int f(int a)
{
    static const int rows[] = {
        1,
        2,
    };
    if (a < 1 && !b) return -1;
    while (a != 0) a += 2;
    g(a, "x < 1"); /* why: a < 1 */
    p->x = 'y' - a->b;
    assert(a < 1);
    if (NEVER(a > 1)) return 0;
    x = p->a < b.c ? p->a : b.c;
    y = a > b ? b : c;
    return a + 3;
}
int g(int a);
"""

WANTED = {
    ("relation", "if (a <= 1 && !b) return -1;"),
    ("relation", "if (a >= 1 && !b) return -1;"),
    ("connective", "if (a < 1 || !b) return -1;"),
    ("not", "if (a < 1 && b) return -1;"),
    ("negation", "if (!(a < 1 && !b)) return -1;"),
    ("constant", "if (a < (1 + 1) && !b) return -1;"),
    ("constant", "if (a < 1 && !b) return -(1 + 1);"),
    ("relation", "while (a == 0) a += 2;"),
    ("negation", "while (!(a != 0)) a += 2;"),
    ("constant", "while (a != 1) a += 2;"),
    ("sign", "while (a != 0) a -= 2;"),
    ("constant", "while (a != 0) a += (2 + 1);"),
    ("call", '; /* why: a < 1 */'),
    ("sign", "p->x = 'y' + a->b;"),
    ("relation", "x = p->a >= b.c ? p->a : b.c;"),
    ("relation", "y = a >= b ? b : c;"),
    ("relation", "y = a <= b ? b : c;"),
    ("sign", "return a - 3;"),
    ("constant", "return a + (3 + 1);"),
}


def main():
    if "--full" in sys.argv[1:]:
        return subprocess.run([sys.executable, HERE / "mutate.py", "work"],
                              check=False).returncode
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "a.c").write_text(LINES, encoding="utf-8")
        found = {(m.kind, m.after) for m in mutants_of(folder, "a.c")}
    for kind, after in sorted(found ^ WANTED):
        print(f"{'not made' if (kind, after) in WANTED else 'made'}: {kind}: {after}")
    root = os.environ.get("SOURCE_DIR") or HERE.parent.parent
    print(f"{len(found)} mutants, {len(read_equivalents(root))} equivalents")
    return 1 if found != WANTED else 0


if __name__ == "__main__":
    sys.exit(main())
