#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Learns how far apart the host's CPUs are, before anything is measured.

    distances.py PROGRAM SECONDS OUT.json

PROGRAM prints one distance in ns (testbed/distance.c).  Writes all of them, and
prints up to which one a sample is taken; 0: there is no state that is worth
waiting for (states.py)."""

import json
import subprocess
import sys
import time
from pathlib import Path

from states import histogram, waits_for


def measure(program, seconds):
    distances, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        done = subprocess.run([program], stdout=subprocess.PIPE, check=False)
        if done.returncode:  # there is but one CPU
            break
        distances.append(int(done.stdout))
    return distances


def main():
    program, seconds, out = sys.argv[1:]
    distances = measure(program, float(seconds))
    limit = waits_for(distances)
    for line in histogram(distances):
        print(f"CPUs of the host apart: {line}", file=sys.stderr)
    Path(out).write_text(json.dumps({"ns": distances, "near": limit}) + "\n")
    print(limit or 0)


if __name__ == "__main__":
    main()
