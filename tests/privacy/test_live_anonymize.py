#!/usr/bin/env python3
"""live --anonymize: nothing of who and what is in the database, its log, the lines, the
summary, the exports or on the screen, and a name is the one that read makes of it with the
same key. Needs root and namespaces; 77 says so."""
# labels: faults
import os, pty, re, select, shutil, signal, struct, subprocess, sys, time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "faults")]
import privacy
import service
from service import HOPSCOPE, ACK, DATA, FIN, SYN, Live, ask, check, segment, wait_for

SECRETS = [b"intranet", b"secretcorp", b"hunter2", b"payroll", b"PrivateAgent", b"HiddenServer",
           b"c2Vzc2lvbg", b"X-Employee", b"10.77.88.99", b"10.66.55.44"]
BINARY = [bytes((10, 77, 88, 99)), bytes((10, 66, 55, 44))]
REQUEST = (b"GET /payroll/hunter2?employee=4711 HTTP/1.1\r\nHost: intranet.secretcorp.example\r\n"
           b"User-Agent: PrivateAgent/7\r\nCookie: id=c2Vzc2lvbg\r\nX-Employee: payroll\r\n\r\n")
ANSWER = (b"HTTP/1.1 200 OK\r\nServer: HiddenServer/3\r\nSet-Cookie: id=c2Vzc2lvbg\r\n"
          b"Content-Length: 7\r\nContent-Length: 7\r\n\r\nhunter2")
NAMES = "SELECT DISTINCT host, target, user_agent, server, client_ip, server_ip FROM exchanges"


def frames(port):
    client, server = BINARY
    ports, back = (port, 80), (80, port)
    c, s = 1001, 5001
    end_c, end_s = c + len(REQUEST), s + len(ANSWER)
    return [segment(client, server, ports, c - 1, 0, SYN),
            segment(server, client, back, s - 1, c, SYN | ACK),
            segment(client, server, ports, c, s, ACK),
            segment(client, server, ports, c, s, DATA, REQUEST),
            segment(server, client, back, s, end_c, DATA, ANSWER),
            segment(client, server, ports, end_c, end_s, FIN),
            segment(server, client, back, end_s, end_c + 1, FIN),
            segment(client, server, ports, end_c + 1, end_s + 1, ACK)]


def send(first, count):
    out = service.socket.socket(service.socket.AF_PACKET, service.socket.SOCK_RAW)
    out.bind(("f0", 0))
    for port in range(first, first + count):
        for frame in frames(port):
            out.send(frame)
    out.close()


def look(where, content):
    lower = content.lower()
    for secret in SECRETS:
        check(secret.lower() not in lower, secret, "is in", where)


def look_everywhere(database):
    for where, content in privacy.outputs(database).items():
        look(where, content)
        for address in BINARY if where.startswith("database") else ():
            check(address not in content, "an address is in", where)


def check_lines():
    live = Live("-o", "lines.db", "--headers", "--log", "--threads", "2", "--anonymize-key", "key", "tcp")
    send(30000, 20)
    check(wait_for(lambda: ask("lines.db", "SELECT count(*) FROM exchanges") == [(20,)]), "rows:",
          ask("lines.db", "SELECT count(*) FROM exchanges"))
    for end in ("", "-wal"):
        if os.path.exists("lines.db" + end):
            with open("lines.db" + end, "rb") as file:
                look("lines.db" + end + " under way", file.read())
    live.end()
    check(live.code == 0, "exit", live.code, live.said)
    check(live.lines.count(" GET ") >= 20, "lines:", live.lines[:300])
    look("the lines and the summary", live.lines.encode())
    look("what it said", live.said.encode())
    look_everywhere("lines.db")
    check(ask("lines.db", "SELECT count(*) FROM headers")[0][0] >= 20 * 7, "no headers")


def check_same_as_read():
    with open("same.pcap", "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for i, frame in enumerate(frames(30000)):
            file.write(struct.pack("<IIII", 1700000000, i, len(frame), len(frame)) + frame)
    privacy.run("read", "-q", "-o", "same.db", "--anonymize-key", "key", "same.pcap")
    names = ask("same.db", NAMES)
    check(len(names) == 1 and names == ask("lines.db", NAMES), "names of read and live:", names,
          ask("lines.db", NAMES))


def check_screens():
    """On a terminal: the same key, so the pseudonyms that it draws are known."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", HOME=os.getcwd(), COLUMNS="200", LINES="40")
        os.execv(HOPSCOPE, [HOPSCOPE, "live", "-i", "f1", "-o", "screen.db", "--anonymize-key", "key", "tcp"])
    import fcntl, termios
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))
    drawn = b""

    def drain():
        nonlocal drawn
        while select.select([terminal], [], [], 0.02)[0]:
            try:
                drawn += os.read(terminal, 65536)
            except OSError:
                return True
        return False

    def is_shown():
        drain()
        return host in drawn

    host = ask("lines.db", NAMES)[0][0].encode()
    wait_for(lambda: drain() or service.count_captures("screen.db") > 0)
    send(31000, 5)
    check(wait_for(is_shown), "the pseudonym", host, "is not on the screen")
    for key in (b"\r", b"\r", b"\x1b", b"\t", b"\t", b"\t", b"q", b"q", b"y"):
        os.write(terminal, key)
        drain()
        time.sleep(0.1)
    os.kill(pid, signal.SIGTERM)
    wait_for(drain)
    os.waitpid(pid, 0)
    look("the screens", drawn)
    look_everywhere("screen.db")


def check_refused():
    for words, code, said in (
            (["--anonymize", "-w", "x.pcapng"], 2, "slice --anonymize"),
            (["--anonymize-key", "key", "-w", "x.pcapng"], 2, "slice --anonymize"),
            (["--anonymize", "--headers", "--secrets", "-o", "x.db"], 2, "one of them"),
            (["--anonymize-key", "same.pcap", "-o", "x.db"], 1, "is no key")):
        ran = subprocess.run([HOPSCOPE, "live", "-i", "f1", *words], capture_output=True, text=True,
                             timeout=60, check=False)
        check(ran.returncode == code and said in ran.stderr, words, "exit", ran.returncode, ran.stderr)
    check(not os.path.exists("x.db") and not os.path.exists("x.pcapng"), "files were made")


def main():
    service.enter("/mnt")
    privacy.failures = service.failures
    check_lines()
    check_same_as_read()
    check_screens()
    check_refused()
    shutil.rmtree(privacy.WORK)
    service.finish()


if __name__ == "__main__":
    main()
