"""Databases of samples, what hopscope makes of them, and a reader of Zeek's logs."""
import json
import os
import pathlib
import sqlite3
import subprocess
import sys

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
SAMPLES = pathlib.Path(os.environ.get("SAMPLES") or SOURCE / "samples")
HOPSCOPE = os.environ["HOPSCOPE"]
failures = []


def check(truth, words):
    if not truth:
        failures.append(words)
        print("FAIL:", words)


def hopscope(*words, code=0):
    """Standard output as bytes; on 1 and 2 the one sentence on standard error."""
    done = subprocess.run([HOPSCOPE, *map(str, words)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=240)
    said = done.stderr.decode(errors="replace")
    if done.returncode != code:
        raise AssertionError(f"{words}: exit {done.returncode}, not {code}: {said}")
    if code:
        check(said.count("\n") == 1 and said.startswith("hopscope: "),
              f"{words}: not one sentence: {said}")
    return said if code else done.stdout


def capture(name):
    found = sorted(SAMPLES.glob(f"{name}.pcap*"))
    assert found, f"no sample {name}"
    return found[0]


def database(path, *captures, code=0, options=()):
    hopscope("read", "-q", "-o", path, *options, *captures, code=code)
    return path


def rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql)]


def json_lines(raw):
    text = raw.decode("utf-8")  # strictly
    return [json.loads(line) for line in text.splitlines()]


def zeek_log(raw):
    """zeek-cut's rules: the header says what divides, the fields name the columns."""
    lines = raw.decode("utf-8").split("\n")
    assert lines.pop() == "", "the last line has no end"
    head, out = {}, []
    for line in lines:
        if line.startswith("#separator "):
            head["separator"] = line.split(" ", 1)[1].encode().decode("unicode_escape")
        elif line.startswith("#"):
            key, *values = line[1:].split(head["separator"])
            head[key] = values
        else:
            cells = line.split(head["separator"])
            assert len(cells) == len(head["fields"]) == len(head["types"]), line
            row = {}
            for name, kind, cell in zip(head["fields"], head["types"], cells):
                row[name] = zeek_value(kind, cell, head)
            out.append(row)
    assert "open" in head and "close" in head
    return head, out


def zeek_value(kind, cell, head):
    if cell == head["unset_field"][0]:
        return None
    if cell == head["empty_field"][0]:
        return ""
    if kind in ("count", "port", "int"):
        return int(cell)
    if kind in ("time", "interval"):
        whole, fraction = cell.split(".")
        assert len(fraction) == 6, cell
        return int(whole) * 1000000 + int(fraction)
    if kind == "bool":
        return {"T": True, "F": False}[cell]
    if kind.startswith(("set[", "vector[")):
        return cell.split(head["set_separator"][0])
    return cell


def end():
    print(f"{len(failures)} failures")
    sys.exit(1 if failures else 0)
