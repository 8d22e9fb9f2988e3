"""A Python client that pipelines: it sends a request every so many milliseconds on one
connection, whatever has come back by then, and reads the answers beside.

usage: stream.py HOST MS PATH...
"""
import http.client
import io
import socket
import sys
import threading
import time

host, pause, paths = sys.argv[1], float(sys.argv[2]) / 1000, sys.argv[3:]
connection = socket.create_connection((host, 80), timeout=5)
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Answers(io.BufferedReader):
    """What http.client reads an answer from; the next one reads on where it ended."""

    def makefile(self, *_):
        return self

    def close(self):
        pass


answers = Answers(connection.makefile("rb", buffering=0))


def read_all():
    for path in paths:
        response = http.client.HTTPResponse(answers, method="GET")
        response.begin()
        print(path, response.status, len(response.read()))


reader = threading.Thread(target=read_all)
reader.start()
for path in paths:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    time.sleep(pause)
reader.join()
connection.close()
