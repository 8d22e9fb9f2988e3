#!/usr/bin/env python3
"""`read` runs as a batch job (sched(7)), unless its caller has chosen a policy. HOPSCOPE
is the program.
"""
import os
import struct
import subprocess
import sys
import time

PROGRAM = os.environ["HOPSCOPE"]
HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
PATIENCE_S = 60


def threads_of(pid):
    return [int(name) for name in os.listdir(f"/proc/{pid}/task")]


def policies(before):
    """Of the threads of a `read` that was started under the policy `before`, once it has
    begun a second one: those after it take the policy over."""
    def choose():
        if before != os.SCHED_OTHER:
            os.sched_setscheduler(0, before, os.sched_param(0))

    run = subprocess.Popen([PROGRAM, "read", "-q", "-"], stdin=subprocess.PIPE,
                           stdout=subprocess.DEVNULL, preexec_fn=choose)
    run.stdin.write(HEADER)
    run.stdin.flush()
    end = time.monotonic() + PATIENCE_S
    while len(threads_of(run.pid)) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    found = {os.sched_getscheduler(tid) for tid in threads_of(run.pid)}
    run.stdin.close()
    if run.wait() != 0:
        sys.exit(f"FAIL: read ended with {run.returncode}")
    return found


failures = 0
for before, expected in ((os.SCHED_OTHER, os.SCHED_BATCH), (os.SCHED_IDLE, os.SCHED_IDLE)):
    found = policies(before)
    if found != {expected}:
        print(f"FAIL: started under policy {before}, the threads have {sorted(found)}, "
              f"not {expected}")
        failures += 1
sys.exit(failures > 0)
