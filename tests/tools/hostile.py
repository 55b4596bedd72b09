#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes, as JSON, a xenstore in which domains have written what they should
not. Domain 0 is the driver domain, and drbctl's own.

guest 1	as it should be, with DRB	guest 2	as it should be, stock
guest 3	texts with control characters, quotes and bytes beyond ASCII
guest 4	numbers that are none, or too large
guest 5	values and directories that are too long
"""

import json

STATE = "4"
SECRET = "5ec2e7"
EVIL = "a\x1b[31mb\"\\\n\x00\xff{}"


def vif(tree, guest, handle, back, front):
    backend = f"/local/domain/0/backend/vif/{guest}/{handle}"
    frontend = f"/local/domain/{guest}/device/vif/{handle}"
    back = {"frontend-id": str(guest), "state": STATE, "handle": str(handle),
            "script": "/etc/xen/scripts/vif-drb", **back}
    front = {"backend": backend, "backend-id": "0", "state": STATE, **front}
    tree.update({f"{backend}/{k}": v for k, v in back.items()})
    tree.update({f"{frontend}/{k}": v for k, v in front.items()})


DRB_BACK = {"drb-version": "1", "drb-max-queues": "8", "feature-rx-copy": "1"}
DRB_FRONT = {"drb-version": "1", "drb-queues": "2", "drb-mode": "grants"}


def good(tree):
    vif(tree, 1, 0, {**DRB_BACK, "rate": "125000,50000"}, {**DRB_FRONT, "drb-bench-token": SECRET})
    vif(tree, 2, 0, {"script": "/etc/xen/scripts/vif-bridge",
                     "feature-rx-copy": "1"}, {"tx-ring-ref": "8"})


def bad(tree):
    vif(tree, 3, 0, {**DRB_BACK, "script": EVIL, "rate": EVIL},
        {**DRB_FRONT, "drb-mode": EVIL, EVIL.replace("\0", ""): EVIL})
    tree["/local/domain/3/error/device/vif/0/error"] = EVIL
    huge = "99999999999999999999999"
    vif(tree, 4, 0, {**DRB_BACK, "rate": f"{huge},0", "carrier": "-1"},
        {**DRB_FRONT, "drb-queues": huge, "state": "4x"})
    vif(tree, 4, 1, {**DRB_BACK, "rate": "1,0", "state": "99"},
        {**DRB_FRONT, "drb-queues": "-1", "state": "+4"})
    # Neither guests nor vifs.
    for name in ("0x5", "-1", "007", "99999", "1e3", " 5", ""):
        tree[f"/local/domain/0/backend/vif/{name}/0/state"] = STATE
        tree[f"/local/domain/0/backend/vif/6{name}x/0/state"] = STATE
        tree[f"/local/domain/0/backend/vif/4/{name}x/state"] = STATE


def long(tree):
    vif(tree, 5, 0, {**DRB_BACK, "script": "/" + "s" * 4000},
        {**DRB_FRONT, "drb-mode": "iotask" * 600,
         **{f"key-{i}": "v" * 2000 for i in range(3000)}})
    deep = "/local/domain/5/device/vif/0/" + "/".join("d" * 60)
    tree[deep] = "bottom"
    tree["/local/domain/5/error/device/vif/0/error"] = "e" * 4000


def main():
    tree = {"/local/domain/0/domid": "0", "/local/domain/0/name": "Domain-0",
            "/local/domain/1/name": "web", "/local/domain/3/name": EVIL}
    good(tree)
    bad(tree)
    long(tree)
    print(json.dumps(tree))


if __name__ == "__main__":
    main()
