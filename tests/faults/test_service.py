#!/usr/bin/env python3
"""hopscope live under the faults of a service: killed, told to end, to go on in new files,
clocks that are set, readers that go. Each packet of the traffic is known, so what is missing
in the database is known, too. Disks are in test_disks.py.

Arguments: --full, and the names of the cases to run; none: all. Needs root; 77 says so."""
# labels: faults
# nightly: --full
import glob, os, random, signal, sqlite3, struct, subprocess, sys, time
from service import *

FULL = "--full" in sys.argv


def remove(*names):
    for name in names:
        for ending in ("", "-wal", "-shm", "-journal"):
            if os.path.exists(name + ending):
                os.remove(name + ending)


def case_kill():
    """SIGKILL at random moments, again and again on one database."""
    kills, early, slowest = (500 if FULL else 5), 0, 0
    for i in range(kills):
        if i % 50 == 0:
            remove("kill.db")
            first, seen = 0, 0
        live = Live("-o", "kill.db", "-q", FILTER)
        slowest = max(slowest, live.ready)
        traffic = Traffic(first, 2000)
        time.sleep(random.random() * (0.9 if i % 3 else 0.1))
        seen = max(seen, count("kill.db"))  # somebody has read so many
        live.end(signal.SIGKILL)
        first = traffic.stop()
        early += 0 if os.path.exists("kill.db") else 1
        if os.path.exists("kill.db"):
            check_whole("kill.db", f"kill {i}:")
            found = numbers("kill.db")
            check(len(found) >= seen, f"kill {i}:", seen, "rows were seen before,", len(found), "are there")
            check(len(set(found)) == len(found), f"kill {i}: rows twice")
            seen = len(found)
    live = Live("-o", "kill.db", "-q", FILTER)
    traffic = Traffic(first, count=20)
    last = traffic.wait()
    wait_for(lambda: count("kill.db") >= seen + 20)
    live.end()
    check(live.code == 0, "after the kills:", live.code, live.said)
    check_numbers(numbers("kill.db"), range(first, last), "after the kills:")
    damage = ask("kill.db", "SELECT damage FROM captures")
    told = sum("interrupted" in str(d) for d, in damage)
    check(told == len(damage) - 1 and damage[-1] == (None,), "who was killed is not told:", damage)
    verdicts = subprocess.run((HOPSCOPE, "ask", "kill.db", "trust", "--csv"), capture_output=True, text=True).stdout
    check(verdicts.count("damaged: interrupted") == told, "verdicts of", told, "killed runs:", verdicts)
    stray = ask("kill.db", """SELECT count(*) FROM connections JOIN captures ON captures.id = capture_id
        WHERE state = 'open' AND close_kind IS NULL AND damage IS NULL""")
    check(stray == [(0,)], "open without an end in a whole capture:", stray)
    check(slowest < GENEROUS, "a start took", slowest, "s")
    print(f"kill: {kills} kills, {early} before there was a file; slowest start {slowest:.2f} s")


def case_signals():
    """Told to end at any moment: all that was captured is in the database, in time."""
    times, slowest, codes = (1000 if FULL else 7), 0, {}
    for i in range(times):
        remove("signal.db")
        live = Live("-o", "signal.db", "-q", FILTER, wait=i % 4 != 0)
        traffic = Traffic(0, 1500)
        time.sleep(random.random() * (0.7 if i % 4 else 0.05))
        sent = traffic.sent() if i % 4 else 0
        live.end(signal.SIGINT if i % 2 else signal.SIGTERM)
        traffic.stop()
        slowest = max(slowest, live.took)
        codes[live.code] = codes.get(live.code, 0) + 1
        check(live.code in (0, -signal.SIGINT, -signal.SIGTERM), f"signal {i}: exit", live.code, live.said)
        if live.code != 0:
            check(i % 4 == 0, f"signal {i}: it died by it")
            continue
        check_whole("signal.db", f"signal {i}:")
        check_numbers(numbers("signal.db"), range(sent), f"signal {i}:")
        check(ask("signal.db", "PRAGMA journal_mode") == [("delete",)], f"signal {i}: left in WAL mode")
    check(slowest < 2 * GENEROUS, "an end took", slowest, "s")
    print(f"signals: {times}, exit codes {codes}, slowest end {slowest:.2f} s")


def case_second():
    """The second one ends it at once, whatever it waits for."""
    live = Live("-o", "second.db", "-q", FILTER)
    db = sqlite3.connect("second.db", isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    Traffic(count=50).wait()
    live.process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    live.end(signal.SIGTERM)
    db.close()
    check(live.code in (128 + signal.SIGTERM, 1), "exit", live.code, live.said)
    check_whole("second.db", "second signal:")


def case_hangup():
    """SIGHUP under load: files that were moved away and the new one have all rows."""
    rounds = 40 if FULL else 3
    live = Live("-o", "hup.db", "-q", FILTER)
    traffic = Traffic(0, 800)
    moved = []
    for i in range(rounds):
        time.sleep(0.3 + random.random() * 0.4)
        if not wait_for(lambda: os.path.exists("hup.db")):
            check(False, "no new file after SIGHUP")
            break
        os.rename("hup.db", f"hup-{i}.db")
        moved.append(f"hup-{i}.db")
        live.process.send_signal(signal.SIGHUP)
    sent = traffic.stop()
    wait_for(lambda: os.path.exists("hup.db"))
    live.end()
    check(live.code == 0, "exit", live.code, live.said)
    found = []
    for name in moved + ["hup.db"]:
        check_whole(name, name)
        found += numbers(name)
    check_numbers(found, range(sent), "hangup:")
    # In its first moments it must not be what ends it, either.
    early = 100 if FULL else 4
    for i in range(early):
        remove("early.db")
        live = Live("-o", "early.db", "-q", FILTER, wait=False)
        time.sleep(0.004 * (i % 12))
        name = b""
        while name != b"hopscope":  # it runs: what a shell does before is not its matter
            with open(f"/proc/{live.process.pid}/comm", "rb") as f:
                name = f.read().strip()
        wait_for(lambda: open(f"/proc/{live.process.pid}/status").read().count("SigBlk:\t0000000000000000") == 0)
        live.process.send_signal(signal.SIGHUP)
        live.wait_until_ready()
        time.sleep(0.1)
        live.end()
        check(live.code == 0, f"SIGHUP at the start, {i}: exit", live.code, live.said)
    print(f"hangup: {len(moved)} files moved away, {sent} conversations; {early} at the start")


def packets_of(path):
    """How many packets a pcapng file has; it ends with a whole block."""
    with open(path, "rb") as f:
        data = f.read()
    at = found = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        found += kind == 6
        at += size
    check(at == len(data), path, "is cut within a block")
    return found


def case_parts():
    """--rotate SIZE under load, with one thread and with two: all files together have every
    row and every packet once. Then the folder of the packets goes: it says so, and the rows
    go on."""
    for threads in ("1", "2"):
        live = Live("-o", f"part{threads}.db", "-w", f"part{threads}.pcapng", "--rotate", "128K", "-B", "16384",
                    "--threads", threads, "-q", FILTER, wait=False)
        wait_for(lambda: any(count_captures(f) == int(threads) for f in glob.glob(f"part{threads}-*.db")))
        traffic = Traffic(0, 600)
        wait_for(lambda: len(glob.glob(f"part{threads}-*.db")) > 3)
        sent = traffic.stop()
        time.sleep(0.3)
        live.end()
        check(live.code == 0, threads, "threads: exit", live.code, live.said)
        databases, files = (sorted(glob.glob(f"part{threads}{end}")) for end in ("-*.db", "*-*.pcapng"))
        found = []
        for name in databases:
            check_whole(name, name)
            found += numbers(name)
        check(len(found) == len(set(found)), threads, "threads: rows stand there twice")
        check_numbers(found, range(sent), f"{threads} threads:")
        kept = sum(map(packets_of, files))
        check(kept == sent * FRAMES, threads, "threads:", kept, "packets of", sent * FRAMES, files)
        print(f"parts: {len(databases)} databases, {len(files)} files of packets")
    os.mkdir("moved")
    live = Live("-o", "stay.db", "-w", "moved/away.pcapng", "-q", FILTER)
    traffic = Traffic(0, 300, count=60)
    os.rename("moved", "gone")
    live.process.send_signal(signal.SIGHUP)
    sent = traffic.wait()
    wait_for(lambda: count("stay.db") == sent)
    live.end()
    check("packets are not kept from now on" in live.said, "said:", live.said)
    check(live.code == 3, "packets lost: exit", live.code, live.said)
    check_numbers(numbers("stay.db"), range(sent), "the folder gone:")


def case_cut():
    """-s keeps the first bytes of each packet: what is behind them is counted as missing."""
    live = Live("-o", "cut.db", "-w", "cut.pcapng", "-s", "60", "-q", FILTER)
    sent = Traffic(0, 300, count=40).wait()
    wait_for(lambda: ask("cut.db", "SELECT sum(truncated_packets) FROM captures") == [(2 * sent,)])
    live.end()
    check(live.code == 0, "cut: exit", live.code, live.said)
    check(ask("cut.db", "SELECT truncated_packets, packets FROM captures") == [(2 * sent, FRAMES * sent)],
          "cut:", ask("cut.db", "SELECT truncated_packets, packets FROM captures"))
    lengths = ask("cut.db", "SELECT DISTINCT client_bytes + server_bytes, client_missing_bytes > 0, state FROM connections")
    check(len(lengths) and all(missing and state == "closed" for _, missing, state in lengths), "cut:", lengths)
    check(packets_of("cut.pcapng") == FRAMES * sent, "cut: packets", packets_of("cut.pcapng"))


def case_clock():
    """The clock of the day is set, forth and back: rows keep the packets' time, and nothing
    ends, hangs or comes twice."""
    control = Control()
    live = Live("-o", "clock.db", "--keep", "1d", FILTER, environment=control.environment)
    began = time.time()
    traffic = Traffic(0, 300)
    for ahead in (3600, 0, -3600, 0, 1800, -1800, -3600) * (10 if FULL else 1):
        time.sleep(0.3)
        control.set("clock_ahead_s", ahead)
    sent = traffic.stop()
    check(wait_for(lambda: count("clock.db") == sent), "with clocks that were set:", count("clock.db"), "of", sent)
    live.end()
    check(live.code == 0, "exit", live.code, live.said)
    check(live.took < 2 * GENEROUS, "the end took", live.took, "s")
    check_numbers(numbers("clock.db"), range(sent), "clock:")
    times = ask("clock.db", "SELECT MIN(start_us), MAX(end_us), SUM(state = 'closed') FROM connections")
    first, last, closed = times[0]
    check(began - 1 < first / 1e6 and last / 1e6 < time.time() + 1, "times of rows", times, "of", began)
    check(closed == sent, closed, "of", sent, "connections are closed")


def case_pipe():
    """Whoever reads the lines goes away; signals of no meaning come by the hundred."""
    reader = subprocess.Popen(["head", "-n", "3"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    live = Live("-o", "pipe.db", "--log", FILTER, stdout=reader.stdin)
    reader.stdin.close()
    traffic = Traffic(0, 300)
    live.end(None)
    traffic.stop()
    reader.wait()
    check(live.code in (0, 1), "exit", live.code, live.said)
    check_whole("pipe.db", "pipe:")
    check(ask("pipe.db", "PRAGMA journal_mode") == [("delete",)], "pipe: left in WAL mode")
    remove("usr.db")
    live = Live("-o", "usr.db", "-q", FILTER)
    traffic = Traffic(0, 500)
    until = time.monotonic() + (60 if FULL else 1)
    while time.monotonic() < until:
        for number in (signal.SIGWINCH, signal.SIGUSR1, signal.SIGCONT, signal.SIGPIPE, signal.SIGXFSZ):
            live.process.send_signal(number)
        time.sleep(0.001)
    sent = traffic.stop()
    wait_for(lambda: count("usr.db") == sent)
    live.end()
    check(live.code == 0, "after signals: exit", live.code, live.said[-300:])
    check_numbers(numbers("usr.db"), range(sent), "signals of no meaning:")


def main():
    enter("/mnt")
    run_cases(globals(), {"clock"})


if __name__ == "__main__":
    main()
