#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Gives the samples of samples.json to drb-bench and to bench/report.py, each in
its own form, and compares what the two make of them.

usage: agree.py DRB-BENCH DIR

The samples: by cell, of stock and of DRB, numbers of one decimal, whose medians
both print in full; from so few that there is no interval to more than either
counts out exactly."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BENCH = HERE.parent.parent / "bench"
sys.path[:0] = [str(HERE), str(BENCH)]
import benchraw  # noqa: E402
import stats     # noqa: E402

# The critical values of the test at 5 %, both sides, as in any book of tables,
# and one more: where the interval ends. 0: there is none.
RANKS = {(3, 3): 0, (2, 7): 0, (2, 8): 1, (3, 5): 1, (4, 4): 1, (4, 5): 2,
         (5, 5): 3, (5, 8): 7, (6, 6): 6, (7, 7): 9, (8, 8): 14, (9, 9): 18,
         (10, 10): 24, (11, 11): 31}
METRICS = {"tcp": ["mbit"], "rtt": ["us_p50", "us_p99"]}
XEN = {"ns": 10**9, "devices": {}, "xen": dict.fromkeys(
    ["grant_calls", "event_calls", "hypercalls", "interrupts", "ipis",
     "tlb_flushes", "context_switches", "iotask_entries"], 1)}


def values(cell, value):
    return dict.fromkeys(METRICS[cell[:3]], value)


def listed(samples):
    """Cell, path and value of each."""
    return [(cell, path, value) for cell, paths in samples.items()
            for path, numbers in paths.items() for value in numbers]


def of_drb_bench(program, samples, out):
    raw = benchraw.run()
    raw["samples"] = [
        {"cell": cell, "handle": int(path == "drb"), "foreign": 0,
         "round": 1, "values": values(cell, value)}
        for cell, path, value in listed(samples)]
    out.mkdir(parents=True, exist_ok=True)
    (out / "raw.json").write_text(json.dumps(raw), encoding="utf-8")
    said = subprocess.run([program, "report", out], check=True, text=True,
                          stdout=subprocess.PIPE, env={"PATH": "/none"},
                          stderr=subprocess.DEVNULL).stdout
    report = json.loads((out / "report.json").read_text("utf-8"))
    return said, {(c["cell"], ("stock", "drb")[c["handle"]], c["metric"]): c
                  for c in report["cells"]}


def of_report_py(samples, raw, out):
    raw.mkdir(parents=True, exist_ok=True)
    (raw / "conditions.json").write_text('{"clock": "wall"}', encoding="utf-8")
    with open(raw / "data.jsonl", "w", encoding="utf-8") as file:
        for cell, path, value in listed(samples):
            sample = {"id": cell, "path": path, "foreign": 0, "limit": 10,
                      "retries": 0, "us_avg": value, "xen": XEN,
                      "distance": [None, None],
                      **values(cell, value)}
            file.write(json.dumps(sample) + "\n")
    said = subprocess.run([BENCH / "report.py", raw, out], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    report = json.loads((out / "report.json").read_text("utf-8"))
    return said, {(c["id"], c["path"], c["metric"]): c for c in report["cells"]}


def line_of(said, key):
    """Of a table: the line of this cell and metric, and of DRB if there are two."""
    return [" ".join(line.split()) for line in said.splitlines()
            if line.split()[:2] == [key[0], key[2]]][-1]


def differences(one, other):
    (one_said, one_cells), (other_said, other_cells) = one, other
    if one_cells.keys() != other_cells.keys():
        yield "they do not have the same cells"
        return
    for key, cell in one_cells.items():
        if float(f"{other_cells[key]['median']:.6g}") != cell["median"]:
            yield f"{key}: median {cell['median']}, " \
                f"{other_cells[key]['median']}"
        if key[1] == "stock":
            continue
        ratio = cell["ratio_to_stock"]
        if ratio != other_cells[key]["ratio_to_stock"]:
            yield f"{key}: {ratio}, {other_cells[key]['ratio_to_stock']}"
        if ratio["high"] and not ratio["low"] <= ratio["value"] <= ratio["high"]:
            yield f"{key}: the ratio is not in its interval: {ratio}"
        text = f"{ratio['value']:.2f}"
        if f" {text} " not in line_of(other_said, key):
            yield f"{key}: report.py does not print {text}"
        if ratio["high"]:
            text += f" ({ratio['low']:.2f} to {ratio['high']:.2f})"
        if not line_of(one_said, key).endswith(" " + text):
            yield f"{key}: drb-bench does not print {text}"


def main():
    program, out = sys.argv[1], Path(sys.argv[2])
    samples = json.loads((HERE / "samples.json").read_text("utf-8"))
    found = [f"{sizes}: rank {stats.rank(*sizes)}, {rank} in the tables"
             for sizes, rank in RANKS.items() if stats.rank(*sizes) != rank]
    found += differences(of_drb_bench(program, samples, out / "drb-bench"),
                         of_report_py(samples, out / "raw", out / "report"))
    print("\n".join(found))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
