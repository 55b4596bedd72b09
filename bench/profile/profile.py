#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Says which functions spent the instructions of a bench run's windows.

    profile.py RAW_DIR XEN_SYMS [LINES]

RAW_DIR is what run.py left of a run with the plugin insns.so: insns.txt, the
samples and the symbols.  Prints, for each cell and path, instructions per
packet (per 1500 bytes, per round trip) by domain, and the LINES functions that
take most.  dom0 runs on CPU 0, the guest on CPU 1; Xen's part of each CPU is
told apart, and user space is one line."""

import bisect
import gzip
import json
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from report import metrics, units_in_window  # noqa: E402

KERNEL = 0xffff880000000000  # Linux, a PV domain's
XEN = 0xffff800000000000  # Xen, up to that
DOMAINS = ("dom0", "guest")


class Symbols:
    """Names of functions by address."""

    def __init__(self, lines):
        names = {}
        for line in lines:
            address, kind, name = line.split(maxsplit=2)
            if kind in "tTwW":
                names[int(address, 16)] = name.replace("\t", " ")
        self.starts = sorted(names)
        self.names = [names[start] for start in self.starts]

    def name(self, address):
        i = bisect.bisect_right(self.starts, address) - 1
        return self.names[i] if i >= 0 else f"{address:x}"


def read_symbols(raw, xen_syms):
    logs = raw / "logs/xen"
    dom0 = gzip.open(logs / "symbols-dom0.gz", "rt").readlines()
    guest = gzip.open(logs / "symbols-guest.gz", "rt").readlines()
    base = [line for line in dom0 if not line.endswith("]\n")]
    xen = subprocess.run(["nm", xen_syms], check=True, text=True,
                         stdout=subprocess.PIPE).stdout.splitlines()
    return {"dom0": Symbols(dom0), "guest": Symbols(base + guest),
            "xen": Symbols(line for line in xen if len(line.split()) == 3)}


def place(symbols, cpu, address):
    """(domain, function) of an address seen on a CPU."""
    domain = DOMAINS[cpu]
    if address >= KERNEL:
        return domain, symbols[domain].name(address)
    if address >= XEN:
        return f"xen/{domain}", symbols["xen"].name(address)
    return domain, "(user space)"


def read_windows(path, symbols):
    """For each window instructions by (domain, function)."""
    windows = []
    for line in open(path, encoding="ascii"):
        if line == "window\n":
            windows.append(Counter())
            continue
        cpu, address, insns = line.split()
        where = place(symbols, int(cpu), int(address, 16))
        windows[-1][where] += int(insns)
    return windows


def per_unit(samples, windows):
    """By (cell, path): instructions per unit by (domain, function), summed
    over the windows of all samples."""
    insns, units = defaultdict(Counter), Counter()
    for sample, window in zip(samples, windows, strict=True):
        key = sample["id"], sample["path"]
        _, rate = metrics(sample)
        insns[key] += window
        units[key] += units_in_window(sample, rate)
    return {key: {where: n / units[key] for where, n in counter.items()}
            for key, counter in insns.items()}


def show(key, profile, lines):
    print(f"\n{key[0]} {key[1]}: {sum(profile.values()):.0f} instructions")
    domains = Counter()
    for (domain, _), n in profile.items():
        domains[domain] += n
    print("  " + ", ".join(f"{domain} {n:.0f}"
                            for domain, n in domains.most_common()))
    for (domain, name), n in sorted(profile.items(),
                                    key=lambda item: -item[1])[:lines]:
        print(f"  {n:9.1f}  {domain:9s} {name.strip()}")


def main():
    raw, xen_syms = Path(sys.argv[1]), sys.argv[2]
    lines = int(sys.argv[3]) if len(sys.argv) > 3 else 40
    samples = [json.loads(line) for line in open(raw / "data.jsonl",
                                                 encoding="utf-8")]
    samples = [sample for sample in samples if "xen" in sample]
    windows = read_windows(raw / "insns.txt", read_symbols(raw, xen_syms))
    for key, profile in per_unit(samples, windows).items():
        show(key, profile, lines)


if __name__ == "__main__":
    main()
