"""The account of one capture as readable lines that no clock and no place can change:
the summary that `hopscope read` prints, then the rows of the views, nested."""
import os
import pathlib
import sqlite3
import subprocess
import tempfile

SAMPLES = pathlib.Path(
    os.environ.get("SAMPLES") or pathlib.Path(os.environ["SOURCE_DIR"]) / "samples")

# What decides how the summary looks is fixed; its times are those of the capture.
PLAIN = {"LC_ALL": "C", "TZ": "UTC", "NO_COLOR": "1", "COLUMNS": "100", "TERM": "dumb"}


def sample_paths():
    return sorted(p for p in SAMPLES.iterdir() if ".pcap" in p.name)


def read(capture, database):
    """The summary; raises when hopscope does not end with 0."""
    done = subprocess.run(
        [os.environ["HOPSCOPE"], "read", "-q", "-o", database, capture.name],
        cwd=capture.parent, env={**os.environ, **PLAIN}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"{capture.name}: exit {done.returncode}: "
                           + done.stderr.decode(errors="replace"))
    return done.stdout.decode(errors="backslashreplace")


def open_rows(database):
    db = sqlite3.connect(database)
    db.row_factory = sqlite3.Row
    db.text_factory = lambda b: b.decode(errors="backslashreplace")
    return db


# Zero nearly everywhere: left out then, so that what is odd stands out.
USUALLY_ZERO = set("""truncated_packets undecoded_packets duplicate_packets bad_checksums
    midstream_connections one_sided_connections missing_bytes evicted_connections
    inferred_pairs ambiguous_pairs orphan_responses syn_retransmits synack_retransmits
    pipelined_requests hol_us resyncs findings response_stall_us early_response
    request_missing_bytes response_missing_bytes interims optimistic_bytes""".split())


def columns(row, names):
    """`name=value` for what is there; what was not observed (NULL) is left out."""
    return " ".join(f"{n}={row[n]}" for n in names.split()
                    if row[n] is not None and not (n in USUALLY_ZERO and row[n] == 0))


def side_columns(row, names):
    """`side_name` for both sides, unless zero."""
    return " ".join(f"{side}_{n}={row[f'{side}_{n}']}" for n in names.split()
                    for side in ("client", "server") if row[f"{side}_{n}"])


CAPTURE = """format link_types snaplen packets bytes truncated_packets undecoded_packets
    duplicate_packets bad_checksums connections midstream_connections
    one_sided_connections missing_bytes evicted_connections exchanges exact_pairs
    inferred_pairs ambiguous_pairs orphan_responses damage"""
CONNECTION = [
    """first_packet last_packet protocol state open_kind open_result role_basis vlan
    tunnel_id conn_state history community_id""",
    """synack_rtt_us ack_rtt_us handshake_us syn_retransmits synack_retransmits""",
    """exchanges max_depth pipelined_requests hol_us resyncs keepalive_timeout_s
    keepalive_max idle_max_us idle_at_close_us closed_by close_kind close_cause findings
    tls_sni tls_alpn tls_version tls_handshake_us"""]
SIDES = """packets bytes missing_bytes gaps retransmitted_segments retransmitted_bytes
    out_of_order_segments overlap_conflicts keepalive_probes zero_window_us stall_us"""
EXCHANGE = [
    """request_packet response_packet state pair_confidence request_version
    response_version""",
    """wait_us transfer_us service_us hol_us idle_before_us response_stall_us depth
    depth_basis early_response""",
    """request_framing request_head_bytes request_body_bytes request_declared_bytes
    request_missing_bytes request_complete""",
    """response_framing response_head_bytes response_body_bytes response_declared_bytes
    response_missing_bytes response_complete""",
    """interims first_interim_status request_close response_close persist_declared
    keepalive_timeout_s keepalive_max expect_outcome expect_wait_us expect_saved_bytes
    upgrade_offered upgrade_result upgrade_protocol optimistic_bytes findings""",
    """user_agent server content_type"""]
TUNNEL = [
    """protocol client_bytes server_bytes client_packets server_packets idle_at_close_us
    closed_by tls_sni tls_alpn tls_version tls_handshake_us""",
    """ws_client_frames ws_server_frames ws_client_messages ws_server_messages
    ws_client_payload_bytes ws_server_payload_bytes ws_pings ws_pongs
    ws_ping_rtt_min_us ws_ping_rtt_mean_us ws_ping_rtt_max_us ws_close_code ws_close_by
    ws_compressed"""]


def exchange_lines(db, connection):
    for e in db.execute("SELECT * FROM exchanges WHERE connection_id = ? ORDER BY ordinal",
                        (connection,)):
        yield (f"  {e['ordinal']}. {e['method'] or '-'} {e['target'] or '-'} "
               f"[{e['host'] or '-'}] -> {e['status'] or '-'}")
        yield from (f"     {text}" for part in EXCHANGE if (text := columns(e, part)))


def tunnel_lines(db, connection):
    for t in db.execute(
            "SELECT t.*, e.ordinal AS after FROM tunnels t LEFT JOIN exchanges e"
            " ON e.id = t.exchange_id WHERE t.connection_id = ? ORDER BY t.start_us, t.id",
            (connection,)):
        yield f"  tunnel after {t['after']}"
        yield from (f"     {text}" for part in TUNNEL if (text := columns(t, part)))


def finding_lines(db, connection):
    for f in db.execute(
            "SELECT * FROM findings WHERE connection_id IS ?"
            " ORDER BY packet, stream_offset, code, side", (connection,)):
        yield (f"  ! {f['severity']} {f['code']} "
               + columns(f, "exchange_ordinal side packet stream_offset evidence"))


def row_lines(db):
    for c in db.execute("SELECT * FROM captures ORDER BY id"):
        yield "capture " + columns(c, CAPTURE)
    yield from finding_lines(db, None)
    rows = db.execute("SELECT * FROM connections ORDER BY id").fetchall()
    for number, c in enumerate(rows, 1):
        yield ""
        yield (f"connection {number}: {c['client_ip']} {c['client_port']} -> "
               f"{c['server_ip']} {c['server_port']}")
        yield from (f"  {text}" for part in CONNECTION if (text := columns(c, part)))
        yield "  " + side_columns(c, SIDES)
        yield from exchange_lines(db, c["id"])
        yield from tunnel_lines(db, c["id"])
        yield from finding_lines(db, c["id"])


def account_text(capture):
    with tempfile.TemporaryDirectory(prefix="golden") as folder:
        database = pathlib.Path(folder) / "account.db"
        summary = read(capture, database)
        db = open_rows(database)
        lines = list(row_lines(db))
        db.close()
    return "\n".join([f"==== {capture.name}: hopscope read", summary.rstrip("\n"),
                      f"==== {capture.name}: rows", *lines, ""])
