#!/usr/bin/env python3
"""Which system calls each command makes behind the gate, as strace sees them, against the
table of src/sandbox/syscall_table.c: one that has no row fails the test, since it was
refused. Printed at the end: what was asked for, and how often the commands asked."""
import collections, os, re, shutil, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import HOPSCOPE, SAMPLE, SOURCE_DIR, check, end, run, skip, skip_if_sanitized


def read_table():
    """name -> rule; the rule of a row with arguments is BY_ARGUMENT."""
    with open(f"{SOURCE_DIR}/src/sandbox/syscall_table.c") as f:
        text = f.read()
    rows = dict.fromkeys(re.findall(r"\bALLOWED\((\w+)\)", text), "ALLOWED")
    rows.update(dict.fromkeys(re.findall(r"\b(?:KILLS|OPENING)\((\w+)\)", text), "KILLS"))
    rows.update({name: rule for name, rule in re.findall(r"\bROW\((\w+), SYSCALL_(\w+)\)", text)})
    rows.update(dict.fromkeys(re.findall(r'\{ "(\w+)", +SYS_', text), "BY_ARGUMENT"))
    rows.pop("name", None)
    return rows


CALL = re.compile(r"^\d+ +(\w+)\((.*)$")


def calls_behind_gate(trace):
    """Names after the last filter was put on, and the lines that were refused."""
    names, refused, is_inside = collections.Counter(), [], False
    with open(trace, errors="replace") as f:
        for line in f:
            m = CALL.match(line)
            if not m:
                continue
            if m[1] == "seccomp" and "= 0" in line:
                is_inside = True
            elif is_inside:
                names[m[1]] += 1
                if line.rstrip().endswith("(Operation not permitted)"):
                    refused.append(line.strip())
    return names, refused, is_inside


def commands(here):
    db, out = f"{here}/a.db", f"{here}/out"
    chunked = f"{SOURCE_DIR}/samples/chunked.pcap"
    files = sorted(name for name in os.listdir(f"{SOURCE_DIR}/samples") if name.endswith(".pcap"))[:12]
    many = [f"{SOURCE_DIR}/samples/{name}" for name in files]
    yield "read", ["read", "-o", db, SAMPLE]
    yield "read again", ["read", "-q", "-o", db, *many]
    yield "read threads", ["read", "-q", "--threads", "3", "--stats", "--headers", "-o", f"{here}/t.db", *many]
    yield "read filter", ["read", "-q", "-f", "tcp port http", chunked if os.path.exists(chunked) else SAMPLE]
    yield "ask", ["ask", db]
    yield "ask one", ["ask", db, "time", "--json"]
    yield "sql", ["sql", db, "SELECT count(*) FROM exchanges a, exchanges b ORDER BY 1"]
    yield "report", ["report", db, "-o", f"{here}/page.html"]
    yield "slice", ["slice", db, "SELECT id FROM connections", *many, "-o", f"{here}/part.pcapng"]
    for form in ("har", "jsonl"):
        yield f"export {form}", ["export", db, form, "-o", f"{here}/e.{form}"]
    yield "export csv", ["export", db, "csv", "-o", out]


def main():
    skip_if_sanitized()
    if not shutil.which("strace") or run("strace", "-o", "/dev/null", "true").returncode != 0:
        skip("no strace, or it may not trace")
    table, seen = read_table(), collections.Counter()
    check(len(table) > 150, "rows:", len(table))
    with tempfile.TemporaryDirectory() as here:
        trace = f"{here}/trace"
        for what, words in commands(here):
            done = run("strace", "-f", "-qq", "-o", trace, HOPSCOPE, words[0], "--sandbox", "on", *words[1:])
            names, refused, is_inside = calls_behind_gate(trace)
            check(is_inside, what, "never closed the gate:", done.stderr[:300])
            check(done.returncode in (0, 1, 3) and "SIGSYS" not in done.stderr, what, done.returncode, done.stderr[:300])
            check(done.returncode != 1 or what == "slice", what, "failed:", done.stderr[:300])
            for name in names:
                check(table.get(name) not in (None, "KILLS"), what, "asked for", name, "which is", table.get(name))
            check(not refused or all("fchown" in line or "fchmod" in line for line in refused), what, refused[:3])
            seen.update(names)
    print("asked for:", " ".join(f"{name} {count}" for name, count in seen.most_common()))
    end("syscalls")


main()
