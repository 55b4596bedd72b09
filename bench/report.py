#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Turns the samples of a bench run into report.json, report.md and a table.

    report.py RAW_DIR OUT_DIR

RAW_DIR is what run.py left: data.jsonl with one line per sample (see
bench.sh), conditions.json and verdict.json.  Rates are taken from the
receiver; counts of the hypervisor are divided by the packets of the same
window (packet cells), by 1500 bytes (stream cells) or by round trips."""

import json
import statistics
import sys
from pathlib import Path

import stats

STREAM_UNIT = 1500
COUNTS = {
    "grant_calls": "grant_calls", "event_sends": "event_calls",
    "hypercalls": "hypercalls", "interrupts": "interrupts", "ipis": "ipis",
    "tlb_flushes": "tlb_flushes", "context_switches": "context_switches",
    "iotask_entries": "iotask_entries",
}
PATHS = ("stock", "drb", "drb-iotask", "drb-lend", "bound")


def packet_rate(sample):
    """Packets per second that the receiver counted in its window. A receiver
    may be a dummy device, which swallows what is sent."""
    receiver = sample["receiver"]
    counts = next(iter(receiver["devices"].values()))
    packets = max(counts["rx_packets"], counts["tx_packets"])
    return packets * 1e9 / receiver["ns"]


def metrics(sample):
    """The sample's figures by metric, and its units per second."""
    if "receiver" in sample:
        rate = packet_rate(sample)
        return {"pps": rate}, rate
    if "mbit" in sample:
        return ({"mbit": sample["mbit"]},
                sample["mbit"] * 1e6 / 8 / STREAM_UNIT)
    return ({"us_p50": sample["us_p50"], "us_p99": sample["us_p99"]},
            1e6 / sample["us_avg"])


def units_in_window(sample, rate):
    """How many packets, times 1500 bytes or round trips Xen's counts are
    for. Stream and round trip samples carry the device's own counts of the
    same window; a packet stream is steady."""
    xen = sample["xen"]
    counts = next(iter(xen["devices"].values()), None)
    if "receiver" in sample or not counts:
        return rate * xen["ns"] / 1e9
    if "mbit" in sample:
        return max(counts["rx_bytes"], counts["tx_bytes"]) / STREAM_UNIT
    return min(counts["rx_packets"], counts["tx_packets"])


def per_packet(sample, rate):
    xen, units = sample["xen"], units_in_window(sample, rate)
    counts = {name: xen["xen"][key] / units for name, key in COUNTS.items()}
    counts["other_calls"] = (counts["hypercalls"] - counts["grant_calls"] -
                             counts["event_sends"])
    return counts


def disturbed(sample):
    """Did something else use the machine, or were its CPUs far apart?"""
    apart = max(sample.get("distance") or [0], key=lambda ns: ns or 0) or 0
    return sample["foreign"] >= sample["limit"] or \
        bool(sample.get("near")) and apart > sample["near"]


def collect(samples):
    """One cell per (id, path, metric), in order of first appearance."""
    cells = {}
    for sample in samples:
        values, rate = metrics(sample)
        counts = per_packet(sample, rate)
        for metric, value in values.items():
            key = (sample["id"], sample["path"], metric)
            cell = cells.setdefault(key, {
                "samples": [], "counts": [], "disturbed": 0, "retries": 0,
                "sent": 0, "received": 0})
            cell["samples"].append(value)
            cell["counts"].append(counts)
            cell["disturbed"] += disturbed(sample)
            cell["retries"] += sample["retries"]
            cell["sent"] += sample.get("sent", 0)
            cell["received"] += sample.get("received", 0)
    return [finish(key, cell) for key, cell in cells.items()]


def collect_costs(samples):
    """Of each operation on a task, the ns it took in the caller."""
    names = dict.fromkeys(s["cost"] for s in samples)
    return {name: sorted(s["ns"] for s in samples if s["cost"] == name)
            for name in names}


def costs_as_text(report):
    """Also what the table has to do with the packets: nothing."""
    entries = max((c["per_packet"]["iotask_entries"] for c in report["cells"]
                   if c["path"] == "drb-iotask"), default=None)
    text = [f"Entries into the table per packet, at most: {entries}."]
    unit = "instructions" if report["conditions"].get("clock") == "icount" \
        else "ns"
    text += [f"{name}: {statistics.median(ns):,.0f} {unit} "
             f"({ns[0]:,} to {ns[-1]:,}, {len(ns)} samples)"
             for name, ns in report["iotask_costs"].items()]
    return "\n".join(text)


def finish(key, raw):
    name, path, metric = key
    median = statistics.median(raw["samples"])
    cell = {
        "id": name, "path": path, "metric": metric,
        "samples": [round(v, 2) for v in raw["samples"]],
        "median": round(median, 2),
        "spread_percent": round(100 * (max(raw["samples"]) -
                                       min(raw["samples"])) / median, 1),
        "per_packet": {c: round(statistics.median(v[c] for v in raw["counts"]),
                                5) for c in raw["counts"][0]},
        "disturbed": raw["disturbed"], "retries": raw["retries"],
    }
    if raw["sent"]:
        cell["sent"], cell["received"] = raw["sent"], raw["received"]
    return cell


def find(cells, name, path, metric):
    return next((c for c in cells if (c["id"], c["path"], c["metric"]) ==
                 (name, path, metric)), None)


def base_of(cells, cell):
    """The stock cell to compare with: bursts crash stock, so there its best
    rate at that size stands in, with the far end's stack or without."""
    name, _, kind = cell["id"].rpartition("-")
    kinds = ("b1", "drop") if kind in ("b8", "b32") else (kind,)
    found = [find(cells, f"{name}-{k}", "stock", cell["metric"])
             for k in kinds]
    return max((c for c in found if c), key=lambda c: c["median"],
               default=None)


def add_ratios(cells):
    """To DRB's cells: the ratio to stock, and its 95 % interval."""
    for cell in cells:
        base = cell["path"].startswith("drb") and base_of(cells, cell)
        if base:
            found = stats.ratio(cell["samples"], base["samples"])
            cell["ratio_to_stock"] = dict(zip(
                ("value", "low", "high"),
                (v and float(f"{v:.6g}") for v in found)))


def slower(cells):
    """Cells in which DRB is slower than stock, beyond the 95 % interval."""
    for cell in cells:
        to_stock = cell.get("ratio_to_stock")
        if not to_stock or to_stock["high"] is None:
            continue
        if to_stock["low"] > 1 if cell["metric"].startswith("us_") else \
                to_stock["high"] < 1:
            yield f"{cell['id']} {cell['metric']} ({cell['path']})"


def slower_as_text(report):
    few = sum("ratio_to_stock" in c and c["ratio_to_stock"]["high"] is None
              for c in report["cells"])
    return "Slower than stock beyond the 95 % interval: " + \
        (", ".join(slower(report["cells"])) or "none") + \
        (f" (too few samples to tell: {few} cells)" if few else "") + "."


def number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def ratio(cell, base, digits):
    if not cell or not base:
        return "-"
    return f"{cell['median'] / base['median']:.{digits}f}"


def shown(cell):
    if not cell:
        return "-"
    mark = "*" * bool(cell["disturbed"])
    return f"{number(cell['median'])}{mark} ±{cell['spread_percent'] / 2:.0f}%"


def rows(cells):
    """Lines of the table: id, metric, the paths, ratios and counts."""
    seen = dict.fromkeys((c["id"], c["metric"]) for c in cells)
    for name, metric in seen:
        stock, drb, task, lend, bound = (find(cells, name, p, metric)
                                   for p in PATHS)
        base = drb and base_of(cells, drb)
        counts = ["-"] * len(SHOWN)
        if drb and stock:
            counts = [" / ".join(f"{c['per_packet'][k]:.4f}"
                                 for c in (stock, drb)) for k in SHOWN]
        yield [name, metric, shown(stock), shown(drb), shown(task), shown(lend),
               ratio(drb, base, 2), ratio(task, drb, 3), shown(bound),
               *counts]


SHOWN = ("grant_calls", "event_sends", "other_calls", "interrupts", "ipis")
HEAD = ["cell", "metric", "stock", "drb", "drb-iotask", "drb-lend", "drb/stock",
        "iotask/drb", "bound", "grants", "events", "other calls", "interrupts",
        "IPIs"]


def as_text(lines):
    widths = [max(len(r[i]) for r in lines) for i in range(len(HEAD))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(r, widths)).rstrip()
                     for r in lines)


def as_markdown(report, lines):
    cond = report["conditions"]
    text = ["# DRB beside the stock path", "",
            "Medians, with half the range of the samples. Counts are "
            "stock / drb, of grant operations, event channel operations, "
            "other hypercalls, interrupts and IPIs: per packet, per 1500 "
            "bytes (tcp) or per round trip (rtt). Lower is better for us_p50 "
             "and us_p99. In drop and burst cells the far end drops as early "
             "as it can (XDP, tc). Burst cells are compared with stock's best "
             "rate at that size, without bursts: they crash stock. "
             "A star: a sample was disturbed by other load, "
            f"over {report['limit']} % of the host's CPUs" +
            (f", or its CPUs were more than {report['near']} ns apart"
             if report["near"] else "") + ".", ""]
    text += ["| " + " | ".join(r) + " |" for r in lines]
    text.insert(-len(lines) + 1, "|" + " --- |" * len(HEAD))
    text += ["", slower_as_text(report), "", "## I/O task table", "",
             costs_as_text(report), "",
             "## Conditions", "",
             "An emulated machine, not hardware: rates are worth something "
             "only as ratios between the paths of this run.", ""]
    text += [f"- {k}: {json.dumps(v)}" for k, v in cond.items()]
    return "\n".join(text) + "\n"


def main():
    raw, out = map(Path, sys.argv[1:3])
    samples = [json.loads(line) for line in
               (raw / "data.jsonl").read_text().splitlines()]
    if not samples:
        sys.exit("report.py: no samples")
    costs = collect_costs([s for s in samples if "cost" in s])
    samples = [s for s in samples if "cost" not in s]
    cells = collect(samples)
    add_ratios(cells)
    report = {"schema": 1,
              "conditions": json.loads((raw / "conditions.json").read_text()),
              "limit": samples[0]["limit"],
              "near": samples[0].get("near", 0), "cells": cells,
              "iotask_costs": costs}
    lines = [HEAD, *rows(cells)]
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    (out / "report.md").write_text(as_markdown(report, lines))
    print(as_text(lines))
    print(slower_as_text(report))
    print(costs_as_text(report))
    print(f"\n{out}/report.md, {out}/report.json")


if __name__ == "__main__":
    main()
