#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Puts the table of two reports, one of each clock, between the lines
"<!-- table -->" and "<!-- /table -->" of a file:

    table.py WALL.json ICOUNT.json FILE
"""

import json
import re
import sys
from pathlib import Path

from report import base_of, find, number, ratio

HEAD = ["cell", "unit", "wall: stock", "DRB", "ratio", "icount: stock", "DRB",
        "ratio", "mode iotask over grants", "bound", "events/packet: stock",
        "DRB"]


def shown(cell):
    if not cell:
        return "-"
    mark = "*" * bool(cell["disturbed"])
    return f"{number(cell['median'])}{mark} ±{cell['spread_percent'] / 2:.0f} %"


def events(cell):
    return f"{cell['per_packet']['event_sends']:.4f}" if cell else "-"


def row(name, metric, wall, icount):
    line = [name, metric]
    for cells in (wall, icount):
        drb = find(cells, name, "drb", metric)
        line += [shown(find(cells, name, "stock", metric)), shown(drb),
                 ratio(drb, drb and base_of(cells, drb), 2)]
    drb = find(icount, name, "drb", metric)
    return line + [ratio(find(icount, name, "drb-iotask", metric), drb, 3),
                   shown(find(icount, name, "bound", metric)),
                   events(find(icount, name, "stock", metric)), events(drb)]


def table(wall, icount):
    names = dict.fromkeys((c["id"], c["metric"]) for c in icount + wall)
    lines = [HEAD, ["---"] * len(HEAD),
             *(row(*name, wall, icount) for name in names)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def main():
    wall, icount = (json.loads(Path(p).read_text("utf-8"))["cells"]
                    for p in sys.argv[1:3])
    file = Path(sys.argv[3])
    text, found = re.subn(r"(<!-- table -->\n).*?(<!-- /table -->)",
                          lambda m: m[1] + table(wall, icount) + m[2],
                          file.read_text("utf-8"), flags=re.DOTALL)
    if not found:
        sys.exit(f"table.py: {file} has no place for the table")
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
