#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Draws DRB's headline cells beside stock as an SVG picture, on stdout:

    figure.py [ICOUNT.json WALL.json...]

A bar is the ratio under icount, the line across it the range of the ratios of
all runs on the wall clock.  Without arguments the reports are those of
docs/results.  A round trip counts as stock's time over DRB's, so that in all
rows more is better."""

import json
import sys
from html import escape
from pathlib import Path

from report import base_of, find

ROWS = (
    ("rx-60-b1", "pps", "60-byte packets to the guest"),
    ("tx-60-b1", "pps", "60-byte packets from the guest"),
    ("rx-1496-b1", "pps", "1496-byte packets to the guest"),
    ("tx-1496-b1", "pps", "1496-byte packets from the guest"),
    ("g2g-1496-b1", "pps", "1496-byte packets, guest to guest"),
    ("tcp-rx-1", "mbit", "TCP stream to the guest"),
    ("tcp-tx-1", "mbit", "TCP stream from the guest"),
    ("rtt-64", "us_p50", "round trip of 64 bytes"),
    ("rtt-1024", "us_p50", "round trip of 1024 bytes"),
)
TITLE = "DRB beside stock: how many times as much, or as fast"
WIDTH, LEFT, RIGHT = 830, 262, 615      # of the picture, of the bars
TOP, STEP, BAR = 78, 30, 14             # first row, row to row, a bar

STYLE = """
  svg { font: 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif }
  .card { fill: #ffffff; stroke: #d0d7de }
  text { fill: #1f2328 } .head { font-size: 16px; font-weight: 600 }
  .note { fill: #59636e; font-size: 12px }
  .grid { stroke: #d0d7de } .one { stroke: #59636e; stroke-dasharray: 4 3 }
  .bar { fill: #54a3e0 } .range { stroke: #bc4c00; stroke-width: 2.5 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0d1117; stroke: #3d444d } text { fill: #e6edf3 }
    .note { fill: #9198a1 } .grid { stroke: #3d444d }
    .one { stroke: #9198a1 } .bar { fill: #2f6fab }
    .range { stroke: #f0a35e }
  }
"""


def times(cells, name, metric):
    """How many times as good as stock DRB is, or None."""
    drb = find(cells, name, "drb", metric)
    base = drb and base_of(cells, drb)
    if not base:
        return None
    ratio = drb["median"] / base["median"]
    return 1 / ratio if metric.startswith("us_") else ratio


def figures(icount, walls):
    """Of each row: its text, the ratio under icount, those on the wall."""
    for name, metric, text in ROWS:
        on_the_wall = [times(cells, name, metric) for cells in walls]
        yield text, times(icount, name, metric), \
            sorted(t for t in on_the_wall if t)


def place(value, top):
    return LEFT + (RIGHT - LEFT) * value / top


def line(kind, x1, y1, x2, y2):
    return (f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" '
            f'x2="{x2:.1f}" y2="{y2:.1f}"/>')


def label(kind, x, y, text, anchor="start"):
    return (f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" '
            f'text-anchor="{anchor}">{escape(text)}</text>')


def row(y, text, ratio, wall, top):
    middle, end = y + STEP / 2, place(ratio, top)
    lines = [label("", LEFT - 12, middle + 4, text, "end"),
             f'<rect class="bar" x="{LEFT}" y="{middle - BAR / 2:.1f}" '
             f'width="{end - LEFT:.1f}" height="{BAR}"/>',
             label("", RIGHT + 50, middle + 4, f"{ratio:.2f}", "end")]
    if wall:
        low, high = place(wall[0], top), place(wall[-1], top)
        lines += [line("range", low, middle, high, middle),
                  *(line("range", x, middle - 5, x, middle + 5)
                    for x in (low, high)),
                  label("", WIDTH - 24, middle + 4,
                        f"{wall[0]:.2f} to {wall[-1]:.2f}", "end")]
    return lines


def axis(top, bottom):
    lines = []
    for value in range(top + 1):
        x = place(value, top)
        text = "stock" if value == 1 else str(value)
        lines += [line("grid", x, TOP, x, bottom),
                  label("note", x, bottom + 16, text, "middle")]
    return lines


def described(data):
    return "; ".join(f"{text}: {ratio:.2f} under icount" +
                     (f", {wall[0]:.2f} to {wall[-1]:.2f} on the wall clock"
                      if wall else "") for text, ratio, wall in data) + "."


def svg(data):
    highest = max(max(ratio, *wall) for _, ratio, wall in data)
    top, bottom = int(highest) + 1, TOP + STEP * len(data)
    height = bottom + 76
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-labelledby="title desc">',
        "<!-- SPDX-License-Identifier: GPL-2.0 -->",
        f'<title id="title">{TITLE}</title>',
        f'<desc id="desc">{escape(described(data))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" '
        f'height="{height - 1}" rx="8"/>',
        label("head", 24, 32, TITLE),
        label("note", RIGHT + 50, TOP - 10, "icount", "end"),
        label("note", WIDTH - 24, TOP - 10, "wall clock", "end"),
        *axis(top, bottom)]
    for i, figure in enumerate(data):
        lines += row(TOP + i * STEP, *figure, top)
    lines += [
        line("one", place(1, top), TOP, place(1, top), bottom),
        label("note", 24, bottom + 42, "Bar: the ratio of instructions per "
              "packet, byte or round trip (icount). Line: the ratios of time "
              "in all runs, on two kinds of machine."),
        label("note", 24, bottom + 60, "QEMU emulates the Xen host: these are "
              "ratios of two paths in one run, not rates of hardware."),
        "</svg>"]
    return "\n".join(lines) + "\n"


def main():
    results = Path(__file__).parents[1] / "docs/results"
    files = sys.argv[1:] or [results / "icount-headline.json",
                             *sorted(results.glob("wall*.json"))]
    icount, *walls = (json.loads(Path(f).read_text("utf-8"))["cells"]
                      for f in files)
    sys.stdout.write(svg(list(figures(icount, walls))))


if __name__ == "__main__":
    main()
