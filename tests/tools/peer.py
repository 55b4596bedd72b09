#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Talks to drb-bench --serve as nobody should who may talk to it; for the
arguments see client.py. It must answer every line with one of JSON or hang up, and
go on to serve the next client."""

import random

from client import session

REFUSED = [
    "", " ", "conditions now", "lod", "count", "count x", "count -1", "count 00",
    "count 2", "count 99999999999999999999", "window 0 1", "window 0 -1 1",
    "window 0 1 80001", "window 0 10001 1", "window 0x0 1 1", "quiet",
    "quiet 90001", "pktgen 0 60 1", "pktgen 0 59 1 100", "pktgen 0 60 0 1",
    "pktgen 0 9001 1 1", "pktgen 0 60 65 1", "pktgen 0 60 1 80001",
    "pktgen 0 60 1 $(reboot)", "pktgen 2 60 1 1", "pktgen 1 60 1 1",
    "a " * 60, "count 0 " + "1 " * 90, "stop", "; touch /tmp/x", "| cat",
]


def works():
    """A client that behaves is served."""
    client, _ = session()
    with client:
        assert client.ask("load")["total"] > 0
        assert client.ask("count 0")["in"] >= 0
        assert client.ask("window 0 1 20")["ns"] > 15e6
        answer = client.ask("conditions")
        assert [v["device"] for v in answer["vifs"]] == ["eth0"], answer
        assert answer["conditions"]["kernel"], answer


def refuses():
    client, _ = session()
    with client:
        for line in REFUSED:
            assert "error" in client.ask(line), line


def hangs_up(data):
    """Whatever it is, the answer is not one, and the end comes."""
    client, _ = session()
    with client:
        client.send(data)
        while (answer := client.line()) is not None:
            assert "error" in answer, (data, answer)


def main():
    works()
    refuses()
    for data in (b"\0\n", b"load\0\n", b"\xff\xfe\n", b"load\r\n", b"\x1b[2J\n",
                 b"a" * 256, b"a" * 100000, b"lo\tad\n", b"%n%n%s\xc3\n"):
        hangs_up(data)
    generator = random.Random(1)
    for _ in range(100):
        hangs_up(generator.randbytes(generator.randrange(1, 600)) + b"\xff\n")
    works()


if __name__ == "__main__":
    main()
