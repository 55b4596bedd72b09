#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Asks Prometheus over HTTP, and prints what it answers as JSON; fails if it answers
with an error. usage: api.py PORT PATH [KEY=VALUE]..."""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request


def ask(port, path, values):
    """The data of a successful answer."""
    url = f"http://127.0.0.1:{port}/api/v1/{path}"
    if values:
        url += "?" + urllib.parse.urlencode(values)
    try:
        with urllib.request.urlopen(url, timeout=20) as file:
            answer = json.load(file)
    except urllib.error.HTTPError as error:
        answer = json.load(error)
    except (OSError, ValueError) as error:
        sys.exit(f"{url}: {error}")
    if answer["status"] != "success":
        sys.exit(f"{values}: {answer['error']}")
    return answer["data"]


if __name__ == "__main__":
    print(json.dumps(ask(sys.argv[1], sys.argv[2],
                         [tuple(w.split("=", 1)) for w in sys.argv[3:]])))
