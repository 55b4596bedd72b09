#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A xenstore on sockets, whose content is as bad as may be.

usage: store.py SOCKET TREE.json [SOCKET1]

TREE maps paths to values; "\\u00XX" is the byte XX. Directories come from the
paths. It answers in the protocol of xen/io/xs_wire.h what drbctl and drb-bench ask,
on SOCKET as domain 0 and on SOCKET1 as domain 1, and stays until it is killed. What
is changed is printed on standard error: the domain's number, what it does, the path
and what is written there, a line each.
"""

import json
import sys
import threading

from wire import DIRECTORY, ERROR, HEADER, LONGEST, PART, READ, RM, SET_PERMS, \
    WRITE, listen, receive

NAMES = {WRITE: "write", RM: "rm", SET_PERMS: "set_perms"}


class Tree:
    """Values by path, and the names below each path."""

    def __init__(self, values):
        self.values = {}
        self.below = {}
        for path, value in values.items():
            self.write(path, value.encode("latin-1"))

    def write(self, path, value):
        self.values[path] = value
        parts = path.strip("/").split("/")
        for i, name in enumerate(parts):
            above = "/" + "/".join(parts[:i])
            self.below.setdefault(above.rstrip("/") or "/", {})[name] = 1

    def remove(self, path):
        """Only what has nothing below it."""
        above, _, name = path.rpartition("/")
        self.below[above].pop(name)
        return self.values.pop(path)

    def directory(self, path):
        names = self.below.get(path)
        if names is None:
            return b"" if path in self.values else None
        return b"".join(n.encode("latin-1") + b"\0" for n in names)


def absolute(domain, payload):
    path = payload.split(b"\0", 1)[0].decode("latin-1")
    return path if path.startswith("/") else f"/local/domain/{domain}/{path}"


def part(tree, path, payload):
    """A piece of a directory that is too long for one answer."""
    offset = int(payload.split(b"\0")[1])
    names = tree.directory(path)
    if names is None:
        return ERROR, b"ENOENT\0"
    piece = names[offset:offset + LONGEST - 64]
    last = offset + len(piece) == len(names)
    return PART, b"1\0" + piece + (b"\0" if last else b"")


def change(tree, domain, kind, path, payload):
    value = payload.split(b"\0", 1)[1]
    if kind != WRITE and path not in tree.values:
        return ERROR, b"ENOENT\0"
    if kind == WRITE:
        tree.write(path, value)
    elif kind == RM:
        tree.remove(path)
    text = value.replace(b"\0", b" ").decode("latin-1").strip()
    print(domain, NAMES[kind], path, text, file=sys.stderr, flush=True)
    return kind, b"OK\0"


def answer(tree, domain, kind, payload):
    path = absolute(domain, payload)
    if kind == READ:
        value = tree.values.get(path, b"" if path in tree.below else None)
        return (ERROR, b"ENOENT\0") if value is None else (READ, value)
    if kind == DIRECTORY:
        names = tree.directory(path)
        if names is None:
            return ERROR, b"ENOENT\0"
        return (ERROR, b"E2BIG\0") if len(names) > LONGEST else (kind, names)
    if kind == PART:
        return part(tree, path, payload)
    if kind in NAMES:
        return change(tree, domain, kind, path, payload)
    return ERROR, b"ENOSYS\0"


def serve(tree, domain, connection):
    with connection:
        while (head := receive(connection, HEADER.size)) is not None:
            kind, request, transaction, length = HEADER.unpack(head)
            payload = receive(connection, length) if length else b""
            kind, reply = answer(tree, domain, kind, payload)
            connection.sendall(
                HEADER.pack(kind, request, transaction, len(reply)) + reply)


def main():
    path, source, *others = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        tree = Tree(json.load(file))
    for domain, other in enumerate(others, 1):
        threading.Thread(target=listen, args=(other, serve, tree, domain),
                         daemon=True).start()
    listen(path, serve, tree, 0)


if __name__ == "__main__":
    main()
