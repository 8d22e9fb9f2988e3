#!/usr/bin/env python3
"""--anonymize: nothing of who and what is left in a database or a slice, and the account of
both is the one that there was. Over the samples. HOPSCOPE is the program; arguments name
captures instead of the samples."""
import glob, ipaddress, os, re, sys

sys.dont_write_bytecode = True
from privacy import HOPSCOPE, SOURCE, check, fail, finish, outputs, path, rows, run

TEXTS = ("SELECT host FROM exchanges UNION SELECT target FROM exchanges UNION "
         "SELECT user_agent FROM exchanges UNION SELECT server FROM exchanges UNION "
         "SELECT tls_sni FROM connections UNION SELECT tls_sni FROM tunnels")
ADDRESSES = "SELECT client_ip FROM connections UNION SELECT server_ip FROM connections"
# What stays, word for word, and what the same key makes of the rest.
ACCOUNT = {
    "connections": """SELECT client_ip, client_port, server_ip, server_port, community_id,
        protocol, state, open_kind, open_result, role_basis, start_us, end_us, synack_rtt_us,
        client_packets, server_packets, client_bytes, server_bytes, client_missing_bytes,
        server_missing_bytes, client_retransmitted_bytes, server_retransmitted_bytes, exchanges,
        max_depth, pipelined_requests, hol_us, resyncs, keepalive_timeout_s, keepalive_max,
        idle_max_us, idle_at_close_us, closed_by, close_kind, close_cause, conn_state, history,
        tls_sni, tls_alpn, tls_version, findings
        FROM connections ORDER BY id""",
    "exchanges": """SELECT ordinal, method, target, host, request_version, status,
        response_version, request_start_us, request_end_us, response_start_us, response_end_us,
        interims, first_interim_status, wait_us, transfer_us, hol_us, depth, depth_basis,
        request_framing, response_framing, request_head_bytes, response_head_bytes,
        request_body_bytes, response_body_bytes, request_declared_bytes,
        response_declared_bytes, request_missing_bytes, response_missing_bytes,
        request_complete, response_complete, request_close, response_close, persist_declared,
        keepalive_timeout_s, keepalive_max, early_response, expect_outcome, expect_wait_us,
        upgrade_offered, upgrade_result, upgrade_protocol, optimistic_bytes, user_agent, server,
        content_type, state, pair_confidence, findings
        FROM exchanges ORDER BY id""",
    "tunnels": """SELECT protocol, start_us, end_us, client_bytes, server_bytes, closed_by,
        tls_sni, tls_alpn, tls_version, ws_client_frames, ws_server_frames, ws_client_messages,
        ws_server_messages, ws_client_payload_bytes, ws_server_payload_bytes, ws_pings,
        ws_pongs, ws_ping_rtt_mean_us, ws_close_code, ws_close_by, ws_compressed
        FROM tunnels ORDER BY id""",
    "findings": """SELECT exchange_ordinal, side, time_us, stream_offset, code, severity
        FROM findings ORDER BY time_us, code, side, stream_offset, exchange_ordinal""",
}
KINDS_ONLY = {"client_ip", "server_ip", "community_id", "target", "host", "tls_sni", "user_agent",
              "server", "tls_alpn", "method", "upgrade_offered", "upgrade_protocol",
              "content_type", "protocol"}


with open(HOPSCOPE, "rb") as program:
    PROGRAM = program.read().lower()


def chance_bits(text):
    """A letter becomes a letter and a digit a digit: a text of so many bits comes out as
    itself once in 2^bits keys."""
    return sum(3.3 if sign.isdigit() else 4.7 for sign in text if sign.isalnum())


def originals(database):
    """Texts that may not appear: what says who and what, as far as it is long enough to be
    nobody's by chance (the key is another in every run)."""
    texts = {text for (text,) in rows(database, TEXTS) if text and chance_bits(text) > 30}
    words = {word for text in texts for word in re.split(r"[^A-Za-z0-9.]+", text)
             if len(word) > 6 and re.search(r"[a-z]", word)
             and word.lower().encode() not in PROGRAM}  # its own words are in every output
    # What somebody had covered with x before us is covered with x by us.
    return {text.encode() for text in texts | words if set(text) - set("x.-_")}, [ip for (ip,) in rows(database, ADDRESSES)]


def look(where, content, texts, addresses, as_bytes):
    lower = content.lower()
    for text in texts:
        if text.lower() in lower:
            at = lower.index(text.lower())
            fail(f"{text!r} is in {where}: {content[max(0, at - 40):at + 60]!r}")
    for address in addresses:
        plain = re.escape(address.encode())
        if re.search(rb"(?<![0-9.a-f:])" + plain + rb"(?![0-9.a-f:])", content):
            fail(f"{address} is in {where}")
        if as_bytes and ipaddress.ip_address(address).packed in content:
            fail(f"{address} is in {where}, as bytes")


def account(database):
    return {name: rows(database, sql) for name, sql in ACCOUNT.items()}


def without_names(name, table):
    """The same columns but for those that have become pseudonyms: whether they are there."""
    columns = re.sub(r"\s+", " ", ACCOUNT[name].split("FROM")[0][7:]).split(",")
    return [tuple(bool(value) if column.strip() in KINDS_ONLY else value
                  for column, value in zip(columns, row)) for row in table]


def same(what, ours, theirs):
    for name in ACCOUNT:
        if ours[name] != theirs[name]:
            pair = next(((a, b) for a, b in zip(ours[name], theirs[name]) if a != b),
                        (len(ours[name]), len(theirs[name])))
            fail(f"{what}: {name} differ: {pair[0]} {pair[1]}")


def questions(what, plain, anonymous):
    names = re.findall(r"^([a-z-]+) +\d", run("ask", plain).decode(), re.M)
    check(len(names) > 10, "no list of questions:", names)
    for name in names:
        count = [run("ask", database, name, "--csv").count(b"\n") for database in (plain, anonymous)]
        check(count[0] == count[1], what, "ask", name, "has other rows:", count)


def check_capture(capture, key, thorough):
    name = os.path.basename(capture)
    plain, anonymous, sliced = path("plain.db"), path("anonymous.db"), path("sliced.db")
    part = path("part.pcapng")
    for file in (plain, anonymous, sliced, part):
        if os.path.exists(file):
            os.unlink(file)
    run("read", "-q", "--headers", "-o", plain, capture)
    texts, addresses = originals(plain)
    summary = run("read", "-q", "--headers", "--anonymize-key", key, "-o", anonymous, capture)
    before, after = account(plain), account(anonymous)
    same(f"{name}: database", *({table: without_names(table, content[table]) for table in ACCOUNT}
                                for content in (before, after)))
    source = {os.path.dirname(capture).encode(), name.encode()}
    shown = outputs(anonymous) if thorough else \
        {"database": open(anonymous, "rb").read()}
    for where, content in dict(shown, summary=summary).items():
        look(f"{name}: {where}", content, texts | source, addresses, False)
    if not addresses:
        return
    run("slice", "--anonymize-key", key, plain, "SELECT id FROM connections", capture, "-o", part)
    look(f"{name}: slice", open(part, "rb").read(), texts | source, addresses, True)
    run("read", "-q", "-o", sliced, part)
    same(f"{name}: slice", after, account(sliced))
    if thorough:
        questions(name, plain, anonymous)


def check_keys(capture):
    names = []
    for options in (["--anonymize-key", path("one")], ["--anonymize-key", path("one")],
                    ["--anonymize-key", path("two")], ["--anonymize"], ["--anonymize"]):
        database = path(f"key{len(names)}.db")
        run("read", "-q", *options, "-o", database, capture)
        names.append(rows(database, "SELECT DISTINCT client_ip, host, target FROM exchanges"))
    check(names[0] == names[1], "one key gives other names the second time")
    check(len({str(sorted(some)) for some in names[1:]}) == 4, "different keys give the same names")
    check(os.stat(path("one")).st_mode & 0o77 == 0, "others may read the key")
    with open(path("bad"), "w") as file:
        file.write("no key")
    run("read", "--anonymize-key", path("bad"), capture, codes=(1,))
    run("read", "--anonymize", "--headers", "--secrets", "-o", path("x.db"), capture, codes=(2,))


def main():
    captures = sys.argv[1:] or sorted(glob.glob(os.path.join(SOURCE, "samples", "*.pcap*")))
    for capture in captures:
        name = os.path.basename(capture)
        check_capture(capture, path("key"), name.split(".")[0] in ("websocket", "browser"))
    check_keys(captures[0])
    print(f"{len(captures)} captures")
    return finish()


sys.exit(main())
