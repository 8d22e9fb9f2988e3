"""A Python client (http.client) that keeps one connection and pauses between requests.

usage: reuse.py HOST [--again] STEP...
A step is a path to GET, POST:path to post to, or a number of seconds to be silent.
With --again, a request that died with its connection is sent anew on another one.
"""
import http.client
import sys
import time

host, steps = sys.argv[1], sys.argv[2:]
again = "--again" in steps
connection = http.client.HTTPConnection(host, timeout=5)


def ask(step):
    method, path = ("POST", step[5:]) if step.startswith("POST:") else ("GET", step)
    body = "order=17&quantity=2" if method == "POST" else None
    connection.request(method, path, body=body)
    response = connection.getresponse()
    print(method, path, response.status, len(response.read()))


for step in steps:
    if step == "--again":
        continue
    if step[0].isdigit():
        time.sleep(float(step))
        continue
    try:
        ask(step)
    except (http.client.RemoteDisconnected, ConnectionError) as error:
        print(step, type(error).__name__)
        connection.close()
        if again:
            ask(step)
connection.close()
