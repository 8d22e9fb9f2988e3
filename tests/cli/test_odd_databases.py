#!/usr/bin/python3
# Databases that no run has made: a table's pages are gone, or its values were changed by
# somebody. Each command answers or refuses in one sentence; none dies, hangs or leaves half
# a file. Two databases of other hosts are compared, and slices cut by odd rows.
import csv
import io
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

SAMPLES = pathlib.Path(os.environ["SOURCE_DIR"], "samples")
MIXED, RACES = SAMPLES / "mixed.pcap", SAMPLES / "idle-race-client.pcap"
failures = 0


def check(is_right, *words):
    global failures
    if not is_right:
        failures += 1
        print("FAIL:", *words)


def run(*words):
    return subprocess.run([os.environ["HOPSCOPE"], *map(str, words)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)


def answered(*words):
    done = run(*words)
    check(done.returncode == 0 and done.stderr == "", words, "exit", done.returncode, done.stderr)
    return done.stdout


def refused(words, says):
    done = run(*words)
    check(done.returncode == 1, words, "exit", done.returncode, done.stderr)
    check(done.stderr.startswith("hopscope: ") and done.stderr.count("\n") == 1 and says in done.stderr,
          words, "says", done.stderr)


def copy_of(path, name, *statements):
    shutil.copy(path, name)
    made = sqlite3.connect(name)
    for statement in statements:
        made.execute(statement)
    made.commit()
    made.close()
    return name


def rows(path, query):
    made = sqlite3.connect(path)
    made.row_factory = sqlite3.Row
    found = made.execute(query).fetchall()
    made.close()
    return found


# ---- a table that is not there any more ----

# What cannot be answered without it, besides what is asked of all.
BROKEN = {
    "text": ("ask", "report", "export har", "slice"),
    "capture": ("export csv", "report", "slice"),
    "connection": ("ask", "ask hosts", "ask --diff", "report", "export jsonl", "export har", "slice"),
    "exchange": ("ask", "ask hosts", "ask --fail-on", "report", "export har", "slice"),
    "finding": ("ask framing", "report", "export jsonl", "slice"),
    "exchange_timing": ("ask", "report"),
    "tunnel": ("report", "export jsonl"),
}


def broken_copy(path, table):
    """Zeros where the table begins; all else is whole."""
    page = rows(path, f"SELECT rootpage FROM sqlite_schema WHERE name = '{table}'")[0][0]
    size = rows(path, "PRAGMA page_size")[0][0]
    shutil.copy(path, "broken.db")
    with open("broken.db", "r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes(size))
    return "broken.db"


def check_broken(path, whole):
    one = rows(path, "SELECT id FROM connections")[0][0]
    for table, failing in BROKEN.items():
        broken = broken_copy(path, table)
        commands = {
            "ask": ("ask", broken),
            "ask hosts": ("ask", broken, "hosts"),
            "ask framing": ("ask", broken, "framing"),
            "ask upgrades": ("ask", broken, "upgrades", "--json"),
            "ask --diff": ("ask", broken, "hosts", "--diff", whole),
            "ask --diff, the other": ("ask", whole, "hosts", "--diff", broken),
            "ask --diff, all": ("ask", whole, "--diff", broken),
            "ask --fail-on": ("ask", broken, "--fail-on", "time"),
            "report": ("report", broken, "-q", "-o", "made.html"),
            "export jsonl": ("export", broken, "jsonl", "-o", "made.jsonl"),
            "export har": ("export", broken, "har", "-o", "made.har"),
            "export csv": ("export", broken, "csv", "--table", "captures", "-o", "made.csv"),
            "slice": ("slice", broken, one, RACES, "-o", "made.pcapng"),
        }
        for name, words in commands.items():
            done = run(*words)
            check(done.returncode in ((1,) if name in failing else (0, 1, 4)),
                  f"without {table}: {name}: exit", done.returncode, done.stderr)
            if done.returncode == 1:
                check(done.stderr.startswith("hopscope: ") and done.stderr.count("\n") == 1,
                      f"without {table}: {name} says", done.stderr)
                left = [f for f in os.listdir(".") if f.startswith("made.")]
                check(left == [], f"without {table}: {name} leaves", left)
            for made in (f for f in os.listdir(".") if f.startswith("made.")):
                os.remove(made)


# ---- two databases ----

def without_host(path):
    """A statement that makes the first exchange one without a Host; the schema says where it is packed."""
    schema = rows(path, "SELECT sql FROM sqlite_schema WHERE name = 'exchange'")[0][0]
    column, parts = re.search(r"(packed\d) INTEGER,? -- first bit of:(.* host \d.*)", schema).groups()
    shifts = [int(shift) for shift in re.findall(r" (\d+)", parts)] + [63]
    host = int(re.search(r" host (\d+)", parts).group(1))
    bits = (1 << shifts[shifts.index(host) + 1]) - (1 << host)
    return f"UPDATE exchange SET {column} = {column} & ~{bits} WHERE id = (SELECT MIN(id) FROM exchange)"


def compared(before, after):
    """{(host, figure): (before, after, change)}"""
    text = answered("ask", after, "hosts", "--diff", before, "--csv")
    found = list(csv.reader(io.StringIO(text)))
    check(found[0] == ["host", "figure", "before", "after", "change"], found[0])
    return [((r[0], r[1]), tuple(r[2:])) for r in found[1:]]


def check_compared(path):
    ab = copy_of(path, "ab.db", "UPDATE text SET value = 'a' WHERE value = 'shop.example'",
                 "UPDATE text SET value = 'ab' WHERE value = 'app.example'")
    abc = copy_of(ab, "abc.db", "UPDATE text SET value = 'abc' WHERE value = 'a'",
                  without_host(path))
    none = copy_of(path, "none.db", "DELETE FROM exchange")
    found = compared(ab, abc)
    hosts = [host for i, ((host, _), _) in enumerate(found) if i == 0 or host != found[i - 1][0][0]]
    check(hosts == ["", "a", "ab", "abc"], "hosts in order:", hosts)
    counts = {host: values for (host, figure), values in found if figure == "exchanges"}
    check(counts == {"": ("", "1", ""), "a": ("13", "", ""), "ab": ("7", "7", "0"), "abc": ("", "12", "")},
          "exchanges:", counts)
    gone, come = dict(compared(ab, none)), dict(compared(none, ab))
    check(gone["a", "exchanges"] == ("13", "", "") and come["a", "exchanges"] == ("", "13", ""),
          "before and after nothing:", gone, come)
    check(len(gone) == len(come), "one has more than the other")
    check(compared(none, none) == [], "nothing and nothing")
    same = compared(abc, abc)
    check(same != [] and all(before == after for _, (before, after, _) in same), "the same twice:", same[:3])
    # The list of all questions has a change for each.
    listed = answered("ask", abc, "--diff", ab, "--csv", "-q").splitlines()
    check(listed[0] == "question,before,after,change,title" and len(listed) > 15, listed[:1])


# ---- slices ----

def cut(path, what, *files):
    """Packets and comments of a slice, as the program reads them again."""
    done = run("slice", path, what, *files, "-o", "cut.pcapng")
    check(done.returncode == 0, "slice", what, done.stderr)
    content = pathlib.Path("cut.pcapng").read_bytes() if done.returncode == 0 else b""
    told = run("read", "-q", "-o", "cut.db", "cut.pcapng")
    check(told.returncode == 0, "the slice cannot be read:", told.stderr)
    found = rows("cut.db", "SELECT * FROM connections")
    os.remove("cut.db")
    return found, content


def check_slices(path):
    all_of = "SELECT id FROM connections UNION ALL SELECT id FROM exchanges UNION ALL SELECT id FROM exchanges"
    found, content = cut(path, all_of, RACES)
    check(len(found) == len(rows(path, "SELECT 1 FROM connections")), "all of it:", len(found))
    for e in rows(path, "SELECT * FROM exchanges WHERE ordinal = 1"):
        line = f"request 1: {e['method']} {e['target']}".encode()
        check(line in content, "not said:", line)
    first = rows(path, "SELECT request_packet AS n, id FROM exchanges ORDER BY id")[0]
    _, content = cut(path, f"SELECT connection_id AS id FROM exchanges WHERE id = {first['id']} UNION ALL SELECT {first['id']}", RACES)
    check(content.count(b"hopscope: request 1: ") >= 1, "an exchange beside its connection is not said")
    # The server's address is the lower one.
    swapped = pathlib.Path("swapped.pcap")
    swapped.write_bytes(RACES.read_bytes().replace(bytes([10, 77, 0, 1]), bytes([10, 77, 0, 9])))
    check(run("read", "-q", "-o", "swapped.db", swapped).returncode == 0, "swapped")
    found, _ = cut("swapped.db", "SELECT id FROM connections LIMIT 1", swapped)
    check(len(found) == 1 and found[0]["client_ip"] == "10.77.0.9", "swapped:", len(found))
    # Findings without words, and rows that have no packet, are no comments.
    silent = copy_of(path, "silent.db", "DELETE FROM finding_code", "UPDATE finding SET evidence = NULL, packed1 = 0")
    found, content = cut(silent, "SELECT id FROM connections", RACES)
    check(b"finding" not in content, "a finding without a code is said")
    # Addresses that are none, and names of captures that are none.
    for value in ("no address", "x" * 60, ""):
        odd = copy_of(path, "odd.db", f"UPDATE text SET value = '{value}' WHERE value LIKE '10.77.%'")
        refused(("slice", odd, first["id"], RACES, "-o", "no.pcapng"), "none of the packets is in ")
    unnamed = copy_of(path, "unnamed.db", "UPDATE capture SET source = NULL")
    found, _ = cut(unnamed, first["id"], RACES)  # told by the order of the files
    check(len(found) == 1, "a capture without a name:", len(found))
    moved = copy_of(path, "moved.db", f"UPDATE capture SET source = '/elsewhere/{RACES.name}'")
    check(len(cut(moved, first["id"], RACES)[0]) == 1, "told by the last part of its name")
    refused(("slice", unnamed, first["id"], MIXED, "-o", "no.pcapng"), "the database was made of another capture")
    check(not os.path.exists("no.pcapng"), "a slice of nothing is there")


def records(path):
    raw, at = pathlib.Path(path).read_bytes(), 24
    while at < len(raw):
        length = struct.unpack_from("<I", raw, at + 8)[0]
        yield raw[at:at + 8], raw[at + 16:at + 16 + length]
        at += 16 + length


def check_tags():
    """The same connections in two VLANs at once: told apart where that was asked for."""
    out = RACES.read_bytes()[:24]
    for stamp, frame in records(RACES):
        for tag in (10, 20):
            tagged = frame[:12] + struct.pack(">HH", 0x8100, tag) + frame[12:]
            out += stamp + struct.pack("<II", len(tagged), len(tagged)) + tagged
    pathlib.Path("tags.pcap").write_bytes(out)
    check(run("read", "-q", "--vlan-key", "-o", "tags.db", "tags.pcap").returncode == 0, "tags")
    for tag in (10, 20):
        one = rows("tags.db", f"SELECT * FROM connections WHERE vlan = {tag}")[0]
        for option, tags in ((["--vlan-key"], {tag}), ([], {10, 20})):
            done = run("slice", "tags.db", one["id"], "tags.pcap", "-o", "cut.pcapng", *option)
            check(done.returncode == 0, "tags:", done.stderr)
            told = run("read", "-q", "--vlan-key", "-o", "cut.db", "cut.pcapng")
            found = rows("cut.db", "SELECT vlan, SUM(client_packets + server_packets) AS n FROM connections GROUP BY 1")
            os.remove("cut.db")
            check({r["vlan"] for r in found} == tags, tag, option, "cuts", [tuple(r) for r in found], told.stderr)
            own = {r["vlan"]: r["n"] for r in found}.get(tag)
            check(own == one["client_packets"] + one["server_packets"], tag, option, "has", own)


# ---- asked to stop ----

def check_stopped(path):
    """SIGINT ends a query that would not end."""
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT id FROM connections, n"
    for words in (("sql", path, endless.replace("SELECT id", "SELECT SUM(i)")),
                  ("slice", path, endless.replace("SELECT id", "SELECT MAX(id) AS id"), RACES, "-o", "no.pcapng")):
        process = subprocess.Popen([os.environ["HOPSCOPE"], *map(str, words)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        # Until its handler stands, a signal is the system's to answer.
        while process.poll() is None and len(os.listdir(f"/proc/{process.pid}/task")) < 2:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
        check(process.returncode in (1, -signal.SIGINT), words[0], "stopped: exit", process.returncode, said)
        check(process.returncode < 0 or said.count("\n") == 1, words[0], "stopped says", said)
    check(not os.path.exists("no.pcapng"), "a slice that was stopped is there")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, capture in (("mixed.db", MIXED), ("races.db", RACES)):
            done = run("read", "-q", "-o", name, capture)
            check(done.returncode == 0, "read:", done.stderr)
        check_broken("races.db", "mixed.db")
        check_compared("mixed.db")
        check_slices("races.db")
        check_tags()
        check_stopped("races.db")
        os.chdir("/")
    print("odd databases are answered or refused" if failures == 0 else f"{failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
