#!/usr/bin/env python3
"""Freezes the busiest thread of a process beside its main thread until the process or this program ends: a worker that hangs.

Usage: freeze-thread.py PID. Prints "frozen TID" when it stands still.
"""

import ctypes
import os
import sys
import time

# ptrace(2)
PTRACE_SEIZE = 0x4206
PTRACE_INTERRUPT = 0x4207
WALL = 0x40000000
WATCHED_S = 2.0


def cpu_ticks(pid: int) -> dict[int, int]:
    """CPU time of every thread: fields 14 and 15 of proc_pid_stat(5), counted after the name in brackets."""
    ticks = {}
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/stat", encoding="utf8") as file:
            fields = file.read().rpartition(")")[2].split()
        ticks[int(tid)] = int(fields[11]) + int(fields[12])
    return ticks


def main() -> None:
    pid = int(sys.argv[1])
    before = cpu_ticks(pid)
    time.sleep(WATCHED_S)
    spent = {tid: ticks - before.get(tid, ticks) for tid, ticks in cpu_ticks(pid).items() if tid != pid}
    tid = max(spent, key=lambda one: spent[one])
    libc = ctypes.CDLL(None, use_errno=True)
    for request in (PTRACE_SEIZE, PTRACE_INTERRUPT):
        if libc.ptrace(request, tid, None, None) != 0:
            sys.exit(f"ptrace: {os.strerror(ctypes.get_errno())}")
    os.waitpid(tid, WALL)
    print(f"frozen {tid}", flush=True)
    # A traced thread that dies stays in the way of its process until its tracer has heard of it.
    os.waitpid(tid, WALL)


if __name__ == "__main__":
    main()
