# SPDX-License-Identifier: GPL-2.0
"""What the tests' xenstores have in common: messages of xen/io/xs_wire.h on a
socket."""

import os
import socket
import struct
import threading

HEADER = struct.Struct("=IIII")     # kind, request, transaction, length
DIRECTORY, READ, WRITE, RM, SET_PERMS, ERROR, PART = 1, 2, 11, 13, 14, 16, 22
LONGEST = 4096


def receive(connection, length):
    """None: the other end is gone."""
    data = b""
    while len(data) < length:
        more = connection.recv(length - len(data))
        if not more:
            return None
        data += more
    return data


def listen(path, serve, *args):
    """serve(*args, connection) for each connection, until killed. The socket has
    its name only once it can be connected to."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path + ".new")
    listener.listen()
    os.rename(path + ".new", path)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(*args, connection),
                         daemon=True).start()
