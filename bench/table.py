#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Puts the tables of two clocks into a file:

    table.py [FILE [ICOUNT.json WALL.json...]]

The one of ICOUNT.json goes between the lines "<!-- icount -->" and
"<!-- /icount -->", that of the others between "<!-- wall -->" and
"<!-- /wall -->".  Rates on the wall clock are those of the first WALL.json,
ratios those of each.  What is not named is docs/performance.md, and the
reports in docs/results."""

import json
import re
import sys
from pathlib import Path

from report import base_of, find, number, ratio

DOCS = Path(__file__).parents[1] / "docs"


def shown(cell):
    if not cell:
        return "-"
    mark = "*" * bool(cell["disturbed"])
    return f"{number(cell['median'])}{mark} ±{cell['spread_percent'] / 2:.0f} %"


def events(cell):
    return f"{cell['per_packet']['event_sends']:.4f}" if cell else "-"


def over_stock(cells, name, metric):
    drb = find(cells, name, "drb", metric)
    return ratio(drb, drb and base_of(cells, drb), 2)


def rates(cells, name, metric):
    return [shown(find(cells, name, path, metric)) for path in ("stock", "drb")]


def names(cells):
    return dict.fromkeys((c["id"], c["metric"]) for c in cells)


def icount_rows(cells):
    yield ["cell", "unit", "stock", "DRB", "ratio", "iotask over grants",
           "bound", "events: stock", "DRB"]
    for name, metric in names(cells):
        stock, drb, task, bound = (find(cells, name, path, metric) for path in
                                   ("stock", "drb", "drb-iotask", "bound"))
        yield [name, metric, *rates(cells, name, metric),
               over_stock(cells, name, metric), ratio(task, drb, 3),
               shown(bound), events(stock), events(drb)]


def wall_rows(walls):
    yield ["cell", "unit", "stock", "DRB", *(f"`{w}`" for w in walls)]
    first = next(iter(walls.values()))
    for name, metric in names(first):
        yield [name, metric, *rates(first, name, metric),
               *(over_stock(cells, name, metric) for cells in walls.values())]


def table(rows):
    head, *lines = rows
    return "".join("| " + " | ".join(line) + " |\n"
                   for line in (head, ["---"] * len(head), *lines))


def put(text, mark, rows):
    text, found = re.subn(rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)",
                          lambda m: m[1] + table(rows) + m[2],
                          text, flags=re.DOTALL)
    if not found:
        sys.exit(f"table.py: the file has no place for the table: {mark}")
    return text


def main():
    results = DOCS / "results"
    file = Path(*sys.argv[1:2] or [DOCS / "performance.md"])
    reports = [Path(r) for r in sys.argv[2:]] or \
        [results / "icount.json", *sorted(results.glob("wall*.json"))]
    icount, *walls = (json.loads(r.read_text("utf-8"))["cells"]
                      for r in reports)
    walls = {r.stem: cells for r, cells in zip(reports[1:], walls)}
    text = put(file.read_text("utf-8"), "icount", icount_rows(icount))
    file.write_text(put(text, "wall", wall_rows(walls)), encoding="utf-8")


if __name__ == "__main__":
    main()
