#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Comes to drb-bench --serve as it should not: door.py CASE[:WORD], and as client.py
says. Whatever it is refused, it has one line that says so, soon, and then the end."""

import json
import subprocess
import sys
import time

CASE, *WORDS = sys.argv.pop(1).split(":")
# pylint: disable-next=wrong-import-position
from client import TOKENS, Client, session  # noqa: E402

WRONG = "0123456789abcdef" * 2


def refused(client, words, within=6.0):
    """A line with these words, within so many seconds, and no other."""
    start = time.monotonic()
    answer = client.line()
    assert answer is not None and set(answer) == {"error"}, answer
    assert words in answer["error"], answer
    assert client.line() is None, "there is more"
    assert time.monotonic() - start < within, "it took too long"
    client.__exit__()


def first(line, words):
    client = Client()
    client.send(line.encode() + b"\n")
    refused(client, words)


def wrong_token():
    first("hello " + WRONG, "a wrong token was shown; start drb-bench again")


def nearly():
    """All but the last digit, a digit too few, one too many."""
    token = TOKENS[0]
    last = "1" if token[-1] == "0" else "0"
    for other in (token[:-1] + last, token[:-1], token + "0", token.upper()[::-1]):
        first("hello " + other, "a wrong token was shown")


def other_vif():
    """A token is good for the vif that it is of."""
    first("hello " + TOKENS[1], "a wrong token was shown")


def missing_token():
    for line in ("hello", "hello  ", "", "load",
                 f"hello {TOKENS[0]} {WRONG} more", f"hello {TOKENS[0]} x"):
        first(line, "no token was shown; use one version")


def old_client():
    """One that knows of no token."""
    first("conditions", "no token was shown; use one version")


def long_line():
    client = Client()
    client.send(b"hello " + b"a" * 100000)
    refused(client, "too long")


def no_text():
    first("hello \x1b[2J" + WRONG, "is no text")


def silent():
    refused(Client(), "nothing was said in time")


def dribble():
    """Byte after byte takes no longer than saying nothing."""
    client = Client()
    for _ in range(25):
        client.send(b"h")
        time.sleep(0.1)
    refused(client, "nothing was said in time")


def unknown_session():
    client = Client(1)
    client.send(f"hello {TOKENS[1]} {WRONG}\n".encode())
    refused(client, "there is no such session")


def rated():
    """Guesses take their time; at another vif nobody waits."""
    start = time.monotonic()
    for _ in range(5):
        first("hello " + WRONG, "a wrong token was shown")
    took = time.monotonic() - start
    assert took > 4 * 0.5, f"five guesses in {took:.1f} s"
    other = time.monotonic()
    session(1)[0].__exit__()
    assert time.monotonic() - other < 0.4, "another vif had to wait"


def crowd():
    """Who says nothing does not keep out who has the token."""
    idle = [Client() for _ in range(20)]
    start = time.monotonic()
    session()[0].__exit__()
    assert time.monotonic() - start < 1.5, "the crowd was in the way"
    for client in idle:
        client.__exit__()


def second():
    """While one is served, the next knows at once."""
    served, _ = session()
    with served:
        served.send(b"window 0 1 3000\n")
        client = Client()
        client.send(f"hello {TOKENS[0]}\n".encode())
        refused(client, "busy with a client at 10.77.0.1; try again", within=2.0)
        assert served.line()["ns"] > 2.9e9
    session()[0].__exit__()


def hold():
    """Stays."""
    client, _ = session()
    while client.ask("load"):
        print("served", flush=True)
        time.sleep(0.2)


def outside(source):
    client = Client(source=source)
    client.send(f"hello {TOKENS[0]}\n".encode())
    refused(client, "its address is not in the vif's network; give both ends")


def idle():
    client, _ = session()
    client.ask("load")
    refused(client, "nothing was asked for in time; start drb-bench again")


def quiet():
    """Who says so may be quiet for longer, once."""
    client, _ = session()
    assert client.ask("quiet 2000") == {"quiet": 2000}
    time.sleep(2.5)
    assert client.ask("load")["total"] > 0
    refused(client, "nothing was asked for in time")


def long_request():
    client, _ = session()
    client.send(b"a" * 100000)
    refused(client, "a request is too long")


def mac(namespace, device):
    words = ["ip", "-j", "-n", namespace, "link", "show", device]
    return json.loads(subprocess.check_output(words))[0]["address"]


def finds(namespace):
    """Each vif's Ethernet address of the client, and no other."""
    client, name = session()
    with client:
        Client(1).hello(name)
        vifs = client.ask("conditions")["vifs"]
        assert [v["client_mac"] for v in vifs] == \
            [mac(namespace, "xenbr0"), mac(namespace, "xenbr1")], vifs
        # What is kept too long is forgotten, and found again.
        subprocess.check_call(["ip", "-n", namespace.replace("host", "guest"),
                               "neigh", "flush", "all"])
        assert client.ask("conditions")["vifs"] == vifs


def foreign():
    """An address that is asked for is none that packets go to."""
    client, _ = session()
    with client:
        for other in ("00:11:22:33:44:55", "ff:ff:ff:ff:ff:ff", "x", "$(reboot)"):
            answer = client.ask("pktgen 0 60 1 100 " + other)
            assert answer == {"error": "packets go to no address that is asked "
                              "for; use one version at both ends"}, answer


def joins():
    """A vif is the client's once it has come by it."""
    client, name = session()
    with client:
        assert "error" in client.ask("count 1")
        other = Client(1)
        assert other.hello(name) == {"session": name}
        assert other.line() is None
        assert client.ask("count 1")["in"] >= 0
        answer = client.ask("conditions")
        assert [v["handle"] for v in answer["vifs"]] == [0, 1], answer


if __name__ == "__main__":
    globals()[CASE](*WORDS)
