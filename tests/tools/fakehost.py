#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes a Xen host that is not there into a directory: its xenstore (tree.json, for
store.py), and what the kernel and the files of one of its domains show (the rest,
for world.sh).

usage: fakehost.py DIR [KEY=VALUE]...

vifs=NAME,NAME	the vifs that there are (all)
self=ID		the domain that looks, dom0 (0), a driver domain (9), or a guest
modules=A,B	modules that are loaded, in this order (netback_drb,xen_netback)
builtin=A,B	those that are in the kernel itself
installed=A,B	those that this kernel has (netback-drb,netfront-drb)
rule=0		without the rule of modprobe's that loads DRB's first
script=0	without the hotplug script
drb=NAME,NAME	vifs that have DRB at both ends after all

The vifs are called by their guest's name, and each is vifD.0:
web	1	by DRB			db	3	does not ask for DRB
mail	2	asks, and its guest has no DRB	cache	4	by DRB, of driver domain 9
new	5	asks, and its guest has only just begun, with an error
old	6	asks, of driver domain 9, which has no DRB
late	7	asks, and dom0's xen-netback has it
false	1	driver domain 9 says that vif1.0 is its own
"""

import json
import os
import sys
from pathlib import Path

from hostile import DRB_BACK, DRB_FRONT

STOCK_BACK = {"feature-rx-copy": "1"}
STOCK_FRONT = {"tx-ring-ref": "8"}
BRIDGE = {"script": "/etc/xen/scripts/vif-bridge"}
NETDD = 9
ERROR = 'it says "no" \\ and\nends'

# guest, driver domain, keys of the two ends, and the driver that the backend has
VIFS = {
    "web": (1, 0, DRB_BACK, DRB_FRONT, "vif-drb"),
    "mail": (2, 0, {**STOCK_BACK, "drb-handover": "1"}, STOCK_FRONT, "vif"),
    "db": (3, 0, {**STOCK_BACK, **BRIDGE}, STOCK_FRONT, "vif"),
    "cache": (4, NETDD, DRB_BACK, DRB_FRONT, "vif-drb"),
    "new": (5, 0, {**DRB_BACK, "state": "2"}, {"state": "1"}, "vif-drb"),
    "old": (6, NETDD, STOCK_BACK, STOCK_FRONT, "vif"),
    "late": (7, 0, STOCK_BACK, STOCK_FRONT, "vif"),
    "false": (1, NETDD, DRB_BACK, None, "vif-drb"),
}
# The one whose counters there are is that of a device which all machines have.
DEVICES = {"web": "lo"}
BUSES = {"xen-backend": "netback", "xen": "netfront"}


def write_tree(path, names, self):
    tree = {"/local/domain/0/name": "Domain-0",
            # Its own, by a path that store.py takes for dom0's.
            "/local/domain/0/domid": str(self),
            f"/local/domain/{NETDD}/name": "netdd"}
    for name in names:
        guest, driver, back, front, _ = VIFS[name]
        backend = f"/local/domain/{driver}/backend/vif/{guest}/0"
        frontend = f"/local/domain/{guest}/device/vif/0"
        back = {"frontend-id": str(guest), "state": "4",
                "script": "/etc/xen/scripts/vif-drb", **back}
        tree.update({f"{backend}/{k}": v for k, v in back.items()})
        if front is None:
            continue
        front = {"backend": backend, "backend-id": str(driver), "state": "4",
                 **front}
        tree.update({f"{frontend}/{k}": v for k, v in front.items()})
        tree[f"/local/domain/{guest}/name"] = name
    if "new" in names:
        tree["/local/domain/5/error/device/vif/0/error"] = ERROR
    path.write_text(json.dumps(tree), encoding="utf-8")


def write_proc(path, self, modules):
    (path / "xen").mkdir(parents=True)
    (path / "xen/capabilities").write_text("control_d\n" if self == 0 else "")
    # The one loaded last has the first line.
    (path / "modules").write_text(
        "".join(f"{m} 1 0 - Live 0x0\n" for m in reversed(modules)))


def write_device(bus, name, driver, netdev):
    device = bus / "devices" / name
    device.mkdir(parents=True)
    (device / "driver").symlink_to(f"../../drivers/{driver}")
    if netdev:
        (device / "net" / netdev).mkdir(parents=True)


def write_buses(path, names, self, modules):
    for bus, end in BUSES.items():
        (path / bus / "drivers").mkdir(parents=True)
        for module, driver in ((f"{end}_drb", "vif-drb"), (f"xen_{end}", "vif")):
            if module in modules:
                (path / bus / "drivers" / driver).mkdir()
    for name in names:
        guest, backend, _, front, driver = VIFS[name]
        if backend == self:
            write_device(path / "xen-backend", f"vif-{guest}-0", driver,
                         DEVICES.get(name))
        elif guest == self and front:
            write_device(path / "xen", "vif-0", driver, DEVICES.get(name))


def write_files(path, installed, rule, script):
    kernel = path / "modules" / os.uname().release
    kernel.mkdir(parents=True)
    (kernel / "modules.dep").write_text(
        "".join(f"updates/dkms/{m}.ko:\n" for m in installed))
    (path / "etc/modprobe.d").mkdir(parents=True)
    if rule:
        (path / "etc/modprobe.d/drb.conf").write_text(
            "softdep xen-netback pre: netback-drb\n"
            "softdep xen-netfront pre: netfront-drb\n")
    scripts = path / "etc/xen/scripts"
    scripts.mkdir(parents=True)
    for name in ("vif-bridge", "vif-drb") if script else ("vif-bridge",):
        (scripts / name).touch(0o755)


def main():
    path = Path(sys.argv[1])
    given = dict(word.split("=", 1) for word in sys.argv[2:])

    def words(key, default):
        return [w for w in given.get(key, default).split(",") if w]

    names = words("vifs", ",".join(VIFS))
    for name in words("drb", ""):
        VIFS[name] = (*VIFS[name][:2], DRB_BACK, DRB_FRONT, "vif-drb")
    self = int(given.get("self", "0"))
    modules = words("modules", "netback_drb,xen_netback")
    drivers = modules + words("builtin", "")
    (path / "real-proc").mkdir(parents=True)
    write_tree(path / "tree.json", names, self)
    write_proc(path / "proc", self, modules)
    write_buses(path / "bus", names, self, drivers)
    write_files(path, words("installed", "netback-drb,netfront-drb"),
                given.get("rule") != "0", given.get("script") != "0")


if __name__ == "__main__":
    main()
