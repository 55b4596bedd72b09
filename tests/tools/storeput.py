#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes to a xenstore: storeput.py SOCKET PATH VALUE"""

import socket
import sys

from wire import HEADER, WRITE, receive


def main():
    where, path, value = sys.argv[1:]
    payload = f"{path}\0{value}".encode("latin-1")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(where)
        connection.sendall(HEADER.pack(WRITE, 0, 0, len(payload)) + payload)
        head = receive(connection, HEADER.size)
        return HEADER.unpack(head)[0] != WRITE


if __name__ == "__main__":
    sys.exit(main())
