#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes, as JSON, a xenstore with a guest, domain 1, that has two stock vifs which
domain 0 serves."""

import json

from hostile import vif


def main():
    tree = {"/local/domain/0/domid": "0", "/local/domain/0/name": "Domain-0",
            "/local/domain/1/domid": "1", "/local/domain/1/name": "web"}
    for handle in (0, 1):
        frontend = f"/local/domain/1/device/vif/{handle}"
        vif(tree, 1, handle, {"script": "/etc/xen/scripts/vif-bridge",
                              "feature-rx-copy": "1", "frontend": frontend},
            {"tx-ring-ref": "8"})
    print(json.dumps(tree))


if __name__ == "__main__":
    main()
