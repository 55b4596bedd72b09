#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A xenstore to read from, on a socket, whose content is as bad as may be.

usage: store.py SOCKET TREE.json

TREE maps paths to values; "\\u00XX" is the byte XX. Directories come from the
paths. It answers in the protocol of xen/io/xs_wire.h what drbctl asks, and
stays until it is killed.
"""

import json
import sys

from wire import HEADER, listen, receive

DIRECTORY, READ, ERROR, PART = 1, 2, 16, 22
LONGEST = 4096


class Tree:
    """Values by path, and the names below each path."""

    def __init__(self, values):
        self.values = {p: v.encode("latin-1") for p, v in values.items()}
        self.below = {}
        for path in self.values:
            parts = path.strip("/").split("/")
            for i, name in enumerate(parts):
                above = "/" + "/".join(parts[:i])
                self.below.setdefault(above.rstrip("/") or "/", {})[name] = 1

    def directory(self, path):
        names = self.below.get(path)
        if names is None:
            return b"" if path in self.values else None
        return b"".join(n.encode("latin-1") + b"\0" for n in names)


def absolute(payload):
    path = payload.split(b"\0", 1)[0].decode("latin-1")
    return path if path.startswith("/") else "/local/domain/0/" + path


def part(tree, payload):
    """A piece of a directory that is too long for one answer."""
    offset = int(payload.split(b"\0")[1])
    names = tree.directory(absolute(payload))
    if names is None:
        return ERROR, b"ENOENT\0"
    piece = names[offset:offset + LONGEST - 64]
    last = offset + len(piece) == len(names)
    return PART, b"1\0" + piece + (b"\0" if last else b"")


def answer(tree, kind, payload):
    path = absolute(payload)
    if kind == READ:
        value = tree.values.get(path, b"" if path in tree.below else None)
        return (ERROR, b"ENOENT\0") if value is None else (READ, value)
    if kind == DIRECTORY:
        names = tree.directory(path)
        if names is None:
            return ERROR, b"ENOENT\0"
        return (ERROR, b"E2BIG\0") if len(names) > LONGEST else (kind, names)
    if kind == PART:
        return part(tree, payload)
    return ERROR, b"ENOSYS\0"


def serve(tree, connection):
    with connection:
        while (head := receive(connection, HEADER.size)) is not None:
            kind, request, transaction, length = HEADER.unpack(head)
            payload = receive(connection, length) if length else b""
            kind, reply = answer(tree, kind, payload)
            connection.sendall(
                HEADER.pack(kind, request, transaction, len(reply)) + reply)


def main():
    path, source = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        tree = Tree(json.load(file))
    listen(path, serve, tree)


if __name__ == "__main__":
    main()
