#!/usr/bin/python3
# A database made to hang, to fill memory or to be more than read: whoever asks it gets a
# sentence, and is never held longer than the patience after the first signal. The file's
# views and the query are equally strangers'.
import os
import pathlib
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

# name | a query, in Python | a part of the sentence (a pattern). All end with exit code 1, at once.
REFUSED = """
pattern | "SELECT 'a' LIKE '" + "%a_" * 400 + "'" | LIKE or GLOB pattern too complex
pattern made | "SELECT 'a' GLOB replace(printf('%.*c', 400, 'a'), 'a', '*a?')" | pattern too complex
depth | "SELECT " + "1+(" * 1100 + "1" + ")" * 1100 | parser stack overflow|too large
levels | "SELECT " + "1+" * 1100 + "1" | Expression tree is too large .maximum depth 1000.
union | " UNION ".join(["SELECT 1"] * 600) | too many terms in compound SELECT
columns | "SELECT " + ",".join(["1"] * 1100) | too many columns in result set
arguments | "SELECT max(" + ",".join(["1"] * 70) + ")" | too many arguments on function max
value | "SELECT zeroblob(1 << 27)" | string or blob too big
value grown | "SELECT length(replace(printf('%.*c', 60000, 'a'), 'a', printf('%.*c', 60000, 'b')))" | too big
parameter | "SELECT ?999" | variable number must be between .1 and .16
views | "SELECT count(*) FROM deep30" | too many references
loop | "SELECT * FROM loop" | view loop is circularly defined
extension | "SELECT * FROM loads" | load_extension
write | "SELECT * FROM writes" | writefile
pragma | "PRAGMA writable_schema=ON" | only reading is allowed here
"""

# Run until they are told to end. The last is one call of one function: nobody can
# interrupt it, and the program leaves in its midst.
ENDLESS = {
    "recursion": ("WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c)"
                  " SELECT count(*) FROM c", {1}),
    "product": ("SELECT count(*) FROM many a, many b, many c, many d", {1}),
    "view": ("SELECT * FROM endless", {1}),
    "function": ("SELECT * FROM needle", {1, 128 + signal.SIGTERM}),
}

VIEWS = """
CREATE VIEW deep0 AS SELECT 1 a;
CREATE VIEW loop AS SELECT * FROM loop2;
CREATE VIEW loop2 AS SELECT * FROM loop;
CREATE VIEW loads AS SELECT load_extension('x');
CREATE VIEW writes AS SELECT writefile('x', 'y');
CREATE VIEW many AS WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c LIMIT 9999)
  SELECT x FROM c;
CREATE VIEW endless AS WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT 1 FROM c)
  SELECT x FROM c WHERE x > 1;
CREATE VIEW needle AS SELECT instr(printf('%.*c', 60000000, 'a'),
  printf('%.*c', 30000000, 'a') || 'b');
"""


def make(path):
    root = pathlib.Path(os.environ["SOURCE_DIR"])
    capture = root / "samples" / "keepalive-reuse.pcap"
    subprocess.run([os.environ["HOPSCOPE"], "read", "-q", "-o", path, capture],
                   check=True, stdout=subprocess.DEVNULL)
    db = sqlite3.connect(path)
    db.executescript(VIEWS)
    for i in range(1, 31):
        db.execute(f"CREATE VIEW deep{i} AS SELECT x.a FROM deep{i - 1} x, deep{i - 1} y")
    db.commit()
    db.close()


# What stands in a table's place is code, if it is let: none of it may be run.
DISGUISED = {
    "a view": "ALTER TABLE connection RENAME TO kept; CREATE VIEW connection AS SELECT * FROM kept",
    "of other case": "ALTER TABLE exchange RENAME TO kept; CREATE VIEW ExChange AS SELECT * FROM kept",
    "a computed column": "ALTER TABLE connection ADD COLUMN more INTEGER AS (instr(start_us, 'a'))",
    "a changed view": "DROP VIEW exchanges; CREATE VIEW exchanges AS SELECT * FROM needle",
    "a changed name": "DROP VIEW exchanges; CREATE VIEW Exchanges AS SELECT * FROM needle",
}


def check_disguised(checks, folder, like):
    for name, sql in DISGUISED.items():
        path = os.path.join(folder, "disguised.db")
        shutil.copy(like, path)
        db = sqlite3.connect(path)
        db.execute("PRAGMA legacy_alter_table=ON")  # leave the views as they are
        db.executescript(sql)
        db.close()
        for words in (["ask", path, "time"], ["report", path, "-o", "-"], ["export", path, "jsonl"]):
            ran = subprocess.run([os.environ["HOPSCOPE"], *words], capture_output=True,
                                 text=True, timeout=120, check=False)
            checks.check(ran.returncode == 1 and ran.stdout == "", name, words[0], "exit",
                         ran.returncode, ran.stdout[:80])
            checks.check("not what this hopscope writes" in ran.stderr, name, words[0], ran.stderr)
        os.remove(path)


def start(path, query):
    return subprocess.Popen([os.environ["HOPSCOPE"], "sql", path, query], text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def wait_until_it_works(process):
    """The thread that takes signals is there: a signal is not what kills it."""
    while process.poll() is None:
        if len(os.listdir(f"/proc/{process.pid}/task")) > 1:
            return
        time.sleep(0.01)


class Checks:
    def __init__(self):
        self.count = self.failed = 0

    def check(self, is_good, *words):
        self.count += 1
        if not is_good:
            self.failed += 1
            print("FAIL:", *words)


def main():
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "hostile.db")
        make(path)
        check_disguised(checks, folder, path)
        before = pathlib.Path(path).read_bytes()
        for row in ROWS:
            name, query, words = row
            ran = start(path, query)
            out, said = ran.communicate(timeout=120)
            checks.check(ran.returncode == 1 and out == "", name, "exit", ran.returncode, out[:60])
            checks.check(re.search(words, said) and said.startswith("hopscope: "), name, "said", said[:300])
        running = {name: start(path, query) for name, (query, _) in ENDLESS.items()}
        for process in running.values():
            wait_until_it_works(process)
        time.sleep(0.3)
        for name, process in running.items():
            checks.check(process.poll() is None, name, "ended by itself", process.poll())
            process.send_signal(signal.SIGTERM)
        for name, process in running.items():
            _, said = process.communicate(timeout=120)
            codes = ENDLESS[name][1]
            checks.check(process.returncode in codes, name, "exit", process.returncode)
            if process.returncode == 1:
                checks.check("stopped before the answer was whole" in said, name, "said", said)
        for words in ("ask", "ask DB time", "report DB -o -", "export DB jsonl"):
            line = [path if word == "DB" else word for word in shlex.split(words)]
            line += [path] if words == "ask" else []
            ran = subprocess.run([os.environ["HOPSCOPE"], *line], capture_output=True,
                                 timeout=120, check=False)
            checks.check(ran.returncode == 0, words, "exit", ran.returncode, ran.stderr)
        checks.check(pathlib.Path(path).read_bytes() == before, "the file has changed")
        checks.check(os.listdir(folder) == ["hostile.db"], "files beside it", os.listdir(folder))
    print(f"{checks.count} checks, {checks.failed} failed")
    return 1 if checks.failed else 0


# pylint: disable=eval-used
ROWS = [(name.strip(), eval(query), words.strip())
        for name, query, words in (row.split(" | ") for row in REFUSED.split("\n") if row)]

if __name__ == "__main__":
    sys.exit(main())
