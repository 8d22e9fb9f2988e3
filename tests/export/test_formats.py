#!/usr/bin/env python3
"""hopscope export: every format is read back by a parser of its own kind, and its
figures are compared with the views'. Texts that are hostile to each format come from a
capture made here.
"""
import csv
import io
import json
import pathlib
import re
import resource
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True
from exporting import (HOPSCOPE, SOURCE, capture, check, database, end, failures, hopscope,
                       json_lines, rows, zeek_log)

HERE = pathlib.Path.cwd()
KINDS = {"connection": "connections", "exchange": "exchanges", "tunnel": "tunnels",
         "finding": "findings"}
LONG_IDS = ("id", "connection_id", "exchange_id")


def check_jsonl(db):
    lines = json_lines(hopscope("export", db, "jsonl"))
    for kind, view in KINDS.items():
        ours = [line for line in lines if line.get("kind") == kind]
        theirs = rows(db, f"SELECT * FROM {view} ORDER BY id")
        check(len(ours) == len(theirs), f"{db.name}: jsonl has all {view}")
        for mine, row in zip(ours, theirs):
            del mine["kind"]
            want = {k: v for k, v in row.items() if v is not None and k[-3:] != "_ms"}
            for name in LONG_IDS:
                if name in want:
                    want[name] = str(want[name])
            check(mine == want, f"{db.name}: jsonl {view} {row['id']}: {mine} {want}")
            for value in mine.values():
                check(not isinstance(value, int) or abs(value) < 2 ** 53, "a safe integer")


def check_csv(db):
    folder = HERE / "csv"
    hopscope("export", db, "csv", "-o", folder)
    for view in (*KINDS.values(), "headers", "captures"):
        text = (folder / f"{view}.csv").read_bytes().decode("utf-8")
        order = "exchange_id" if view == "headers" else "id"
        theirs = rows(db, f"SELECT * FROM {view} ORDER BY {order}")
        ours = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        check(len(ours) == len(theirs), f"{db.name}: csv has all {view}")
        for mine, row in zip(ours, theirs):
            want = {k: "" if v is None else v for k, v in row.items()}
            same = mine.keys() == want.keys() and all(
                float(mine[k]) == v if isinstance(v, float) else mine[k] == str(v)
                for k, v in want.items())
            check(same, f"{db.name}: csv {view} {row}")
        one = hopscope("export", db, "csv", "--table", view)
        check(one.decode() == text, f"{db.name}: csv --table {view} is the same")


# HAR 1.2, by member: its type, and whether it has to be there.
TEXT, NUMBER = (str,), (int, float)
HAR = {
    "entry": {"startedDateTime": TEXT, "time": NUMBER, "request": (dict,),
              "response": (dict,), "cache": (dict,), "timings": (dict,)},
    "request": {"method": TEXT, "url": TEXT, "httpVersion": TEXT, "cookies": (list,),
                "headers": (list,), "queryString": (list,), "headersSize": (int,),
                "bodySize": (int,)},
    "response": {"status": (int,), "statusText": TEXT, "httpVersion": TEXT,
                 "cookies": (list,), "headers": (list,), "content": (dict,),
                 "redirectURL": TEXT, "headersSize": (int,), "bodySize": (int,)},
    "content": {"size": (int,), "mimeType": TEXT},
    "timings": {"send": NUMBER, "wait": NUMBER, "receive": NUMBER, "blocked": NUMBER,
                "dns": NUMBER, "connect": NUMBER, "ssl": NUMBER},
}
REASONS = {101: "Switching Protocols", 200: "OK", 206: "Partial Content",
           304: "Not Modified", 404: "Not Found", 417: "Expectation Failed",
           502: "Bad Gateway", 299: "", 999: ""}
HAR_OPTIONAL = {"serverIPAddress": TEXT, "connection": TEXT}


def check_har_object(kind, found, where):
    for name, types in HAR[kind].items():
        check(isinstance(found.get(name), types), f"{where}: {kind}.{name}")
    for name in found.keys() - HAR[kind].keys():
        known = kind == "entry" and isinstance(found[name], HAR_OPTIONAL.get(name, ()))
        check(known or name.startswith("_"), f"{where}: {kind}.{name} is no member")


def check_har(db):
    log = json.loads(hopscope("export", db, "har").decode("utf-8"))["log"]
    check(log["version"] == "1.2" and log["creator"]["name"] == "hopscope", "har head")
    theirs = rows(db, "SELECT * FROM exchanges ORDER BY id")
    check(len(log["entries"]) == len(theirs), f"{db.name}: har has all exchanges")
    for entry, row in zip(log["entries"], theirs):
        where = f"{db.name}: har exchange {row['id']}"
        check_har_object("entry", entry, where)
        for kind in ("request", "response", "timings"):
            check_har_object(kind, entry[kind], where)
        check_har_object("content", entry["response"]["content"], where)
        for pair in (entry["request"]["headers"] + entry["response"]["headers"]
                     + entry["request"]["cookies"] + entry["request"]["queryString"]):
            check(set(pair) == {"name", "value"}, f"{where}: {pair}")
        known = sum(v for v in entry["timings"].values() if v > 0)
        check(abs(known - entry["time"]) < 0.0005, f"{where}: time is the timings' sum")
        check(all(v >= 0 or v == -1 for v in entry["timings"].values()), where)
        wait = -1 if row["wait_ms"] is None else row["wait_ms"]
        check(entry["timings"]["wait"] == wait, f"{where}: wait")
        check(entry["connection"] == str(row["connection_id"]), f"{where}: connection")
        check(entry["request"]["url"].startswith("http"), f"{where}: url")
        if row["status"] is None or row["status"] in REASONS:
            check(entry["response"]["statusText"] == REASONS.get(row["status"], ""),
                  f"{where}: statusText")
        check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
                           entry["startedDateTime"]), f"{where}: {entry['startedDateTime']}")
        fields = rows(db, "SELECT side, name, value FROM headers WHERE exchange_id = "
                      f"{row['id']} ORDER BY side, position")
        for side, message in (("client", "request"), ("server", "response")):
            want = [{"name": f["name"], "value": f["value"]} for f in fields
                    if f["side"] == side]
            check(entry[message]["headers"] == want, f"{where}: {message} headers")


ZEEK_COLUMNS = {
    "conn": ("connections", {"ts": "start_us", "id.orig_h": "client_ip",
                             "id.resp_p": "server_port", "orig_bytes": "client_bytes",
                             "conn_state": "conn_state", "history": "history",
                             "resp_pkts": "server_packets"}),
    "http": ("exchanges", {"trans_depth": "ordinal", "method": "method", "host": "host",
                           "uri": "target", "status_code": "status",
                           "user_agent": "user_agent", "id.orig_p": "client_port",
                           "info_code": "first_interim_status"}),
    "weird": ("findings", {"ts": "time_us", "addl": "evidence"}),
    "websocket": ("tunnels", {"ts": "start_us"}),
}


def zeek_escaped(value):
    """Bytes that would act on a reader, as Zeek writes them."""
    if isinstance(value, str):
        value = re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\x{ord(m[0]):02x}", value)
        return {"-": "\\x2d", "(empty)": "\\x28empty)"}.get(value, value)
    return value


def check_zeek(db):
    folder = HERE / "zeek"
    hopscope("export", db, "zeek", "-o", folder)
    uids = {}
    for log, (view, columns) in ZEEK_COLUMNS.items():
        head, ours = zeek_log((folder / f"{log}.log").read_bytes())
        check(head["path"] == [log], f"{log}: path")
        where = "WHERE protocol = 'websocket' " if log == "websocket" else ""
        theirs = rows(db, f"SELECT * FROM {view} {where}ORDER BY id")
        check(len(ours) == len(theirs), f"{db.name}: {log}.log has all {view}")
        objects = json_lines(hopscope("export", db, "zeek", "--table", log, "--json"))
        for mine, row, flat in zip(ours, theirs, objects):
            for name, column in columns.items():
                check(mine[name] == zeek_escaped(row[column]),
                      f"{db.name}: {log}.{name}: {mine[name]!r} {row[column]!r}")
            connection = row["id"] if log == "conn" else row["connection_id"]
            check(uids.setdefault(connection, mine["uid"]) == mine["uid"], "one uid")
            check(flat.keys() == {k for k, v in mine.items() if v is not None},
                  f"{db.name}: {log} --json has the fields that are set: {flat}")
            check(flat["uid"] == mine["uid"] and round(flat["ts"] * 1e6) == mine["ts"],
                  f"{db.name}: {log} --json")
    check(len(set(uids.values())) == len(uids), f"{db.name}: uids differ")


def check_eve(db):
    events = json_lines(hopscope("export", db, "eve"))
    by_type = {}
    for event in events:
        by_type.setdefault(event["event_type"], []).append(event)
        check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000",
                           event["timestamp"]), event["timestamp"])
        check(0 < event["flow_id"] < 2 ** 51 and event["proto"] == "TCP", "eve flow")
    for name, view in (("http", "exchanges"), ("flow", "connections"),
                       ("anomaly", "findings")):
        theirs = rows(db, f"SELECT * FROM {view} ORDER BY id")
        check(len(by_type.get(name, [])) == len(theirs), f"{db.name}: eve has all {view}")
        for mine, row in zip(by_type.get(name, []), theirs):
            check(mine["src_ip"] == row["client_ip"], f"{db.name}: eve src_ip")
            if name == "http":
                got = (mine["http"].get("http_method"), mine["http"].get("url"),
                       mine["http"].get("status"), mine["tx_id"], mine.get("pcap_cnt"))
                want = (row["method"], row["target"], row["status"], row["ordinal"] - 1,
                        row["request_packet"] or row["response_packet"])
                check(got == want, f"{db.name}: eve http {got} {want}")
            if name == "flow":
                check(mine["flow"]["pkts_toserver"] == row["client_packets"], "eve flow")


def check_otel(db):
    theirs = rows(db, "SELECT * FROM exchanges ORDER BY id")
    ours = json_lines(hopscope("export", db, "otel"))
    check(len(ours) == len(theirs), f"{db.name}: otel has all exchanges")
    for mine, row in zip(ours, theirs):
        told = mine["attributes"]
        target = row["target"] or ""
        check(told.get("http.response.status_code") == row["status"], "otel status")
        if target.startswith("/"):
            whole = told["url.path"] + ("?" + told["url.query"] if "?" in target else "")
            check(whole == target, f"{db.name}: otel url {whole} {target}")
        check(told["network.peer.address"] == row["client_ip"], "otel peer")
        if not (row["host"] or "").startswith("["):
            check(not re.search(r":\d+$", told["server.address"]),
                  f"{db.name}: otel server.address {told['server.address']}")
        if row["request_start_us"] is not None:
            check(mine["startTimeUnixNano"] == f"{row['request_start_us']}000", "otel time")


def check_golden(db):
    """The whole of a sample, as text: what changes is seen."""
    folder = SOURCE / "tests/export/golden"
    for name, words in (("jsonl", ["jsonl"]), ("har", ["har"]), ("eve.json", ["eve"]),
                        ("otel.jsonl", ["otel"]), ("http.log", ["zeek", "--table", "http"]),
                        ("conn.log", ["zeek", "--table", "conn"]),
                        ("exchanges.csv", ["csv", "--table", "exchanges"])):
        got = hopscope("export", db, *words).decode()
        got = got.replace(str(capture("keepalive-max")), "keepalive-max.pcap")
        got = re.sub(r'("hopscope","version":)"[^"]*"', r'\1"*"', got)
        file = folder / f"keepalive-max.{name}"
        if "--update" in sys.argv:
            folder.mkdir(exist_ok=True)
            file.write_text(got)
        check(file.read_text() == got, f"{file.name} differs; --update, then git diff")


def hostile(path):
    """Text that is special in one format or another, as a request would carry it."""
    with_texts = [
        'GET /a,b"c?x=1&y=%20&z HTTP/1.1\r\nHost: h"o,st\r\nUser-Agent: =1+1\t"q"\r\n'
        "Cookie: a=1; b=\"2\"\r\n\r\n",
        "GET /\xff\xfe\x80 HTTP/1.1\r\nHost: -\r\nUser-Agent: (empty)\r\n\r\n",
        "GET /</script> HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\nUser-Agent: \\x41\r\n\r\n",
    ]
    import struct
    out = bytearray(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
    seq = {0: 1000, 1: 5000}
    clock = 1700000000

    def packet(side, flags, payload=b""):
        nonlocal clock
        clock += 1
        addresses = [bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])]
        ports = [40000, 80]
        tcp = struct.pack(">HHIIBBHHH", ports[side], ports[1 - side], seq[side],
                          seq[1 - side] if flags & 0x10 else 0, 0x50, flags, 65535, 0, 0)
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 0, 0, 64, 6, 0,
                         addresses[side], addresses[1 - side])
        whole = ip + tcp + payload
        out.extend(struct.pack("<IIII", clock, 0, len(whole), len(whole)) + whole)
        seq[side] += len(payload) + (1 if flags & 0x03 else 0)

    packet(0, 0x02), packet(1, 0x12), packet(0, 0x10)
    for text in with_texts:
        packet(0, 0x18, text.encode("latin-1"))
        packet(1, 0x18, b"HTTP/1.1 302 No\r\nLocation: /x\r\nSet-Cookie: s=1; Path=/\r\n"
               b"Content-Length: 0\r\nContent-Type: a/b\xe9\r\n\r\n")
    packet(1, 0x11), packet(0, 0x11), packet(1, 0x10)
    path.write_bytes(out)
    return path


def check_hostile(db):
    entries = json.loads(hopscope("export", db, "har"))["log"]["entries"]
    first, second, third = entries
    check(first["request"]["cookies"] == [{"name": "a", "value": "1"},
                                          {"name": "b", "value": '"2"'}], "har cookies")
    check(first["response"]["cookies"] == [{"name": "s", "value": "1"}], "har Set-Cookie")
    check(first["response"]["redirectURL"] == "/x", "har redirectURL")
    check([p["name"] for p in first["request"]["queryString"]] == ["x", "y", "z"], "query")
    check(second["request"]["url"].endswith("/\\xff\\xfe\\x80"), "har escapes bytes")
    told = json_lines(hopscope("export", db, "otel"))
    check(told[2]["attributes"]["server.address"] == "2001:db8::1", "otel brackets")


def check_interrupted(db):
    """A disk that takes no more: what had the name before stays, nothing half is left."""
    def prepare():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
    folder = HERE / "interrupted"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for words, name in ((("har", "-o", folder / "kept"), "kept"),
                        (("csv", "-o", folder), "exchanges.csv")):
        (folder / name).write_text("from before")
        done = subprocess.run([HOPSCOPE, "export", db, *words], preexec_fn=prepare,
                              capture_output=True, text=True, timeout=240)
        check(done.returncode == 1 and "cannot write to" in done.stderr,
              f"interrupted {words[0]}: {done.returncode} {done.stderr}")
        check((folder / name).read_text() == "from before", f"interrupted {words[0]}: kept")
        hopscope("export", db, *words)
        check((folder / name).stat().st_size > 2000, f"{words[0]} once more")
    left = [p.name for p in folder.iterdir() if "partial" in p.name]
    check(left == [], f"interrupted: left behind {left}")
    check((folder / "captures.csv").exists(), "the other tables")


def check_usage(db):
    for words, says in (
            (["export"], ""), (["export", db], "format"),
            (["export", db, "xml"], "'xml' is no format"),
            (["export", db, "csv"], "--table exchanges"),
            (["export", db, "zeek", "--table", "dns"], "conn, http"),
            (["export", db, "har", "--json"], "--json goes with"),
            (["export", db, "har", "jsonl"], "one format at a time"),
            (["export", db, "har", "--table", "x"], "no table")):
        check(says in hopscope(*words, code=2), f"{words} says '{says}'")
    check("itself" in hopscope("export", db, "har", "-o", db, code=1), "the database")
    check(db.read_bytes()[:6] == b"SQLite", "the database is still one")
    hopscope("export", db, "har", "-o", HERE / "none/x", code=1)
    hopscope("export", HERE / "none.db", "har", code=1)


def main():
    names = ("mixed", "websocket", "pipelining", "late-reuse", "expect-late",
             "connect-proxy", "lossy-wire", "broken-promise", "keepalive-max")
    made = {name: capture(name) for name in names}
    made["hostile"] = hostile(HERE / "hostile.pcap")
    for name, path in made.items():
        db = HERE / f"{name}.db"
        db.unlink(missing_ok=True)
        options = ["--headers", "--secrets"] if name != "pipelining" else []
        database(db, path, options=options)
        for check_format in (check_jsonl, check_csv, check_har, check_zeek, check_eve,
                             check_otel):
            check_format(db)
    check_hostile(HERE / "hostile.db")
    check_golden(HERE / "keepalive-max.db")
    check_usage(HERE / "mixed.db")
    check_interrupted(HERE / "mixed.db")
    end()


main()
