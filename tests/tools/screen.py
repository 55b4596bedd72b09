#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""drbctl top on a terminal of its own: is TEXT on the screen, and does q end it
with code 0 and the terminal as it was? usage: screen.py DRBCTL TEXT"""

import os
import pty
import select
import sys
import time

SECONDS = 20


def read_until(fd, text):
    """What was drawn, once it has the text in it, or at the end of the time."""
    seen, end = b"", time.monotonic() + SECONDS
    while text not in seen and time.monotonic() < end:
        if select.select([fd], [], [], 0.5)[0]:
            try:
                seen += os.read(fd, 65536)
            except OSError:  # it has ended
                break
    return seen


def main():
    tool, text = sys.argv[1], sys.argv[2].encode()
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", LINES="24", COLUMNS="160")
        os.execv(tool, [tool, "top", "--interval", "0.5"])
    seen = read_until(fd, text)
    if text not in seen:
        print(f"not on the screen: {seen[-300:]!r}")
        return 1
    os.write(fd, b"q")
    left = read_until(fd, b"\x1b[?1049l")
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status or b"\x1b[?1049l" not in left:
        print(f"exit code {status}, then {left[-100:]!r}")
        return 1
    if b"\x1b[31m" in seen:
        print("a guest's control characters are on the screen")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
