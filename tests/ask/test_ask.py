#!/usr/bin/env python3
"""Every question on captures whose true answer is known (truth.tsv), and what ask and
sql do with formats, parameters, gates, comparisons and files that are not ours."""
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from asking import (HOPSCOPE, QUESTIONS, capture_of, database_of, hopscope, table,
                    truths)

folder = pathlib.Path(tempfile.mkdtemp())
failures = []


def check(is_good, *words):
    if not is_good:
        failures.append(" ".join(map(str, words)))
        print("FAIL:", failures[-1], flush=True)


def attempt(test):
    try:
        test()
    except (AssertionError, subprocess.TimeoutExpired, sqlite3.Error) as fault:
        check(False, f"{test.__name__}: {fault}")


# ---- answers ----

def test_truth():
    asked = set()
    for case, question, settings, columns, expected in truths():
        words = [w for s in settings for w in ("--set", s)]
        rows = table(hopscope("ask", database_of(case, folder), question, "--csv", *words))
        # a damaged capture's sentence names its place
        # and a whole number is the same with and without the .0 of a real
        got = ";".join(",".join(r[c].split(":")[0] if c == "verdict" else
                                r[c].removesuffix(".0") for c in columns) for r in rows)
        check(got == expected, f"{case} {question} {settings}:\n  got  {got}\n  not  {expected}")
        asked.add(question)
    check(asked == set(QUESTIONS), "without a truth:", set(QUESTIONS) - asked)


def test_evidence():
    """Each row names a connection, a packet and the capture that has the packet."""
    path = folder / "evidence.db"
    for case in ("idle-timeout", "pipelining", "lossy-wire", "short-lived", "browser"):
        hopscope("read", "-q", "-o", path, capture_of(case, folder))
    with sqlite3.connect(path) as db:
        packets = dict(db.execute("SELECT id, packets FROM captures"))
    for question in QUESTIONS:
        rows = table(hopscope("ask", path, question, "--csv"))
        with sqlite3.connect(path) as db:
            view = "ask_" + question.replace("-", "_")
            names = [n for _, n, *_ in db.execute(f"PRAGMA table_info({view})")]
        numbers = [n for n in names if n == "packet" or n.endswith("_packet")]
        check("capture_id" in names, question, "does not name the capture")
        if question == "trust":
            continue
        check("connection_id" in names and numbers, question, "names no evidence:", names)
        for row in rows if "capture_id" in names else ():
            shown = [int(row[n]) for n in numbers if row[n]]
            check(shown and all(1 <= n <= packets[int(row["capture_id"])] for n in shown),
                  question, "packets of another capture:", row)
            check(int(row["connection_id"]) >> 32 == int(row["capture_id"]), question, row)


def test_names():
    path = database_of("idle-race-client", folder)
    right = hopscope("ask", path, "idle-race")
    check(hopscope("ask", path, "idle_race") == right, "idle_race is not idle-race")
    hopscope("ask", path, "--fail-on", "idle_race", code=4)
    for wrong in ("idle", "idle-race-", "idle race", "-idle-race", ""):
        hopscope("ask", path, "--", wrong, code=2)


def test_list():
    db = database_of("lossy-wire", folder)
    rows = table(hopscope("ask", db, "--csv"))
    check(sorted(r["question"] for r in rows) == QUESTIONS, "the list has other questions")
    for r in rows:
        answer = table(hopscope("ask", db, r["question"], "--csv"))
        check(len(answer) == int(r["rows"]), r["question"], "has another count in the list")


def test_views():
    """The views of the file give to sqlite3 what ask gives; each row has its evidence."""
    for case in ("idle-race-client", "pipelining", "websocket", "pools", "connects"):
        db = sqlite3.connect(database_of(case, folder))
        for question in QUESTIONS:
            cursor = db.execute(f"SELECT * FROM ask_{question.replace('-', '_')}")
            names = [d[0] for d in cursor.description]
            theirs = [[None if v is None else str(v) for v in row] for row in cursor]
            ours = json.loads(hopscope("ask", database_of(case, folder), question, "--json"))
            ours = [[None if v is None else str(v) for v in row.values()] for row in ours]
            as_numbers = [[[number(v) for v in row] for row in x] for x in (ours, theirs)]
            check(as_numbers[0] == as_numbers[1], case, question, "differs from its view")
            has_evidence = "time" in names and any(n.endswith("packet") for n in names)
            check(question == "trust" or has_evidence and "connection_id" in names,
                  question, "names no packet, time or connection")


def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return text


def test_plans():
    """No question unfolds a whole view for a few rows of it, nor looks through a list
    for each row of another: a LEFT JOIN of a view, or of a list without an index, would."""
    db = sqlite3.connect(database_of("browser", folder))
    for question in QUESTIONS:
        plan = db.execute("EXPLAIN QUERY PLAN SELECT * FROM ask_" + question.replace("-", "_"))
        for *_, step in plan:
            words = step.split()
            is_whole = words[0] == "MATERIALIZE" and words[1] in (
                "connections", "exchanges", "findings", "headers")
            check(not is_whole and not (words[0] == "SCAN" and words[-1] == "LEFT-JOIN"),
                  question, "will be slow:", step)


def test_sql_of_question():
    db = database_of("connects", folder)
    text = hopscope("ask", db, "connects", "--sql", "--set", "slow_ms=10")
    check("slow_ms" in text and "10 * 1000" in text and ":slow_ms" not in text, "--sql", text)
    for words in ((text,), ("--", text)):  # that it begins with a dash is no matter
        rows = table(hopscope("sql", "--csv", db, *words))
        check(len(rows) == 5, "the SQL of --sql gives other rows")


def test_settings():
    db = database_of("connects", folder)
    for setting in ("slow_ms=", "slow_ms=1;2", "slow_ms=-1", "slow_ms=1e9", "slow_ms=.",
                    "slow_ms=1.", "slow_ms=1.2.3", "other=1", "slow_ms", "slow_ms=9" + "9" * 12,
                    "=1"):
        hopscope("ask", db, "connects", "--set", setting, code=2)
    hopscope("ask", db, "connects", "--set", "slow_ms=0.5")
    hopscope("ask", db, "--set", "slow_ms=1", code=2)
    for words in ((db, "nothing"), ("connects", db), (), (db, "connects", "more"),
                  (db, "--sql"), (db, "connects", "--csv", "--json"),
                  (db, "connects", "--limit", "0"), (db, "connects", "--limit", "x")):
        hopscope("ask", *words, code=2)


def test_limit():
    db = database_of("connects", folder)
    for shape in ("--csv", "--json"):
        text = hopscope("ask", db, "connects", shape, "--limit", 2)
        rows = table(text) if shape == "--csv" else json.loads(text)
        check(len(rows) == 2, "--limit", shape)
    check(len(hopscope("ask", db, "connects", "--limit", 2).splitlines()) == 3, "--limit")


# ---- formats ----

ODD = ("SELECT 9007199254740993 AS big, 9007199254740992 AS safe, -9007199254740993 AS low,"
       " 1.5 AS real, 1e999 AS inf, 'a\"b,c' || char(10) || 'd' AS text, '' AS empty,"
       " NULL AS none, x'00ff' AS blob, char(27) || '[31m' AS colour,"
       " 1700000000.123456 AS time, CAST(x'ff41' AS TEXT) AS broken, 'a\\xff' AS slash")


def test_formats():
    db = database_of("connects", folder)
    row = json.loads(hopscope("sql", db, ODD, "--json"))[0]
    check(row["big"] == "9007199254740993" and row["low"] == "-9007199254740993", "ids", row)
    check(row["safe"] == 2 ** 53 and row["real"] == 1.5 and row["inf"] is None, "numbers", row)
    check(row["text"] == 'a"b,c\nd' and row["empty"] == "" and row["none"] is None, row)
    check(row["blob"] == "00ff" and row["colour"] == "\x1b[31m", row)
    check(row["time"] == 1700000000.123456 and row["broken"] == "\\xffA", row)
    row = table(hopscope("sql", db, ODD, "--csv"))[0]
    check(row["text"] == 'a"b,c\nd' and row["big"] == "9007199254740993", "csv", row)
    text = hopscope("sql", db, ODD)
    check("\x1b" not in text and "2023-11-14T22:13:20.123456Z" in text, "table", text)
    check(hopscope("sql", db, "SELECT 1 AS a WHERE 0", "--json") == "[]\n", "no rows, JSON")
    check(hopscope("sql", db, "SELECT 1 AS a WHERE 0", "--csv") == "a\n", "no rows, CSV")
    check(hopscope("sql", db, "SELECT 1 AS a WHERE 0") == "a\n", "no rows, table")
    many = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
    rows = table(hopscope("sql", db, f"{many} SELECT i, 'x' || i AS t FROM n", "--csv"))
    check(len(rows) == 5000 and rows[-1]["t"] == "x5000", "many rows, CSV")
    lines = hopscope("sql", db, f"{many} SELECT i, 'x' || i AS t FROM n").splitlines()
    check(len(lines) == 5001 and lines[-1].split() == ["5000", "x5000"], "many rows, table")


# ---- gates and comparisons ----

def test_gates():
    race, clean = database_of("late-reuse", folder), database_of("keepalive-reuse", folder)
    for words, code in (((race, "--fail-on", "idle-race,framing"), 4),
                        ((race, "--fail-on", "framing"), 0),
                        ((clean, "--fail-on", "idle-race,framing"), 0),
                        ((race, "--fail-on", "idle-race", "--csv"), 4),
                        ((race, "hosts", "--fail-on", "idle-race"), 4),
                        ((race, "--fail-on", "idle"), 2),
                        ((race, "--fail-on", ""), 2),
                        ((race, "--fail-on", "framing", "--diff", clean), 2)):
        hopscope("ask", *words, code=code)
    text = hopscope("ask", race, "--fail-on", "idle-race,framing", "--csv", code=4)
    check([r["rows"] for r in table(text)] == ["1", "0"], "the list of a gate", text)
    capture = folder / "late.pcap"
    shutil.copy(next(pathlib.Path(os.environ["SOURCE_DIR"], "samples").glob("late-reuse*")),
                capture)
    read = ("read", "-q", "-o", folder / "gate.db", capture, "--fail-on")
    hopscope(*read, "idle-race", code=4)
    check((folder / "gate.db").exists(), "a gate leaves the database")
    os.unlink(folder / "gate.db")
    hopscope(*read, "framing", code=0)
    hopscope(*read, "nothing", code=2)
    hopscope("read", "-q", capture, "--fail-on", "idle-race", code=2)


def test_diff():
    client, late = (database_of(c, folder) for c in ("idle-race-client", "late-reuse"))
    rows = table(hopscope("ask", "--diff", client, late, "idle-race", "--csv"))
    got = [(r["class"], r["host"], r["figure"], r["before"], r["after"], r["change"])
           for r in rows]
    check(got == [("idle_race", "brief.example", "rows", "2", "", ""),
                  ("idle_race", "app.example", "rows", "1", "", ""),
                  ("late_reuse", "app.example", "rows", "", "1", "")], "diff", got)
    rows = table(hopscope("ask", "--diff", client, late, "--csv"))
    got = {r["question"]: (r["before"], r["after"], r["change"]) for r in rows}
    check(got["idle-race"] == ("3", "1", "-2") and len(got) == len(QUESTIONS), "diff", got)
    for question in QUESTIONS:
        rows = table(hopscope("ask", "--diff", client, client, question, "--csv"))
        check(all(r["before"] == r["after"] for r in rows), question, "differs from itself")
    hopscope("ask", "--diff", folder / "none.db", client, code=1)


# ---- only reading ----

def test_read_only():
    db = database_of("connects", folder)
    before = db.read_bytes()
    for sql in ("DELETE FROM text", "DROP VIEW exchanges", "CREATE TABLE x(a)",
                "CREATE TEMP TABLE x(a)", "ATTACH 'x.db' AS x", "PRAGMA writable_schema=1",
                "PRAGMA user_version=7", "PRAGMA journal_mode=WAL", "VACUUM", "BEGIN",
                "VACUUM INTO 'x.db'", "SELECT load_extension('x')", "SELECT 1; SELECT 2",
                "", "-- nothing", "SELECT ?1", "SELECT :a", "SELEC", "SELECT nothing",
                "PRAGMA query_only=OFF", "REINDEX", "ANALYZE", "DETACH main"):
        hopscope("sql", db, "--", sql, code=1)
    for sql in ("PRAGMA table_info(exchange)", "PRAGMA user_version", "EXPLAIN SELECT 1",
                "VALUES (1, 2)", "PRAGMA integrity_check", "SELECT 1; -- that is all",
                "WITH a AS (SELECT 1) SELECT * FROM a"):
        text = hopscope("sql", db, sql, code=0 if "-- that" not in sql else 1)
        check(text, sql, "says nothing")
    check(db.read_bytes() == before, "the file was changed")
    check(not list(folder.glob("x.db")), "a file was made")
    hopscope("sql", db, code=2)
    hopscope("sql", db, "SELECT", "1", code=2)


# ---- files of others ----

def test_other_files():
    good = database_of("connects", folder).read_bytes()
    foreign = bytearray(good)
    foreign[68:72] = b"mine"
    newer = bytearray(good)
    newer[60:64] = (9999).to_bytes(4, "big")
    files = {"empty": b"", "short": good[:60], "head": good[:100], "text": b"hello\n" * 900,
             "half": good[:len(good) // 2], "page": good[:16384], "foreign": bytes(foreign),
             "newer": bytes(newer), "noise": good[:100] + os.urandom(60000)}
    for name, content in files.items():
        path = folder / f"other-{name}"
        path.write_bytes(content)
        for command in (("ask", path), ("ask", path, "hosts"), ("sql", path, "SELECT * FROM exchanges")):
            hopscope(*command, code=1)
    os.mkfifo(folder / "pipe")
    for path in (folder, folder / "pipe", folder / "none.db", "/dev/null", ":memory:",
                 f"file:{folder}/connects.db"):
        hopscope("ask", path, code=1)


def test_replaced_views():
    path = folder / "replaced.db"
    for view in ("exchanges", "findings", "captures"):
        shutil.copy(database_of("connects", folder), path)
        db = sqlite3.connect(path)
        db.execute(f"DROP VIEW {view}")
        hopscope_words = ("ask", path, "hosts")
        db.commit()
        hopscope(*hopscope_words, code=1)
        db.execute(f"CREATE VIEW {view} AS SELECT 1 AS id")
        db.commit()
        db.close()
        text = hopscope(*hopscope_words, code=1)
        check(view in text, "which view it is", text)
    shutil.copy(database_of("connects", folder), path)
    db = sqlite3.connect(path)
    db.execute("DROP VIEW ask_hosts")
    db.execute("CREATE VIEW ask_hosts AS SELECT 'evil' AS host")
    db.commit()
    db.close()
    check("evil" not in hopscope("ask", path, "hosts"), "ask believes the file's own view")


def test_endless_query_stops():
    path = database_of("connects", folder)
    endless = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n"
    program = subprocess.Popen([HOPSCOPE, "sql", path, endless], stderr=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    time.sleep(1)
    program.send_signal(signal.SIGINT)
    _, text = program.communicate(timeout=20)
    check(program.returncode == 1 and b"stopped" in text, "SIGINT", program.returncode, text)


def test_mutated_files():
    """Flipped bytes: an answer or one sentence, never a signal."""
    good = database_of("pools", folder).read_bytes()
    rng = random.Random(7)
    path = folder / "mutated.db"
    for _ in range(int(os.environ.get("MUTATIONS", "60"))):
        bad = bytearray(good)
        for _ in range(rng.choice((1, 3, 30))):
            at = rng.randrange(100, len(bad)) if rng.random() < 0.7 else rng.randrange(100, 20000)
            bad[at] = rng.randrange(256)
        path.write_bytes(bad)
        for words in (("ask", path, rng.choice(QUESTIONS)),
                      ("sql", path, "SELECT * FROM exchanges JOIN connections USING (id)")):
            done = subprocess.run([HOPSCOPE, *map(str, words)], capture_output=True, timeout=60)
            check(done.returncode in (0, 1), "mutated file:", words, done.returncode,
                  done.stderr[-300:])


# ---- the same file in other hands ----

def test_sqlite3_program():
    if shutil.which("sqlite3") is None:
        print("no sqlite3 program: its views were not tried with it")
        return
    db = database_of("websocket", folder)
    sql = "".join(f"SELECT COUNT(*) FROM ask_{q.replace('-', '_')};" for q in QUESTIONS)
    done = subprocess.run(["sqlite3", "-readonly", db, sql], capture_output=True, timeout=60)
    counts = table(hopscope("ask", db, "--csv"))
    ours = {r["question"]: r["rows"] for r in counts}
    check(done.stdout.decode().split() == [ours[q] for q in QUESTIONS], "sqlite3", done)


def test_old_views_are_renewed():
    path = folder / "old.db"
    shutil.copy(database_of("connects", folder), path)
    db = sqlite3.connect(path)
    text = db.execute("SELECT sql FROM sqlite_master WHERE name = 'ask_hosts'").fetchone()
    db.execute("DROP VIEW ask_hosts")
    db.execute("CREATE VIEW ask_hosts AS SELECT 1 AS old")
    db.execute("DROP VIEW ask_reuse")
    db.commit()
    hopscope("read", "-q", "-o", path, folder / "connects.pcap")
    again = db.execute("SELECT sql FROM sqlite_master WHERE name = 'ask_hosts'").fetchone()
    check(text == again, "the view of an older version stayed")
    check(db.execute("SELECT COUNT(*) FROM ask_reuse").fetchone()[0] == 1, "no view ask_reuse")


try:
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            attempt(test)
finally:
    shutil.rmtree(folder)
print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
