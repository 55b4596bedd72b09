#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Lists lines not reached in the functions that a series of patches changes.

usage: coverage.py PATCHED STOCK <OUTPUT_OF_GCOV
PATCHED and STOCK are directories of the same files with and without the series.
"""
import difflib
import json
import os
import sys

NAMES = ("grant_table.c", "iotask.c", "pv_grant_table.c", "hvm_grant_table.c")


def lines_of(path):
    """A file's lines; none if there is no such file."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as f:
        return f.readlines()


def changed(old, new):
    """Numbers of the lines of new that differ from old."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    numbers = set()
    for tag, _, _, first, last in matcher.get_opcodes():
        if tag != "equal":
            numbers.update(range(first + 1, max(last, first + 1) + 1))
    return numbers


def report(name, text, differing, data):
    """Prints what was not reached; returns the numbers of lines."""
    reached = total = 0
    counts = {}
    for line in data["lines"]:
        n = line["line_number"]
        counts[n] = counts.get(n, 0) + line["count"]
    for fn in data["functions"]:
        body = range(fn["start_line"], fn["end_line"] + 1)
        if not differing.intersection(body):
            continue
        for n in body:
            if n not in counts:
                continue
            total += 1
            reached += counts[n] > 0
            if not counts[n]:
                where = f"{name}:{n} {fn['name']}"
                print(f"{where}: {text[n - 1].strip()}")
    return reached, total


def main():
    """Reads gcov's output, one JSON document a line."""
    patched, stock = sys.argv[1:]
    reached = total = 0
    for document in sys.stdin:
        for data in json.loads(document)["files"]:
            name = os.path.basename(data["file"])
            if name not in NAMES:
                continue
            new = lines_of(os.path.join(patched, name))
            differing = changed(lines_of(os.path.join(stock, name)), new)
            r, t = report(name, new, differing, data)
            print(f"# {name}: {r} of {t} lines")
            reached, total = reached + r, total + t
    percent = 100 * reached / total
    print(f"# {percent:.1f} % of {total} lines of the changed functions")


if __name__ == "__main__":
    main()
