#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Asks Prometheus what a Grafana dashboard would ask: each query and each list of a
variable's values must be answered, and with something. One line for each: PASS name,
or FAIL name: why. usage: dashboard.py PORT DASHBOARD.json"""

import json
import re
import sys
import time
from pathlib import Path

from api import ask

SECONDS = 20    # of the time shown
PATIENCE = 30   # seconds until there is enough for a rate
VALUES = {"__rate_interval": "10s"}     # others: all


def replaced(text):
    """The text with what Grafana would put in place of its variables."""
    return re.sub(r"\$\{?(\w+)\}?", lambda m: VALUES.get(m[1], ".*"), text)


def query(port, target):
    """The series that a query gives."""
    expr = replaced(target["expr"])
    if target["instant"]:
        return ask(port, "query", [("query", expr)])["result"]
    now = time.time()
    return ask(port, "query_range", [("query", expr), ("start", now - SECONDS),
                                     ("end", now), ("step", 1)])["result"]


def values(port, variable):
    """label_values(METRIC, LABEL), as Grafana asks for them."""
    metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)",
                                 variable["definition"]).groups()
    return ask(port, f"label/{label}/values", [("match[]", replaced(metric))])


def report(name, wanted, find):
    """Whether nothing was found."""
    end = time.monotonic() + PATIENCE
    while not (found := find()) and time.monotonic() < end:
        time.sleep(1)
    if found:
        print(f"PASS monitor.dashboard.{name}")
    else:
        print(f"FAIL monitor.dashboard.{name}: nothing for {wanted}")
    return not found


def main():
    port, board = sys.argv[1], json.loads(Path(sys.argv[2]).read_text("utf-8"))
    failed = False
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            failed |= report(f"variable-{variable['name']}",
                             variable["definition"],
                             lambda v=variable: values(port, v))
    for panel in board["panels"]:
        name = re.sub(r"\W+", "-", panel["title"].lower())
        for target in panel["targets"]:
            failed |= report(f"{name}.{target['refId']}", target["expr"],
                             lambda t=target: query(port, t))
    return failed


if __name__ == "__main__":
    sys.exit(main())
