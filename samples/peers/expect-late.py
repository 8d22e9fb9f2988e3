"""A Python client (http.client) that asks for 100-continue, waits a while without
looking, and then sends the body, whatever has come back.

usage: expect-late.py HOST PATH SECONDS FILE
"""
import http.client
import sys
import time

host, path, seconds, file = sys.argv[1:]
body = open(file, "rb").read()
connection = http.client.HTTPConnection(host, timeout=5)
connection.putrequest("PUT", path)
connection.putheader("Content-Length", str(len(body)))
connection.putheader("Expect", "100-continue")
connection.endheaders()
time.sleep(float(seconds))
try:
    connection.send(body)
    response = connection.getresponse()
    print(response.status, len(response.read()))
except OSError as error:
    print(type(error).__name__)
connection.close()
