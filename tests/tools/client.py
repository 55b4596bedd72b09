# SPDX-License-Identifier: GPL-2.0
"""What the tests of drb-bench --serve have in common: a client that does what it
is told. Arguments of the program: PORT ADDRESS TOKEN [ADDRESS TOKEN]..., of vif 0,
vif 1 and so on."""

import json
import socket
import sys

PORT = int(sys.argv[1])
ADDRESSES = sys.argv[2::2]
TOKENS = sys.argv[3::2]


class Client:
    """A connection by way of a vif."""

    def __init__(self, vif=0, source=""):
        self.vif = vif
        self.sock = socket.create_connection((ADDRESSES[vif], PORT), timeout=20,
                                             source_address=(source, 0))
        self.file = self.sock.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.sock.close()

    def send(self, data):
        """What the server does not want to read does not matter."""
        try:
            self.sock.sendall(data)
        except (ConnectionResetError, BrokenPipeError):
            pass

    def line(self):
        """The next line, or None: there are no more."""
        try:
            line = self.file.readline()
        except ConnectionResetError:
            return None
        return json.loads(line) if line else None

    def ask(self, line):
        self.send(line.encode("latin-1") + b"\n")
        return self.line()

    def hello(self, *session):
        return self.ask(" ".join(["hello", TOKENS[self.vif], *session]))


def session(vif=0):
    """One that has shown its token, and the name of its session."""
    client = Client(vif)
    answer = client.hello()
    assert set(answer) == {"session"}, answer
    return client, answer["session"]
