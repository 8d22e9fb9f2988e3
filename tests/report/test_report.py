#!/usr/bin/env python3
"""hopscope report: the page by itself (policy, escapes, data, caps) and in a headless
Chromium (drawn, clicked, by keyboard, both themes, phone width, no word on the console).
REPORT_PICTURES=folder keeps pictures. Without Chromium the second half is skipped."""
import base64
import hashlib
import html
import json
import os
import pathlib
import re
import sqlite3
import struct
import subprocess
import sys
import time
import zlib

import browser as chromium

HOPSCOPE = os.environ["HOPSCOPE"]
SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
PICTURES = os.environ.get("REPORT_PICTURES")
HOSTILE = "</script><img src=x onerror=\"window.hit=1\"><!--<script>&amp;'\u202e"
failures = []


def check(is_so, what):
    if not is_so:
        failures.append(what)
        print("FAILED:", what)


def run(*words, status=0):
    done = subprocess.run([HOPSCOPE, *map(str, words)], capture_output=True, timeout=280)
    check(done.returncode == status, f"{words}: exit {done.returncode}, {done.stderr[:300]}")
    return done


def make_databases():
    for name, captures in (("one", ["mixed.pcap"]), ("many", None)):
        files = [SOURCE / "samples" / c for c in captures] if captures else \
            sorted((SOURCE / "samples").glob("*.pcap*"))
        pathlib.Path(f"{name}.db").unlink(missing_ok=True)
        run("read", "-q", "-o", f"{name}.db", *files)


def copy_with(source, target, *statements):
    pathlib.Path(target).write_bytes(pathlib.Path(source).read_bytes())
    db = sqlite3.connect(target)
    for statement, *values in statements:
        db.execute(statement, values)
    db.commit()
    db.close()


def report(name):
    run("report", "-q", f"{name}.db", "-o", f"{name}.html")
    return pathlib.Path(f"{name}.html").read_text(encoding="utf-8")


def data_of(page, name):
    found = re.search(rf'<script type="application/json" id=data-{name}>(.*?)</script>', page, re.S)
    return json.loads(found.group(1))


# ---- the file ----

def check_policy(page):
    policy = re.search(r'Content-Security-Policy content="([^"]+)"', page).group(1)
    check(policy.startswith("default-src 'none';"), "default-src 'none'")
    check("unsafe" not in policy and "http" not in policy, f"policy: {policy}")
    for element in ("script", "style"):
        text = re.findall(rf"<{element}>(.*?)</{element}>", page, re.S)
        check(len(text) == 1, f"one {element}")
        digest = base64.b64encode(hashlib.sha256(text[0].encode()).digest()).decode()
        check(f"{element}-src 'sha256-{digest}'" in policy, f"hash of {element}")
    check(not re.search(r"<(?:link|img|iframe|object|embed|base)\b", page), "nothing is loaded")
    tags = re.findall(r"<[a-z][^>]*>", re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.S))
    check(not [t for t in tags if re.search(r"\s(on\w+|style)=", t)], "no attribute is code")


def check_parts(name, page):
    names = json.loads(run("ask", "-q", f"{name}.db", "--json").stdout)
    for row in names:
        section = re.search(rf'<section id="{row["question"]}">(.*?)</section>', page, re.S)
        check(section is not None, f"a section for {row['question']}")
        text = html.unescape(section.group(1))
        sql = run("ask", f"{name}.db", row["question"], "--sql").stdout.decode()
        check(sql.strip() in text, f"the SQL of {row['question']}")
        if row["rows"] == 0:
            check("No rows" in text, f"{row['question']} says that it has none")
    cut = re.search(r"Cut exchanges</h3><p class=figure>(\d+)<", page)
    check((int(cut.group(1)) if cut else 0) == next(r["rows"] for r in names if r["question"] == "aborted"),
          "the verdict counts what its question shows")
    for figure in re.findall(r"<figure.*?</figure>", page, re.S):
        check("<summary>SQL</summary>" in figure, "each figure has its SQL")
        check("<table" in figure or "class=none" in figure, "each figure has its table")


def check_data(page):
    conns, exchanges = data_of(page, "connections"), data_of(page, "exchanges")
    db = sqlite3.connect("one.db")
    ids = [str(row[0]) for row in db.execute("SELECT id FROM connections ORDER BY id")]
    check(conns["columns"]["id"]["words"] == ids, "ids are strings, and all are there")
    targets = exchanges["columns"]["target"]
    rows = [row[0] for row in db.execute("SELECT target FROM exchanges ORDER BY connection_id, ordinal")]
    check([targets["words"][i] for i in targets["of"]] == rows, "targets in order")
    check(not exchanges["is_cut"] and exchanges["rows"] == len(rows), "nothing is cut")


def check_usage():
    run("report", "one.db", status=2)
    run("report", status=2)
    run("report", "one.db", "many.db", "-o", "x.html", status=2)
    run("report", SOURCE / "README.md", "-o", "x.html", status=1)
    run("report", "one.db", "-o", "nowhere/x.html", status=1)
    out = run("report", "one.db", "-o", "-").stdout
    check(out == pathlib.Path("one.html").read_bytes(), "the same on standard output")
    check(run("report", "one.db", "-o", "/dev/null").returncode == 0, "what is no file")
    check(not list(pathlib.Path(".").glob("*.partial*")), "no half page is left")


def make_hostile():
    copy_with("one.db", "hostile.db",
              ("UPDATE exchange SET target = ?1", HOSTILE),
              ("UPDATE text SET value = ?1 WHERE value LIKE '%.example'", HOSTILE),
              ("UPDATE capture SET source = ?1", HOSTILE))
    page = report("hostile")
    check_policy(page)
    check("<img" not in page, "nothing of the wire is markup")
    check(page.count("<script") == 4, "no script more")
    copy_with("one.db", "empty.db", ("DELETE FROM exchange",), ("DELETE FROM connection",),
              ("DELETE FROM finding",), ("DELETE FROM capture",))
    check_policy(report("empty"))


def make_large():
    """6000 copies of a capture's rows: more than is drawn."""
    copies = "WITH RECURSIVE k AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM k WHERE n < 6000) "
    columns = {}
    db = sqlite3.connect("one.db")
    for table in ("connection", "exchange"):
        columns[table] = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    db.close()
    shift = {"id": "id + n * 1000000", "connection_id": "connection_id + n * 1000000",
             "start_us": "start_us + n * 5000", "request_start_us": "request_start_us + n * 5000"}
    copy_with("one.db", "large.db", *[
        (f"{copies} INSERT INTO {table} SELECT "
         + ", ".join(shift.get(name, f"t.{name}") for name in names)
         + f" FROM {table} AS t JOIN k",) for table, names in columns.items()],
              ("ANALYZE",))
    began = time.monotonic()
    page = report("large")
    print(f"120,020 exchanges: made in {time.monotonic() - began:.1f} s, {len(page) / 1e6:.1f} MB")
    check(data_of(page, "connections")["is_cut"] is False, "the query itself has the cap")
    check(data_of(page, "connections")["rows"] == 20000, "20,000 connections")
    check(data_of(page, "exchanges")["rows"] <= 100000, "100,000 exchanges at most")


# ---- in the browser ----

def colours_of(png):
    """How many colours a picture has: a blank one has one."""
    data, at, packed = pathlib.Path(png).read_bytes(), 8, b""
    width = struct.unpack(">I", data[16:20])[0]
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += 12 + length
    raw = zlib.decompress(packed)
    return len({raw[i:i + 3] for i in range(1, len(raw), 3 * 7)}) if width else 0


def open_page(b, name):
    took = b.open(os.path.abspath(f"{name}.html"))
    check(b.complaints() == [], f"{name}: the console says {b.complaints()[:3]}")
    return took


def keep(b, name):
    path = os.path.join(PICTURES or ".", f"{name}.png")
    b.picture(path)
    check(colours_of(path) > 20, f"{name}: a picture with something in it")


def check_drawn(b):
    b.size(1280, 900)
    for theme in ("light", "dark"):
        b.theme(theme)
        open_page(b, "many")
        keep(b, f"top-{theme}")
        b.evaluate("document.getElementById('waterfall').scrollIntoView()")
        time.sleep(0.3)
        keep(b, f"waterfall-{theme}")
    check(b.evaluate("document.querySelectorAll('figure .chart svg').length") == 5, "five charts")
    check(b.evaluate("[...document.querySelectorAll('.chart svg')].every(s => s.getBBox().width > 100)"),
          "charts have a size")
    b.evaluate("document.getElementById('theme').click()")
    check(b.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(244, 245, 247)",
          "the button makes it light")


def check_keys(b):
    open_page(b, "one")
    live = "document.querySelector('.live').textContent"
    b.evaluate("document.querySelector('canvas[tabindex]').focus()")
    for name in ("ArrowDown", "ArrowRight", "Enter"):
        b.key(name)
    check("Connection 1 of 4" in b.wait(live), "arrows select a connection")
    check("Exchange 1: GET /" in b.evaluate(live), "and an exchange")
    check("Wireshark" in b.evaluate("document.querySelector('.detail').innerText")
          and "frame.number in {4, 6}" in b.evaluate("document.querySelector('.detail').innerText"),
          "with its packets")
    sight = "document.querySelector('.under .soft').textContent"
    before = b.wait(f"{sight}.includes('912 ms') ? '' : {sight}", 20)
    b.key("0")
    b.wait(f"{sight} !== {json.dumps(before)}")
    check("4 connections" in b.evaluate(sight), "0 shows all")
    for name in ("End", "+", "-", "d", "a", "PageUp", "Home"):
        b.key(name)
    check("Connection 1 of 4" in b.evaluate(live), "Home comes back")


def check_clicks(b):
    open_page(b, "one")
    b.evaluate("document.getElementById('waterfall').scrollIntoView()")
    time.sleep(0.5)
    x, y = b.evaluate("(r => [r.x, r.y])(document.querySelector('canvas[tabindex]').getBoundingClientRect())")
    b.click(x + 60, y + 24 + 22 + 11)
    b.wait("!!document.querySelector('.detail h3')", 20)
    check("app.example" in b.evaluate("document.querySelector('.detail h3').textContent"), "a click selects a line")
    b.evaluate("document.querySelector('.verdicts a.to').click()")
    b.wait("location.hash.startsWith('#connection-') && !!document.querySelector('.detail h4')")
    check("158" in b.evaluate("document.querySelector('.detail').innerText"), "a verdict leads to its packet")
    filtered = "document.getElementById('filter')"
    b.evaluate(f"{filtered}.value = 'zipped'; {filtered}.dispatchEvent(new Event('input'))")
    b.wait("document.querySelector('.under .soft').textContent.startsWith('1 connections')")
    b.evaluate("document.querySelector('#waterfall details.data').open = true")
    b.wait("document.querySelectorAll('#waterfall details.data tbody tr').length === 1")
    b.evaluate("document.querySelector('#hosts th:nth-child(2) button').click()")
    check(b.evaluate("document.querySelector('#hosts th:nth-child(2)').getAttribute('aria-sort')") == "ascending",
          "tables sort")
    check(b.complaints() == [], f"clicks: the console says {b.complaints()[:3]}")


def check_narrow(b):
    b.size(390, 844)
    open_page(b, "many")
    check(b.evaluate("document.documentElement.scrollWidth") <= 390, "nothing is wider than a phone")
    b.evaluate("document.getElementById('waterfall').scrollIntoView()")
    time.sleep(0.3)
    keep(b, "phone")
    b.size(1280, 900)


def check_paper(b):
    """Nothing is cut off at the edge of the paper (A4 across: 277 mm between margins). What
    is up to twice as wide a browser scales to fit."""
    for name in ("many", "hostile"):
        b.size(1047, 718)
        open_page(b, name)
        b.call("Emulation.setEmulatedMedia", media="print")
        b.evaluate("dispatchEvent(new Event('beforeprint'))")
        check(b.evaluate("document.documentElement.scrollWidth") <= 1047 * 1.5, f"{name} is wider than paper")
        check(b.evaluate("[...document.querySelectorAll('details.data[open] tbody')].every(t => t.rows.length <= 40)"),
              f"{name}: pages of numbers")
        pdf = base64.b64decode(b.call("Page.printToPDF", preferCSSPageSize=True)["data"])
        check(pdf.startswith(b"%PDF"), f"{name}: no PDF")
        if PICTURES:
            pathlib.Path(PICTURES, f"{name}.pdf").write_bytes(pdf)
        b.call("Emulation.setEmulatedMedia", media="")
    b.size(1280, 900)


def check_head(b):
    """The theme's button stands beside the name at any width."""
    for width in (390, 800, 1200):
        b.size(width, 900)
        open_page(b, "many")
        check(b.evaluate("(() => { const [n, t] = ['.name', '#theme'].map(s => document.querySelector(s)"
                         ".getBoundingClientRect()); return t.left >= n.right && t.top < n.bottom && t.bottom > n.top })()"),
              f"the button at {width}")
    b.size(1280, 900)


def check_accessible(b):
    open_page(b, "many")
    check(b.evaluate("[...document.querySelectorAll('table')].every(t => t.caption && t.tHead)"), "captions")
    check(b.evaluate("[...document.querySelectorAll('.chart svg')].every(s => s.getAttribute('aria-label'))"), "labels")
    check(b.evaluate("[...document.querySelectorAll('button, select, input')].every(e => e.textContent || e.ariaLabel || e.labels?.length)"),
          "every control has a name")
    check(b.evaluate("[...document.querySelectorAll('[id]')].length === new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size"),
          "ids are unique")
    check(b.evaluate("[...document.querySelectorAll('a[href^=\"#\"]:not(.to)')].every(a => document.getElementById(a.hash.slice(1)))"),
          "links have their ends")


def check_hostile(b):
    open_page(b, "hostile")
    b.evaluate("location.hash = document.querySelector('a.to').hash")
    b.wait("!!document.querySelector('.detail h3')")
    check(b.evaluate("window.hit") is None and b.evaluate("document.images.length") == 0, "nothing ran")
    check(HOSTILE in b.evaluate("document.querySelector('.detail').textContent"), "it is shown as text")
    open_page(b, "empty")


def check_large(b):
    took = open_page(b, "large")
    load = b.evaluate("performance.timing.loadEventEnd - performance.timing.navigationStart")
    print(f"100,000 exchanges: loaded after {load} ms, drawn after {took} ms")
    check("20,000 of 24,004 connections" in b.evaluate("document.querySelector('#lanes p').textContent"),
          "it says how many are shown")
    b.evaluate("document.querySelector('.box').scrollTop = 1e9")
    b.evaluate("document.querySelector('canvas[tabindex]').focus()")
    b.key("End")
    b.wait("document.querySelector('.live').textContent.includes('Connection 20,000 of 20,000')"
           " || document.querySelector('.live').textContent.includes('Connection 20000 of 20,000')")
    check(b.complaints() == [], f"large: the console says {b.complaints()[:3]}")


def check_without_scripts(b):
    b.call("Emulation.setScriptExecutionDisabled", value=True)
    b.call("Page.navigate", url=f"file://{os.path.abspath('many.html')}")
    time.sleep(1)
    b.picture(os.path.join(PICTURES or ".", "without-scripts.png"))
    b.call("Emulation.setScriptExecutionDisabled", value=False)
    check(b.evaluate("document.querySelectorAll('table').length") > 15, "tables without scripts")


def main():
    make_databases()
    page = report("one")
    check_policy(page)
    check_parts("one", page)
    check_data(page)
    check_usage()
    check_parts("many", report("many"))
    make_hostile()
    make_large()
    program = chromium.find()
    if program is None:
        print("skipped: no chromium here, so that no page was looked at")
        return 1 if failures else 77
    b = chromium.Browser(program)
    try:
        for look in (check_drawn, check_keys, check_clicks, check_narrow, check_head,
                     check_paper, check_accessible, check_hostile, check_large, check_without_scripts):
            try:
                look(b)
            except (TimeoutError, RuntimeError) as reason:
                check(False, f"{look.__name__}: {reason}")
    finally:
        b.close()
    return 1 if failures else 0


sys.exit(main())
