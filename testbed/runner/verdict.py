# SPDX-License-Identifier: GPL-2.0
"""Follows what dom0 says and decides what the run has shown."""

import io
import json
import os
import re
import select
import subprocess
import tarfile
import time

from . import hang, machine as mc

LOGS_SECONDS = 90
SHUTDOWN_SECONDS = 180
FATAL = re.compile(rb"Kernel panic|Oops|\bBUG\b|WARNING:|Panic on CPU|"
                   rb"FATAL|crashed: rebooting|general protection")
# What a hypervisor built for debugging finds wrong with itself.
XEN_TROUBLE = re.compile(rb"Assertion |UBSAN: |Xen (WARN|BUG) at|"
                         rb"list(_add|_del)? corruption|Panic on CPU")


class Marks:
    """The share of the host's CPUs that others used between two marks."""

    def __init__(self, machine, path):
        self.machine, self.path, self.open = machine, path, {}

    def sample(self):
        return (time.monotonic(), mc.host_busy_seconds(),
                self.machine.cpu_seconds())

    def begin(self, name):
        self.open[name] = self.sample()

    def end(self, name):
        """The percentage, or None where nothing was begun."""
        if name not in self.open:
            return None
        wall, busy, own = (b - a for a, b in
                           zip(self.open.pop(name), self.sample()))
        share = 100 * max(0.0, busy - own) / (wall * os.cpu_count() or 1)
        with open(self.path, "a", encoding="utf-8") as file:
            json.dump({"id": name, "seconds": round(wall, 3),
                       "foreign_percent": round(share, 1)}, file)
            file.write("\n")
        return share


def distance(program):
    """How far apart the host's CPUs are just now (distance.c), in ns; None
    where nobody measures it."""
    if not program:
        return None
    done = subprocess.run([program], stdout=subprocess.PIPE, check=False)
    return int(done.stdout) if done.returncode == 0 else None


class Verdict:
    """What has been said so far. A run is good only when something passed,
    nothing failed, and dom0 reached its end."""

    def __init__(self, machine, out, started, distance_program):
        self.machine, self.out, self.started = machine, out, started
        self.distance_program = distance_program
        self.passed, self.failures, self.skipped = [], [], []
        self.notes, self.expected_crashes = [], set()
        self.done, self.stopped, self.last = False, False, "nothing"
        self.got_on = time.monotonic()      # when there last was something new
        self.marks = Marks(machine, out / "marks.jsonl")

    def show(self, text):
        elapsed = time.monotonic() - self.started
        self.last = f"{text} ({elapsed:.0f} s)"
        print(f"[{elapsed:6.1f}] {text}", flush=True)

    def failure(self, text):
        self.failures.append(text)
        self.show(f"FAIL {text}")

    def good(self):
        return self.done and bool(self.passed) and not self.failures

    def hear(self, line):
        """One message. True: the run is over."""
        tag, _, text = line.partition(" ")
        handler = getattr(self, "on_" + tag.lower(), None)
        if handler is None:
            self.failure(f"unknown message: {line}")
            return False
        return bool(handler(text))

    def answer(self, text):
        self.machine.verdict.sendall(text.encode() + b"\n")

    def on_pass(self, text):
        self.got_on = time.monotonic()
        self.passed.append(text)
        self.show(f"pass {text}")

    def on_fail(self, text):
        self.failure(text)

    def on_skip(self, text):
        self.skipped.append(text)
        self.show(f"skip {text}")

    def on_note(self, text):
        self.notes.append(text)
        self.show(text)

    def on_progress(self, text):
        self.got_on = time.monotonic()
        self.show(text)

    def on_data(self, text):
        with open(self.out / "data.jsonl", "a", encoding="utf-8") as file:
            file.write(text + "\n")

    def on_mark(self, text):
        verb, _, name = text.partition(" ")
        if verb == "begin":
            self.marks.begin(name)
            answer = "ok"
        else:
            share = self.marks.end(name)
            answer = "unknown" if share is None else f"{share:.1f}"
        self.answer(answer)

    def on_distance(self, _text):
        ns = distance(self.distance_program)
        self.answer("unknown" if ns is None else str(ns))

    def on_clock(self, _text):
        self.answer(f"{100 * (time.monotonic() - self.started):.0f}")

    def on_expect_crash(self, text):
        self.expected_crashes.add(text)

    def on_crash(self, text):
        if text in self.expected_crashes:
            self.show(f"{text} crashed, as expected")
            return False
        self.failure(f"domain {text} crashed")
        return True

    def on_kernel(self, text):
        name, _, message = text.partition(" ")
        if name not in self.expected_crashes:
            self.failure(f"kernel log of {name}: {message}")

    def on_done(self, text):
        if text != "0":
            self.failure(f"the script ended with exit code {text}")
        if not self.passed and not self.failures:
            self.failure("nothing was checked")
        self.done = True
        return True

    def interrupted(self):
        """Somebody has had enough; what is there is kept."""
        self.stopped = True
        self.failure("interrupted")

    def machine_stopped(self):
        console = (self.out / "console.log").read_bytes().splitlines()
        qemu = (self.out / "qemu.log").read_bytes().splitlines()
        line = next((t for t in console if FATAL.search(t)),
                    qemu[-1] if qemu else b"")
        self.failure("the machine stopped before the verdict: " +
                     line.decode(errors="replace").strip())

    def read_console(self):
        """All that the hypervisor has said, which `xl dmesg` forgets."""
        kinds = set()
        for line in (self.out / "console.log").read_bytes().splitlines():
            found = XEN_TROUBLE.search(line)
            if found and found.group() not in kinds:
                kinds.add(found.group())
                self.failure("hypervisor: " +
                             line.decode(errors="replace").strip())

    def save(self):
        with open(self.out / "verdict.json", "w", encoding="utf-8") as file:
            json.dump({"good": self.good(), "passed": self.passed,
                       "failures": self.failures, "skipped": self.skipped,
                       "notes": self.notes,
                       "seconds": round(time.monotonic() - self.started, 1)},
                      file, indent=1)
            file.write("\n")


def follow(machine, verdict, seconds):
    """Hears dom0 until it is done, the machine stops, or it does not get on for so
    long.  The whole run has no limit: a slow host takes longer, and gets on."""
    pending = b""
    while time.monotonic() < verdict.got_on + seconds:
        readable, _, _ = select.select([machine.verdict], [], [], 1)
        chunk = machine.verdict.recv(65536) if readable else None
        if chunk == b"":
            verdict.machine_stopped()
            return
        if chunk:
            *lines, pending = (pending + chunk).split(b"\n")
            # No short cut: whatever came with the last line still counts.
            ends = [verdict.hear(t.decode(errors="replace")) for t in lines]
            if any(ends):
                return
    last, blocked = verdict.last, hang.interrogate(machine)
    verdict.failure(f"no progress for {seconds:g} s, the last word was: {last}; "
                    f"dom0's blocked tasks: {blocked}")


def receive(sock, deadline, enough):
    data = b""
    while not enough(data):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([sock], [], [], left)[0]:
            return None
        chunk = sock.recv(1 << 20)
        if not chunk:
            return None
        data += chunk
    return data


def fetch_logs(machine, out, factor):
    """Asks dom0 for its logs; a dead dom0 leaves only the console."""
    deadline = time.monotonic() + LOGS_SECONDS * factor
    try:
        machine.logs.sendall(b"logs\n")
    except OSError:
        return False
    data = receive(machine.logs, deadline, lambda d: complete(d) is not None)
    if data is None:
        return False
    with tarfile.open(fileobj=io.BytesIO(complete(data))) as tar:
        tar.extractall(out / "logs", [m for m in tar if not m.issym()])
    return True


def shut_down(machine, result, factor):
    """An installed system stops in good order, so that its disk is what the
    next boot is to find."""
    try:
        machine.logs.sendall(b"reboot\n")
        machine.process.wait(SHUTDOWN_SECONDS * factor)
    except (OSError, subprocess.TimeoutExpired):
        result.failure("the system did not shut down")


def complete(data):
    """The archive behind its length, or None while some of it is missing."""
    size, newline, archive = data.partition(b"\n")
    if not newline or len(archive) < int(size):
        return None
    return archive[:int(size)]
