#!/usr/bin/python3
# What cannot be done is refused with one sentence that names it, on standard error, with
# nothing on standard output, and with the exit code that the help promises: 1 could not
# do it, 2 wrong usage. Every command, each with inputs, outputs and words that are wrong.
import os
import pathlib
import resource
import shlex
import sqlite3
import subprocess
import sys
import tempfile

# code | words of the command line | a part of the sentence. P: a capture; a.db: made of it.
ROWS = """
2 | read | no FILE given
1 | read nothing.pcap | nothing.pcap: cannot be read: No such file or directory
1 | read folder | folder: cannot be read: Is a directory
1 | read text | text: not a capture that can be read
1 | read empty | empty: is empty
1 | read - | -: is empty
1 | read -o folder P | folder is a folder: -o takes the name of a database file
1 | read -o nowhere/a.db P | cannot make nowhere/a.db: there is no folder nowhere
1 | read -o other.db P | other.db is a database of another program
1 | read -o text P | text is there and is not a database
1 | read -o broken.db P | broken.db is damaged
2 | read --threads 0 P | --threads takes a number above 0, not '0'
2 | read --threads 65 P | --threads takes 1 to 64, not 65
2 | read --memory 1 P | --memory takes a size of at least 32M
2 | read --memory 1Q P | --memory takes a size of at least 32M
2 | read --memory M P | --memory takes a size of at least 32M
2 | read --memory -64M P | --memory takes a size of at least 32M, such as 512M or 2G, not '-64M'
2 | read --memory 64Mx P | not '64Mx'
2 | read --memory 99999999999999999999 P | not '99999999999999999999'
2 | read --memory 99999999999G P | not '99999999999G'
2 | read --headers P | --headers goes with -o DB
2 | read --secrets -o b.db P | --secrets goes with --headers
2 | read -f 'tcp prot' P | filter "tcp prot" is not understood
2 | read --color blue P | --color takes auto, always or never, not 'blue'
2 | read --fail-on reuse P | --fail-on goes with -o DB
2 | read --anonymize --headers --secrets -o b.db P | --secrets keeps what --anonymize leaves out
1 | read --anonymize-key text P | text is no key: that is a line of 32 hexadecimal digits
1 | read --anonymize-key long P | long is no key
1 | read --anonymize-key folder P | cannot read folder: Is a directory
1 | read --anonymize-key text/key P | cannot read text/key: Not a directory
1 | read --anonymize-key nowhere/key P | cannot make the key nowhere/key: No such file or directory
2 | read --sandbox maybe P | --sandbox takes on, warn or off, not 'maybe'
2 | read -o | -o needs an argument
2 | read P -f tcp -- udp | two filters: -f 'tcp' and 'udp'
2 | ask | no DB given
1 | ask nothing.db | cannot open nothing.db: No such file or directory
1 | ask text | text is not a database of hopscope
1 | ask folder | folder is no file
1 | ask broken.db | broken.db is not a database of hopscope
1 | ask other.db | other.db is not a database of hopscope
2 | ask a.db nonsense | no question 'nonsense'; hopscope ask DB lists them
2 | ask a.db idel-race | no question 'idel-race', but idle-race is one
2 | ask a.db idle-timeouts --set x=1 | has no parameter 'x=1', but min_ms, spread_percent
2 | ask a.db trust --set x=1 | the question trust has no parameter 'x=1', nor any other
2 | ask a.db time --jsn | --jsn is no option of this command, but --json is
2 | ask a.db idle-timeouts --set min_ms=x | min_ms takes a number such as 100, not 'x'
2 | ask a.db idle-timeouts --set min_ms | --set takes name=value
2 | ask a.db --set a=1 | --set goes with a QUESTION
2 | ask a.db --sql | --sql goes with a QUESTION
2 | ask a.db time --limit x | --limit takes a number above 0, not 'x'
2 | ask a.db time --json --csv | either --csv or --json
2 | ask a.db time more | one question at a time, not 'more'
2 | ask --fail-on x a.db | --fail-on takes names of questions, not 'x'; hopscope ask DB lists them
2 | ask --fail-on framing,idle-rase a.db | not 'idle-rase', but idle-race is one
2 | ask --fail-on LONG a.db | --fail-on takes names of questions
2 | ask --fail-on time --diff a.db a.db | either --diff or --fail-on
2 | ask time | the DB comes first: hopscope ask DB time
1 | ask reuse | reuse is not a database of hopscope
1 | ask --diff nothing.db a.db time | cannot open nothing.db
1 | ask --diff text a.db time | text is not a database of hopscope
2 | ask --diff a.db a.db nonsense | no question 'nonsense'
2 | sql | a DB and a query are needed
2 | sql a.db | a DB and a query are needed
2 | sql a.db 'SELECT 1' more | the query is one word: put it in quotes, up to 'more'
2 | sql a.db --limit -1 'SELECT 1' | --limit takes a number above 0, not '-1'
2 | sql a.db --limit 1x 'SELECT 1' | --limit takes a number above 0, not '1x'
2 | sql a.db --limit 99999999999999999999 'SELECT 1' | --limit takes a number above 0
2 | sql a.db --csv --json 'SELECT 1' | either --csv or --json
1 | sql text 'SELECT 1' | text is not a database of hopscope
1 | sql a.db SELEC | syntax error
1 | sql a.db '-- a comment only' | that is no query
1 | sql a.db '' | that is no query
1 | sql a.db 'SELECT 1; SELECT 2' | one query at a time, not ' SELECT 2'
1 | sql a.db 'DELETE FROM connection' | only reading is allowed here
1 | sql a.db "ATTACH 'x' AS y" | only reading is allowed here
1 | sql a.db "SELECT load_extension('x')" | not authorized to use function: load_extension
2 | export | a DB and a format are needed
2 | export a.db | a DB and a format are needed
2 | export a.db xml | 'xml' is no format: jsonl, csv, har, zeek, eve and otel are
2 | export a.db jsonn | 'jsonn' is no format, but jsonl is
2 | export a.db zeke -o logs | 'zeke' is no format, but zeek is
2 | export a.db csv | csv is several files: -o FOLDER for all, or --table exchanges for one
2 | export a.db zeek | zeek is several files: -o FOLDER for all, or --table conn for one
2 | export a.db har more | one format at a time, not also 'more'
2 | export a.db csv --table nonsense | csv has no table 'nonsense', but exchanges, connections
2 | export a.db har --table nonsense | har has no table 'nonsense'
2 | export a.db csv --json --table exchanges | --json goes with the format zeek
1 | export --sandbox off -o text/x a.db csv | cannot make text/x: Not a directory
1 | export --sandbox off -o text a.db csv | cannot make text/exchanges.csv: Not a directory
1 | export -o a.db a.db har | a.db is the database itself: choose another name
1 | export nothing.db har | cannot open nothing.db
1 | export text har | text is not a database of hopscope
1 | export -o nowhere/x a.db har | cannot make nowhere/x: No such file or directory
1 | export -o folder a.db har | cannot make folder: Is a directory
1 | export -o /dev/full a.db har | cannot write to /dev/full: No space left on device
2 | report | no DB given
2 | report a.db | the page needs a name
2 | report a.db more -o x.html | one DB at a time, not 'more'
1 | report nothing.db -o x.html | cannot open nothing.db
1 | report text -o x.html | text is not a database of hopscope
1 | report a.db -o nowhere/x.html | cannot write nowhere/x.html: No such file or directory
1 | report a.db -o folder | cannot write folder: Is a directory
1 | report a.db -o /dev/full | cannot write /dev/full: No space left on device
2 | slice | a DB, connections and a FILE are needed
2 | slice a.db 1 | a DB, connections and a FILE are needed
2 | slice a.db 1 P | -o FILE is needed: packets are no text
1 | slice a.db 999999 P -o s.pcap | there is no connection, exchange or tunnel 999999
1 | slice a.db 'SELECT 1 x' P -o s.pcap | the query has no column connection_id, exchange_id or id
1 | slice a.db 'SELECT id FROM connections WHERE 0' P -o s.pcap | no
1 | slice a.db 1#99 P -o s.pcap | syntax error
1 | slice nothing.db 1 P -o s.pcap | cannot open nothing.db
1 | slice a.db ID nothing.pcap -o s.pcap | nothing.pcap
1 | slice a.db ID text -o s.pcap | text
1 | slice a.db ID P text -o s.pcap | the database was not made of all these files
1 | slice a.db ID folder/keepalive-reuse.pcap -o s.pcap | none of the packets is in folder/keepalive-reuse.pcap:
1 | slice a.db ID folder/keepalive-reuse.pcap folder/keepalive-reuse.pcap -o s.pcap | or the others: name the capture
2 | slice a.db ', ' P -o s.pcap | no connection is named in ', '
2 | slice a.db 99999999999999999999 P -o s.pcap | is too large for an id
1 | slice a.db MANY P -o s.pcap | more than 100000 are chosen: choose fewer
1 | slice a.db 'SELECT SUM(x) id FROM (SELECT 1 x)' P -o s.pcap | there is no connection, exchange or tunnel 1
1 | slice a.db "SELECT '1' id" P -o s.pcap | the query chooses nothing
1 | slice a.db 'SELECT abs(-9223372036854775807 - 1) id' P -o s.pcap | overflow
1 | slice a.db ID P -o nowhere/s.pcap | nowhere/s.pcap
1 | slice a.db ID P -o folder | folder
1 | slice a.db ID P -o /dev/full | No space left on device
2 | view | no FILE given
1 | view a.db | this needs a terminal
1 | view nothing.db | nothing.db: cannot be read: No such file or directory
1 | view text | text: not a capture that can be read
1 | view --speed 2 P | this needs a terminal
2 | view a.db a.db | a database is shown alone, without -f and --speed
2 | view -f tcp a.db | a database is shown alone, without -f and --speed
2 | view --speed 2 a.db | a database is shown alone, without -f and --speed
2 | view - | standard input is where the keys come from: name a file
2 | view pipe | pipe is a pipe, which can be read only once: make a database of it
2 | view P - | standard input is where the keys come from: name a file
2 | live --rotate 1m | --rotate goes with -o or --write
2 | live --keep 1d | --keep goes with -o DB
2 | live --rotate 5x -o b.db | --rotate takes a size (100M, 2G) or a time (30m, 12h, 1d), not '5x'
1 | live -w text | text is there already: remove it, or choose another --write
2 | live --keep x -o b.db | --keep takes a time (45m, 12h, 7d), not 'x'
2 | live --threads 65 | --threads takes 1 to 64, not 65
2 | live --anonymize -w a.pcapng | --write keeps packets as they are, --anonymize does not
2 | live -c x | --count takes a number above 0, not 'x'
2 | live -s -1 | --snaplen takes a number above 0, not '-1'
"""

# The same words, their results to a standard output that is full.
FULL = """
read P
read --json P
read -q -o full.db --fail-on time P
ask a.db
ask a.db time
ask a.db time --csv
ask a.db time --json
ask a.db time --sql
ask --diff a.db a.db time
sql a.db 'SELECT 1'
sql a.db 'SELECT 1' --json
export a.db har
export a.db jsonl
export a.db csv --table exchanges
report a.db -o -
"""


# Files that may not be longer than 20 bytes: what could not be written whole is gone.
LIMITED = """
read --anonymize-key new.key P | cannot make the key new.key: File too large
report a.db -o new.html | cannot write new.html: File too large
export a.db har -o new.har | cannot write to new.har: File too large
export a.db csv -o new.csv | cannot write to new.csv/
slice a.db ID P -o new.pcapng | packets cannot be written to new.pcapng any more: File too large
"""


class Bench:
    def __init__(self, folder):
        self.program = os.environ["HOPSCOPE"]
        root = pathlib.Path(os.environ["SOURCE_DIR"])
        self.folder, self.failed = folder, 0
        self.names = {"P": str(root / "samples" / "keepalive-reuse.pcap")}
        pathlib.Path(folder, "folder").mkdir()
        pathlib.Path(folder, "text").write_text("text\n", encoding="utf-8")
        pathlib.Path(folder, "empty").touch()
        os.mkfifo(pathlib.Path(folder, "pipe"))
        # A file beside the question of its name; a key with more behind it; another
        # capture of the name that the database was made of, with nothing in it.
        pathlib.Path(folder, "reuse").write_text("text\n", encoding="utf-8")
        pathlib.Path(folder, "long").write_text("0" * 32 + "\n0\n", encoding="utf-8")
        header = pathlib.Path(self.names["P"]).read_bytes()[:24]
        pathlib.Path(folder, "folder", "keepalive-reuse.pcap").write_bytes(header)
        self.names["LONG"] = "x" * 200
        self.names["MANY"] = ("WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 "
                              "FROM n) SELECT id FROM n")
        pathlib.Path(folder, "broken.db").write_bytes(b"SQLite format 3\0 and no more")
        with sqlite3.connect(pathlib.Path(folder, "other.db")) as other:
            other.execute("CREATE TABLE t (x)")
        other.close()
        self.run("read -q -o a.db P", subprocess.DEVNULL)
        made = sqlite3.connect(pathlib.Path(folder, "a.db"))
        self.names["ID"] = str(made.execute("SELECT id FROM connections").fetchone()[0])
        made.close()

    def run(self, line, output, prepare=None):
        words = [self.names.get(word, word) for word in shlex.split(line)]
        return subprocess.run([self.program, *words], cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, stdout=output,
                              stderr=subprocess.PIPE, timeout=60, check=False,
                              preexec_fn=prepare)

    def files(self):
        """All files; folders are no part of what is written."""
        return {path for path in pathlib.Path(self.folder).rglob("*") if path.is_file()}

    def check(self, line, ran, code, words):
        said = ran.stderr
        faults = []
        if ran.returncode != code:
            faults.append(f"exit {ran.returncode}, not {code}")
        if words not in said:
            faults.append(f"not said: {words}")
        if not said.startswith("hopscope: ") or said.count("\n") != 1:
            faults.append("not one sentence")
        if ran.stdout:
            faults.append(f"on standard output: {ran.stdout[:60]!r}")
        if faults:
            print(f"FAIL: hopscope {line}: {'; '.join(faults)}\n  {said}", end="")
            self.failed += 1


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))


def main():
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        rows = [row for row in ROWS.split("\n") if row]
        for row in rows:
            code, line, words = (part.strip() for part in row.split(" | "))
            bench.check(line, bench.run(line, subprocess.PIPE), int(code), words)
        full = [line for line in FULL.split("\n") if line]
        for line in full:
            with open("/dev/full", "wb") as output:
                bench.check(line, bench.run(line, output), 1,
                            "cannot write to standard output: No space left on device")
        limited = [line for line in LIMITED.split("\n") if line]
        for line in limited:
            line, words = (part.strip() for part in line.split(" | "))
            before = bench.files()
            bench.check(line, bench.run(line, subprocess.PIPE, limit_files), 1, words)
            if bench.files() != before:
                print(f"FAIL: hopscope {line} leaves {bench.files() - before}")
                bench.failed += 1
    print(f"{len(rows) + len(full) + len(limited)} refusals, {bench.failed} failed")
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
