#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A xenstore of one domain, with as much of the protocol of xen/io/xs_wire.h as
the agent needs: to read, write, remove, list and watch.

usage: store.py SOCKET
"""

import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from wire import HEADER, listen, receive  # noqa: E402

DIRECTORY, READ, WATCH, WRITE, RM, EVENT, ERROR = 1, 2, 4, 11, 13, 15, 16
HOME = "/local/domain/0/"

nodes, watches = {}, []
lock = threading.Lock()


def absolute(path):
    return path if path.startswith(("/", "@")) else HOME + path


def is_in(path, directory):
    return path == directory or path.startswith(directory + "/")


def send(connection, kind, request, payload):
    try:
        connection.sendall(HEADER.pack(kind, request, 0, len(payload)) +
                           payload)
    except OSError:
        pass    # its own thread will see that it is gone


def fire(path):
    """An event names the node as the watch names its directory."""
    for connection, watched, token in watches:
        if not is_in(path, absolute(watched)):
            continue
        name = watched + path[len(absolute(watched)):]
        send(connection, EVENT, 0, f"{name}\0{token}\0".encode())


def directory(path):
    below = {p[len(path) + 1:].split("/")[0] for p in nodes
             if p.startswith(path + "/")}
    return b"".join(name.encode() + b"\0" for name in sorted(below))


def answer(connection, kind, payload):
    """The reply, and what has changed by it."""
    name, _, rest = payload.partition(b"\0")
    path = absolute(name.decode())
    if kind == READ:
        value = nodes.get(path)
        return ((ERROR, b"ENOENT\0") if value is None else (READ, value)), None
    if kind == DIRECTORY:
        names = directory(path)
        known = names or path in nodes
        return ((kind, names) if known else (ERROR, b"ENOENT\0")), None
    if kind == WRITE:
        nodes[path] = rest
        return (kind, b"OK\0"), path
    if kind == RM:
        for node in [p for p in nodes if is_in(p, path)]:
            del nodes[node]
        return (kind, b"OK\0"), path
    if kind == WATCH:
        watches.append((connection, name.decode(),
                        rest.rstrip(b"\0").decode()))
        return (kind, b"OK\0"), None
    return (ERROR, b"ENOSYS\0"), None


def serve(connection):
    try:
        while (head := receive(connection, HEADER.size)) is not None:
            kind, request, _, length = HEADER.unpack(head)
            payload = receive(connection, length)
            if payload is None:
                break
            with lock:
                reply, changed = answer(connection, kind, payload)
                send(connection, reply[0], request, reply[1])
                if kind == WATCH:    # it fires once to begin with
                    send(connection, EVENT, 0, payload)
                if changed:
                    fire(changed)
    except OSError:
        pass
    finally:
        with lock:
            watches[:] = [w for w in watches if w[0] is not connection]


def main():
    listen(sys.argv[1], serve)


if __name__ == "__main__":
    main()
