# SPDX-License-Identifier: GPL-2.0
"""Has a machine that hangs say on its console what it is doing: Xen answers
its debug keys even where no domain does, dom0's kernel its SysRq keys."""

import re
import select
import time

SWITCH = b"\x01\x01\x01"  # Ctrl-A: the console's input to Xen, or back to dom0
SYSRQ = b"\x0f"  # Ctrl-O, on a console of the hypervisor
# Domains and their virtual CPUs, run queues, event channels, every CPU's and
# dom0's registers.
XEN_KEYS = (b"q", b"r", b"e", b"d", b"0")
# Tasks that are blocked, and what runs on every CPU.
DOM0_KEYS = (b"w", b"l")
ANSWER_SECONDS = 2


def answer(console):
    said = b""
    deadline = time.monotonic() + ANSWER_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        if select.select([console], [], [], left)[0]:
            chunk = console.recv(1 << 16)
            if not chunk:
                break
            said += chunk
    return said


def interrogate(machine):
    """The names of dom0's blocked tasks, "none" only if dom0 has answered; all
    the rest is on the console."""
    said = b""
    try:
        with machine.open_console() as console:
            for keys in (SWITCH, *XEN_KEYS, SWITCH,
                         *(SYSRQ + k for k in DOM0_KEYS)):
                console.sendall(keys)
                said += answer(console)
    except OSError as error:  # the emulator has gone; the verdict is to be kept
        return f"cannot ask ({error})"
    if b"sysrq: Show Blocked State" not in said:
        return "no answer"
    return ", ".join(t.decode(errors="replace") for t in
                     re.findall(rb"task:(\S+) +state:D", said)) or "none"
