#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Talks to drb-bench --serve as nobody should: peer.py ADDRESS PORT. It must
answer every line with one of JSON or hang up, and go on to serve the next
client."""

import json
import random
import socket
import sys

SERVER = (sys.argv[1], int(sys.argv[2]))
REFUSED = [
    "", " ", "conditions now", "lod", "count", "count x", "count -1", "count 00",
    "count 2", "count 99999999999999999999", "window 0 1", "window 0 -1 1",
    "window 0 1 80001", "window 0x0 1 1", "pktgen 0 60 1 100",
    "pktgen 0 59 1 100 00:11:22:33:44:55", "pktgen 0 60 0 1 00:11:22:33:44:55",
    "pktgen 0 60 65 1 00:11:22:33:44:55", "pktgen 0 60 1 1 00:11:22:33:44:5g",
    "pktgen 0 60 1 1 00:11:22:33:44:55;reboot", "pktgen 0 60 1 1 $(reboot)",
    "pktgen 0 60 1 1 ff:ff:ff:ff:ff:ff", "pktgen 0 60 1 1 01:00:5e:00:00:01",
    "a " * 60, "count 0 " + "1 " * 90, "stop", "; touch /tmp/x", "| cat",
]


def connect():
    sock = socket.create_connection(SERVER, timeout=60)
    return sock, sock.makefile("rb")


def ask(sock, file, line):
    sock.sendall(line.encode("latin-1") + b"\n")
    return json.loads(file.readline())


def works():
    """A client that behaves is served."""
    sock, file = connect()
    with sock:
        assert ask(sock, file, "load")["total"] > 0
        assert ask(sock, file, "count 0")["in"] >= 0
        assert ask(sock, file, "window 0 1 20")["ns"] > 15e6
        answer = ask(sock, file, "conditions")
        assert answer["vifs"][0]["device"] == "eth0", answer
        assert answer["conditions"]["kernel"], answer


def refuses():
    sock, file = connect()
    with sock:
        for line in REFUSED:
            assert "error" in ask(sock, file, line), line


def hangs_up(data):
    """Whatever it is, the answer is not one, and the end comes."""
    sock, file = connect()
    with sock:
        try:
            sock.sendall(data)
            while line := file.readline():
                assert "error" in json.loads(line), (data, line)
        except (ConnectionResetError, BrokenPipeError):
            pass


def main():
    works()
    refuses()
    for data in (b"\0\n", b"load\0\n", b"\xff\xfe\n", b"load\r\n", b"\x1b[2J\n",
                 b"a" * 256, b"a" * 100000, b"lo\tad\n", b"%n%n%s\xc3\n"):
        hangs_up(data)
    generator = random.Random(1)
    for _ in range(100):
        hangs_up(generator.randbytes(generator.randrange(1, 600)) + b"\xff\n")
    connect()[0].close()
    works()


if __name__ == "__main__":
    main()
