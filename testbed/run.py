#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Boots a real Xen host under QEMU, runs a scenario in it and says how it
went: exit code 0 only if the scenario passed."""

import argparse
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from runner import disk, image, machine, scenario, verdict

TESTBED = Path(__file__).resolve().parent
IMAGES = TESTBED.parent / "build/testbed"
ICOUNT_FACTOR = 4  # icount takes that much longer, generously
# What a kernel needs more of, generously, if it watches itself.
KERNELS = {
    "6.1": {}, "6.12": {}, "unstable": {}, "gcov": {},
    "kasan": {"memory": 2, "time": 4},
    "kcsan": {"memory": 1.5, "time": 3, "vcpus": 2},
    "preempt": {"memory": 1.5, "time": 3},
}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", type=Path, help="a .toml file")
    parser.add_argument("--modules", type=Path, metavar="DIR",
                        help="directory of DRB's *.ko files")
    parser.add_argument("--out", type=Path, metavar="DIR",
                        help="results (default: build/testbed/out/SCENARIO)")
    parser.add_argument("--clock", choices=scenario.CLOCKS,
                        help="default: the scenario's, which is wall unless "
                        "it says otherwise")
    parser.add_argument("--shell", action="store_true",
                        help="a shell in dom0 instead of the scenario's script")
    parser.add_argument("--qemu", metavar="PATH", default="qemu-system-x86_64")
    parser.add_argument("--xen", type=Path, metavar="PATH",
                        help="hypervisor (default: what xen.sh builds)")
    parser.add_argument("--xen-version", choices=("4.17", "4.20"),
                        default="4.17", help="of hypervisor and tools")
    parser.add_argument("--kernel", choices=KERNELS, default="6.1",
                        help="of every domain; --modules must be for it")
    parser.add_argument("--test-modules", type=Path, metavar="DIR",
                        help="where those of the scenario's files are that "
                        "are made for this kernel")
    parser.add_argument("--disk", type=Path, metavar="IMAGE",
                        help="dom0 is the installed system on it (mksystem.sh), "
                        "with its own kernel and initramfs")
    parser.add_argument("--plugin", metavar="FILE[,KEY=VALUE]",
                        help="a plugin for QEMU's emulation")
    parser.add_argument("--distance", type=Path, metavar="PROGRAM",
                        help="what measures how far apart the host's CPUs are "
                        "(distance.c), for scripts that want to know")
    parser.add_argument("--set", action="append", default=[],
                        metavar="KEY=VALUE", help="overrides a scenario's key; "
                        "env.X=V is variable X in its script")
    return parser.parse_args()


def run_tool(name, *args):
    """The output of one of the test bed's scripts."""
    return subprocess.run([TESTBED / name, *args], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def prepare_out(args):
    out = args.out or IMAGES / "out" / args.scenario.stem
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / "logs", ignore_errors=True)
    for name in ("console.log", "data.jsonl", "marks.jsonl", "qemu.log",
                 "verdict.json", "conditions.json"):
        (out / name).unlink(missing_ok=True)
    (out / "console.log").touch()
    return out.resolve()


def take_turn():
    """Two emulated hosts at a time distort each other's results; and nobody
    must remake the images while they are read."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    lock = open(IMAGES / "run.lock", "w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("waiting for another run to end", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def choose_images(args):
    """Where the images of these versions are; tells the scripts of them."""
    os.environ["XEN_VERSION"] = args.xen_version
    os.environ["DRB_KERNEL"] = args.kernel
    versions = [args.xen_version] * (args.xen_version != "4.17") + \
        [f"linux-{args.kernel}"] * (args.kernel != "6.1")
    return IMAGES / "-".join(versions)


def commit():
    """Of the tree that this is part of, if it is in git."""
    done = subprocess.run(["git", "-C", TESTBED, "describe", "--always",
                           "--dirty", "--abbrev=12", "--exclude=*"], text=True,
                          capture_output=True, check=False)
    return done.stdout.strip() or None


def host_cpu():
    found = re.search(r"^model name\s*: (.*)$",
                      Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found and found.group(1)


def save_conditions(sc, options, run):
    """Under which conditions the results came about."""
    cpu, accel, _ = machine.cpu_and_accel(sc, options.clock)
    version = subprocess.run([options.qemu, "--version"], check=True, text=True,
                             stdout=subprocess.PIPE).stdout.split("\n")[0]
    console = (options.out / "console.log").read_text(errors="replace")
    xen = re.search(r"Xen version (\S+)", console)
    linux = re.search(r"Linux version (\S+)", console)
    conditions = {
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": commit(), "host_cpu": host_cpu(),
        "qemu": version, "accel": accel, "cpu": cpu, "clock": options.clock,
        "smp": sc["smp"], "memory": sc["memory"], "dom0": sc["dom0"],
        "xen": xen and xen.group(1), "xen_image": options.xen.parent.name,
        "xen_args": machine.xen_args(sc), "kernel": linux and linux.group(1),
        "domains": [{k: d[k] for k in ("name", "type", "vcpus", "cpus",
                                       "memory", "driver_domain", "vifs")}
                    for d in sc["domain"]],
        "host_cpus": os.cpu_count(), "foreign_percent": run,
    }
    with open(options.out / "conditions.json", "w", encoding="utf-8") as file:
        json.dump(conditions, file, indent=1)
        file.write("\n")


def run_machine(sc, options):
    """Boots, follows and stops the machine; returns the verdict."""
    started = time.monotonic()
    factor = ICOUNT_FACTOR if options.clock == "icount" else 1
    seconds = float("inf") if options.shell else sc["timeout"] * factor
    dom0_args = f"{scenario.KERNEL_ARGS} {sc['dom0_args']}"
    if options.disk:
        dom0_args += f" {disk.KERNEL_ARGS}"
    host = machine.Machine(sc, options, dom0_args)
    try:
        result = verdict.Verdict(host, options.out, started,
                                 options.distance)
        result.marks.begin("run")
        save_conditions(sc, options, None)
        try:
            verdict.follow(host, result, seconds)
        except KeyboardInterrupt:
            result.interrupted()
        share = result.marks.end("run")
        if host.running() and not options.shell and not result.stopped:
            if not verdict.fetch_logs(host, options.out, factor):
                result.show("dom0 did not hand out its logs")
            if options.disk:
                verdict.shut_down(host, result, factor)
    finally:
        host.stop()
    result.read_console()
    save_conditions(sc, options, share and round(share, 1))
    return result


def make_images(args, images, sc, out):
    """What dom0 boots: its kernel and its initramfs."""
    if not args.disk:
        return images / "vmlinux", image.build(sc, images, args.modules,
                                               args.test_modules, args.shell,
                                               out)
    disk.check(args.disk)
    sc["qemu"] += disk.options(sc, args.disk, args.shell, out)
    return disk.boot_files(args.disk, out)


def remove_images(args, dom0_cpio, out):
    if args.disk:
        disk.remove(out)
    else:
        dom0_cpio.unlink()


def report(result, options):
    result.save()
    word = "good" if result.good() else "FAILED"
    result.show(f"{word}: {len(result.passed)} passed, "
                f"{len(result.failures)} failed, {len(result.skipped)} skipped; "
                f"{os.path.relpath(options.out)}")


def main():
    args = parse_arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    lock = take_turn()
    images = choose_images(args)
    if not args.disk:
        run_tool("mkimage.sh", images)
    sc = scenario.load(args.scenario, args.set, **KERNELS[args.kernel])
    out = prepare_out(args)
    xen = args.xen or Path(run_tool("xen.sh"))
    kernel, dom0_cpio = make_images(args, images, sc, out)
    if os.environ.get("DRB_TOGETHER"):  # its caller does not mind the other run
        lock.close()
    clock = args.clock or sc["clock"]
    options = machine.Options(args.qemu, clock, xen, kernel, dom0_cpio, out,
                              args.shell, args.plugin, args.disk,
                              args.distance)
    try:
        result = run_machine(sc, options)
    finally:
        remove_images(args, dom0_cpio, out)
        lock.close()
    report(result, options)
    if result.stopped:
        return 130
    return 0 if result.good() else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except scenario.ScenarioError as error:
        sys.exit(f"run.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
