#!/usr/bin/env python3
"""Credentials and cookies are stored only when they are asked for: a secret of its own in
each place where one can stand, and none of them in the database, an export, the report or
the summary. HOPSCOPE is the program."""
import sys

sys.dont_write_bytecode = True
from privacy import Capture, check, fail, finish, outputs, path, run

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
secrets = []


def secret():
    """Words that nothing else has; each is also looked for by its halves."""
    secrets.append(f"Sq{len(secrets):02d}wexuzPybrafq{len(secrets):02d}Z".encode())
    return secrets[-1]


def get(*lines, target=b"/"):
    return b"GET " + target + b" HTTP/1.1\r\nHost: a.test\r\n" + b"".join(lines) + b"\r\n"


def plain(c):
    c.conversation(
        ("c", get(b"Authorization: Basic " + secret() + b"\r\n", b"Cookie: a=" + secret() + b"; b=1\r\n")),
        ("s", b"HTTP/1.1 200 OK\r\nSet-Cookie: s=" + secret() + b"; Path=/\r\nContent-Length: 0\r\n\r\n"),
        ("c", get(b"PROXY-authorization: Bearer " + secret() + b"\r\n", b"cOOKIE:" + secret() + b"\r\n")),
        ("s", OK))


def userinfo(c):
    c.conversation(("c", get(target=b"http://user:" + secret() + b"@a.test/x@y")), ("s", OK),
                   ("c", b"CONNECT joe:" + secret() + b"@a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"),
                   ("s", b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"))
    c.conversation(("c", b"GET / HTTP/1.1\r\nHost: me:" + secret() + b"@a.test\r\n\r\n"), ("s", OK))
    c.conversation(("c", b"GET  http://u:" + secret() + b"@b.test/\x01 HTTP/1.1\r\nHost: c.test\r\n\r\n"),
                   ("s", OK))
    c.conversation(("c", get(b"Referer: https://u:" + secret() + b"@a.test/from\r\n")),
                   ("s", b"HTTP/1.1 302 F\r\nLocation: ftp://" + secret() + b"@a.test/\r\nContent-Length: 0\r\n\r\n"))


def odd_fields(c):
    """What is a finding has evidence, and that begins at the line."""
    for line in (b"Cookie: a=1;\r\n\t" + secret() + b"\r\n",     # obs-fold
                 b"Cookie:\r\n " + secret() + b"\r\n",
                 b"Cookie : " + secret() + b"\r\n",              # blank before the colon
                 b"Authorization\t: " + secret() + b"\r\n",
                 b"Cookie " + secret() + b"\r\n",                # no colon
                 b"Cookie\x0b: " + secret() + b"\r\n",           # no token
                 b"Cookie: \x01" + secret() + b"\r\n",           # a control byte
                 b"Cookie: a\r" + secret() + b"\r\n",            # a bare CR
                 b"X: 1\rCookie: " + secret() + b"\r\n",
                 b"Set-Cookie: " + secret() + b"\n",             # LF alone
                 b"Authorization: " + secret() + b" " + b"a" * 70000 + b"\r\n"):
        c.conversation(("c", get(line)), ("s", OK))
    c.conversation(("c", b"GET / HTTP/1.1\r\n Cookie: " + secret() + b"\r\nHost: a\r\n\r\n"), ("s", OK))
    c.conversation(("c", b"GET / HTTP/1.1\r\nHost: a\r\nCookie: " + secret()))  # cut
    c.conversation(("c", get()), ("s", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Set-Cookie\r\n"
                                       b"\r\n2\r\nok\r\n0\r\nSet-Cookie: " + secret() + b"\r\n\r\n"))


def odd_bodies(c):
    """Messages where no message should be."""
    inner = b"GET /in HTTP/1.1\r\nCookie: " + secret() + b"\r\n\r\n"
    c.conversation(("c", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(inner) + inner),
                   ("s", OK + OK))
    c.conversation(("c", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
                         b"0\r\n\r\nGET /x HTTP/1.1\r\nCookie: " + secret() + b"\r\n\r\n"), ("s", OK))
    c.conversation(("c", get()), ("s", OK + b"Set-Cookie: " + secret() + b"\r\n\r\n"))
    c.conversation(("c", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                         b"Cookie: " + secret() + b"\r\n\r\n"), ("s", OK))
    c.conversation(("c", b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\nGET / HTTP/1.1\r\nAuthorization: "
                         + secret() + b"\r\n\r\n"), ("s", b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n" + OK))


def odd_segments(c):
    """Retransmissions that say something else, and holes."""
    one, other = secret(), secret()
    head = get(b"Cookie: " + one + b"\r\n")
    c.conversation(("c", head), ("s", OK), conflict=(0, head.index(one), other))
    c.conversation(("c", head), ("s", OK), conflict=(0, head.index(one) - 2, b"=" + other + b"?"))
    token = secret()
    c.conversation(("c", [b"GET / HTTP/1.1\r\nHost: a\r\nCook", None, b"ie: " + token + b"\r\n", b"\r\n"]),
                   ("s", OK))


def websocket(c):
    mask = b"\1\2\3\4"
    text = secret()
    payload = bytes(byte ^ mask[i & 3] for i, byte in enumerate(text))
    c.conversation(
        ("c", get(b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: " + secret() + b"\r\n")),
        ("s", b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"),
        ("c", bytes((0x81, 0x80 | len(payload))) + mask + payload),
        ("s", bytes((0x83, len(text))) + text))


def look(database, capture, what):
    found = outputs(database)
    found["summary"] = run("read", capture)
    found["summary --json"] = run("read", "--json", capture)
    for name, text in found.items():
        for word in secrets:
            half = len(word) // 2
            for part in (word, word[:half + 4], word[half - 4:]):
                if part in text:
                    at = text.index(part)
                    fail(f"{what}: {word.decode()} is in {name}: {text[max(0, at - 60):at + 40]!r}")
                    break


def main():
    capture = Capture()
    for part in (plain, userinfo, odd_fields, odd_bodies, odd_segments, websocket):
        part(capture)
    name = capture.write("secrets.pcap")
    for options in ([], ["--headers"], ["--headers", "--threads", "2"]):
        database = path(f"{len(options)}.db")
        run("read", "-q", *options, "-o", database, name)
        look(database, name, "read " + " ".join(options))
    database = path("asked.db")
    run("read", "-q", "--headers", "--secrets", "-o", database, name)
    text = open(database, "rb").read()
    check(sum(word in text for word in secrets) > 20, "--secrets does not keep them")
    print(f"{len(secrets)} secrets")
    return finish()


sys.exit(main())
