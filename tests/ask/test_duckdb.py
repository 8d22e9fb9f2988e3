#!/usr/bin/env python3
"""The views in DuckDB: the very texts that stand in the file, over its tables loaded
there, give the rows that SQLite gives. (DuckDB's own reader of SQLite files is an
extension that it downloads; this needs none.)

Wants DuckDB for Node.js: npm install --prefix build/duckdb @duckdb/node-api in the tree,
or DUCKDB_MODULES=the node_modules folder that has it."""
import json
import math
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from asking import QUESTIONS, SAMPLES, SOURCE, capture_of, hopscope

MODULES = pathlib.Path(os.environ.get("DUCKDB_MODULES")
                       or SOURCE / "build/duckdb/node_modules")
VIEWS = "captures connections exchanges tunnels findings finding_codes headers".split()


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def statements_of(db):
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'"
                        " AND name NOT LIKE 'sqlite%'").fetchall()
    for (name,) in tables:
        columns = db.execute(f"PRAGMA table_info({name})").fetchall()
        yield f"CREATE TABLE {name} (" + ", ".join(
            f'"{c[1]}" {"BIGINT" if c[2] == "INTEGER" else "VARCHAR"}' for c in columns) + ")"
        rows = db.execute(f"SELECT * FROM {name}").fetchall()
        for i in range(0, len(rows), 500):
            yield f"INSERT INTO {name} VALUES " + ", ".join(
                "(" + ", ".join(map(literal, row)) + ")" for row in rows[i:i + 500])
    yield from (sql for (sql,) in db.execute(
        "SELECT sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid"))


def plain(value):
    """A figure as a number, whatever type it came in."""
    if isinstance(value, bool):
        return float(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def is_same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return a == b


def difference(ours, theirs):
    key = lambda row: tuple((v is not None, str(v)) for v in row)
    ours, theirs = ([[plain(v) for v in row] for row in rows] for rows in (ours, theirs))
    for a, b in zip(sorted(ours, key=key), sorted(theirs, key=key)):
        if len(a) != len(b) or not all(map(is_same, a, b)):
            return f"SQLite {a}\n  DuckDB {b}"
    return None if len(ours) == len(theirs) else f"{len(ours)} rows and {len(theirs)}"


def main():
    if shutil.which("node") is None or not (MODULES / "@duckdb/node-api").is_dir():
        print("no DuckDB for Node.js: see the head of this file")
        return 77
    folder = pathlib.Path(tempfile.mkdtemp())
    failures = 0
    try:
        path = folder / "all.db"
        made = ("connects", "framing", "optimistic", "slow-clients", "timeouts", "pools", "churn")
        for sample in sorted(p for p in SAMPLES.iterdir() if ".pcap" in p.name):
            hopscope("read", "-q", "--headers", "-o", path, sample)
        for case in made:
            hopscope("read", "-q", "-o", path, capture_of(case, folder))
        db = sqlite3.connect(path)
        names = VIEWS + ["ask_" + q.replace("-", "_") for q in QUESTIONS]
        script = {"statements": list(statements_of(db)),
                  "queries": {n: f"SELECT * FROM {n}" for n in names}}
        done = subprocess.run(["node", SOURCE / "tests/ask/duckdb.mjs", MODULES],
                              input=json.dumps(script).encode(), capture_output=True,
                              timeout=300)
        if done.returncode != 0:
            print("FAIL: DuckDB:", done.stderr.decode(errors="replace")[-2000:])
            return 1
        for name, answer in json.loads(done.stdout).items():
            rows = db.execute(f"SELECT * FROM {name}").fetchall()
            fault = answer.get("fault") or difference(rows, answer["rows"])
            if fault:
                failures += 1
                print(f"FAIL: {name}: {fault}")
            elif os.environ.get("VERBOSE"):
                print(f"{name}: {len(rows)} rows, the same")
    finally:
        shutil.rmtree(folder)
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
