#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes the table of bench/scale.sh: scale.py RAW-DIRECTORY REPORT-DIRECTORY.
Exit code 1 if a cell needs more than LIMIT times the instructions per packet
of one queue of one guest."""

import json
import statistics
import sys
from pathlib import Path

LIMIT = 1.1


def load(path):
    """{(cell, number): [a sample's record, ...]}"""
    cells = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        cells.setdefault((record["cell"], record["number"]), []).append(record)
    return cells


def row(samples):
    """Of one cell: medians per packet, and the half range in percent."""
    costs = [s["ns"] / s["packets"] for s in samples]
    median = statistics.median(costs)
    return {
        "samples": len(costs), "instructions": round(median),
        "spread_percent": round(50 * (max(costs) - min(costs)) / median, 1),
        **{key: round(statistics.median(s["xen"][key] / s["packets"]
                                        for s in samples), 4)
           for key in ("event_calls", "interrupts", "context_switches")},
    }


def rows(cells):
    """The rows, each with its ratio to one of the same cell."""
    result = []
    for cell, number in sorted(cells):
        one = row(cells[cell, 1])["instructions"]
        line = row(cells[cell, number])
        result.append({"cell": cell, "number": number, **line,
                       "ratio": round(line["instructions"] / one, 3)})
    return result


def main():
    raw, out = map(Path, sys.argv[1:])
    table = rows(load(raw / "data.jsonl"))
    conditions = json.loads((raw / "conditions.json").read_text("utf-8"))
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "scale.json", "w", encoding="utf-8") as file:
        json.dump({"conditions": conditions, "rows": table}, file, indent=1)
        file.write("\n")
    print("| cell | number | instructions per packet | ratio | events | "
          "interrupts | switches |\n" + "| --- " * 7 + "|")
    for r in table:
        print(f"| {r['cell']} | {r['number']} | {r['instructions']} "
              f"±{r['spread_percent']} % | {r['ratio']:.2f} | "
              f"{r['event_calls']} | {r['interrupts']} | "
              f"{r['context_switches']} |")
    return any(r["ratio"] > LIMIT for r in table)


if __name__ == "__main__":
    sys.exit(main())
