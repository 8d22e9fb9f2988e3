#!/bin/sh
# live.sh HOPSCOPE DB: a live capture in a network namespace of its own, with packets to
# see; only the program itself is refused memory (REFUSE_LIBRARY, see test_memory.py).
set -eu
[ "${INSIDE:-}" ] || INSIDE=1 exec unshare -n sh "$0" "$@"
ip link set lo up
timeout -k 5 20 env LD_PRELOAD="$REFUSE_LIBRARY" "$1" live -q -i lo -c 40 -o "$2" &
running=$!
python3 - "$running" <<'END'
import os, socket, sys, time
server = socket.create_server(("127.0.0.1", 0))
end = time.monotonic() + 20
while time.monotonic() < end and os.path.exists(f"/proc/{sys.argv[1]}/exe"):
    with open(f"/proc/{sys.argv[1]}/stat") as file:
        if file.read().split()[2] == "Z":
            break
    with socket.create_connection(server.getsockname()) as client:
        accepted = server.accept()[0]
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        accepted.recv(100)
        accepted.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        client.recv(100)
        accepted.close()
    time.sleep(0.02)
END
code=0
wait "$running" || code=$?
exit "$code"
