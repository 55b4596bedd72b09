#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Turns the samples of a bench run into report.json, report.md and a table.

    report.py RAW_DIR OUT_DIR

RAW_DIR is what run.py left: data.jsonl with one line per sample (see
bench.sh), conditions.json, and distances.json (distances.py) if there is one.
It may be of a run that was stopped.  Rates are taken from the receiver; counts of
the hypervisor are divided by the packets of the same window (packet cells), by
1500 bytes (stream cells) or by round trips.  A cell's paths are compared by
samples of one state of the host (states.py)."""

import json
import statistics
import sys
from pathlib import Path

import stats
from states import limit_of, state_of

STREAM_UNIT = 1500
COUNTS = {
    "grant_calls": "grant_calls", "event_sends": "event_calls",
    "hypercalls": "hypercalls", "interrupts": "interrupts", "ipis": "ipis",
    "tlb_flushes": "tlb_flushes", "context_switches": "context_switches",
    "iotask_entries": "iotask_entries",
}
PATHS = ("stock", "drb", "drb-iotask", "drb-lend", "bound")
COMPARED = ("stock", "drb", "drb-iotask")
STATES = ("near", "far", "moved", "any")


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


def state_to_compare(samples):
    """The state which the path with the fewest samples has most of; None: no
    state has samples of each path, so all of them are taken."""
    paths = {s["path"] for s in samples}
    paths = paths & set(COMPARED) or paths
    least = {state: min(sum(s["path"] == p and s["state"] == state
                            for s in samples) for p in paths)
             for state in STATES}
    best = max(STATES, key=lambda state: least[state])
    return best if least[best] else None


def collect(samples):
    """One cell per (id, path, metric), in order of first appearance."""
    cells = []
    for name in dict.fromkeys(s["id"] for s in samples):
        of_cell = [s for s in samples if s["id"] == name]
        state = state_to_compare(of_cell)
        for path in dict.fromkeys(s["path"] for s in of_cell):
            of_path = [s for s in of_cell if s["path"] == path]
            used = [s for s in of_path if state in (None, s["state"])]
            # What is compared with nothing need not be of that state.
            cells += cells_of(name, path, state, used or of_path, len(of_path))
    return cells


def cells_of(name, path, state, samples, taken):
    """A path's cells, one for each metric."""
    values = [metrics(s) for s in samples]
    counts = [per_packet(s, rate) for s, (_, rate) in zip(samples, values)]
    common = {
        "state": state or "mixed", "taken": taken,
        "disturbed": sum(s["foreign"] >= s["limit"] for s in samples),
        "retries": sum(s["retries"] for s in samples),
        "per_packet": {c: round(statistics.median(v[c] for v in counts), 5)
                       for c in counts[0]},
    }
    if any("sent" in s for s in samples):
        common["sent"] = sum(s["sent"] for s in samples)
        common["received"] = sum(s["received"] for s in samples)
    return [finish(name, path, metric, [v[metric] for v, _ in values], common)
            for metric in values[0][0]]


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


def finish(name, path, metric, samples, common):
    median = statistics.median(samples)
    return {
        "id": name, "path": path, "metric": metric,
        "samples": [round(v, 2) for v in samples],
        "median": round(median, 2),
        "spread_percent": round(100 * (max(samples) - min(samples)) / median,
                                1),
        **common,
    }


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


def bound_of(cells, name, metric):
    """What one domain alone does. A guest that sends to another one is compared
    with itself sending."""
    return find(cells, name, "bound", metric) or \
        find(cells, name.replace("g2g-tcp", "tcp-tx").replace("g2g", "tx"),
             "bound", metric)


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


def samples_shown(cell):
    if not cell:
        return "-"
    return f"{len(cell['samples'])} {cell['state']}"


def rows(cells):
    """Lines of the table: id, metric, the paths, ratios and counts."""
    seen = dict.fromkeys((c["id"], c["metric"]) for c in cells)
    for name, metric in seen:
        stock, drb, task, lend, _ = (find(cells, name, p, metric)
                                     for p in PATHS)
        bound = bound_of(cells, name, metric)
        base = drb and base_of(cells, drb)
        counts = ["-"] * len(SHOWN)
        if drb and stock:
            counts = [" / ".join(f"{c['per_packet'][k]:.4f}"
                                 for c in (stock, drb)) for k in SHOWN]
        yield [name, metric, shown(stock), shown(drb), shown(task), shown(lend),
               ratio(drb, base, 2), ratio(task, drb, 3), shown(bound),
               ratio(drb, bound, 2), samples_shown(drb), *counts]


SHOWN = ("grant_calls", "event_sends", "other_calls", "interrupts", "ipis")
HEAD = ["cell", "metric", "stock", "drb", "drb-iotask", "drb-lend", "drb/stock",
        "iotask/drb", "bound", "drb/bound", "samples", "grants", "events",
        "other calls", "interrupts", "IPIs"]


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
            "bound: what the domain that sends does alone, without any vif: "
            "by veth to the same socket, packet by packet, or two processes "
            "of it. A star: others used more than "
            f"{report['limit']} % of the host's CPUs during a sample.", "",
            *states_as_text(report), ""]
    text += ["| " + " | ".join(r) + " |" for r in lines]
    text.insert(-len(lines) + 1, "|" + " --- |" * len(HEAD))
    text += ["", slower_as_text(report), "", "## I/O task table", "",
             costs_as_text(report), "",
             "## Conditions", "",
             "An emulated machine, not hardware: rates are worth something "
             "only as ratios between the paths of this run.", ""]
    text += [f"- {k}: {json.dumps(v)}" for k, v in cond.items()]
    return "\n".join(text) + "\n"


def states_as_text(report):
    """How far apart the CPUs were, what was compared, and how much is missing."""
    states, run = report["states"], report["run"]
    text = []
    if not states["ns"]:
        text.append("How far apart the host's CPUs were is not known, or does "
                    "not matter.")
    elif states["limit"] is None:
        text.append(f"The host's CPUs were in one state, {states['ns'][0]} to "
                    f"{states['ns'][-1]} ns apart.")
    else:
        text.append(f"The host's CPUs are near up to {states['limit']} ns, and "
                    f"were up to {states['ns'][-1]} ns apart; samples taken: " +
                    ", ".join(f"{n} {s}" for s, n in states["taken"].items()) +
                    ". A cell compares samples of the state that it names.")
    if run is None:
        text.append(f"The run was stopped; it had {states['samples']} samples.")
    else:
        text.append(f"{run['samples']} of {run['wanted']} samples in "
                    f"{run['took_s']} s, of which {run['waited_s']} s went on "
                    "waiting and repeating.")
    return text


def classify(samples, raw, clock):
    """Gives each sample its state; what the report says of them.  Where
    instructions are the clock, caches and CPUs do not matter."""
    if clock == "icount":
        samples = [dict(s, distance=[]) for s in samples]
    before = raw / "distances.json"
    learnt = json.loads(before.read_text())["ns"] if before.exists() else []
    seen = [d for s in samples for d in s["distance"] if d is not None]
    limit = limit_of(learnt + seen)
    for sample in samples:
        sample["state"] = state_of(sample["distance"], limit)
    taken = {s: sum(x["state"] == s for x in samples) for s in STATES}
    return samples, {"limit": limit, "ns": sorted(seen),
                     "samples": len(samples),
                     "taken": {s: n for s, n in taken.items() if n}}


def read(raw):
    """The run's records by kind: samples, costs, and how it ended."""
    file = raw / "data.jsonl"
    records = [json.loads(line) for line in file.read_text().splitlines()] \
        if file.exists() else []
    samples = [r for r in records if "id" in r]
    if not samples:
        sys.exit("report.py: no samples were taken, so there is no report")
    return (samples, [r for r in records if "cost" in r],
            next((r["run"] for r in records if "run" in r), None))


def main():
    raw, out = map(Path, sys.argv[1:3])
    samples, costs, run = read(raw)
    conditions = json.loads((raw / "conditions.json").read_text())
    samples, states = classify(samples, raw, conditions["clock"])
    cells = collect(samples)
    add_ratios(cells)
    report = {"schema": 2, "conditions": conditions,
              "limit": samples[0]["limit"], "states": states, "run": run,
              "cells": cells, "iotask_costs": collect_costs(costs)}
    lines = [HEAD, *rows(cells)]
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    (out / "report.md").write_text(as_markdown(report, lines))
    print(as_text(lines))
    print(slower_as_text(report))
    print(costs_as_text(report))
    print("\n".join(states_as_text(report)))
    print(f"\n{out}/report.md, {out}/report.json")


if __name__ == "__main__":
    main()
