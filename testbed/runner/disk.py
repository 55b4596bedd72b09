# SPDX-License-Identifier: GPL-2.0
"""A dom0 that is an installed system: what it boots of its own disk, and the
disks it finds. mksystem.sh makes the first one."""

import io
import os
import subprocess
import tarfile
from pathlib import Path

from . import image, scenario as sc

TESTBED = Path(__file__).resolve().parent.parent
SBIN = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
KERNEL_ARGS = "root=/dev/vda rw"


def debugfs(disk, request):
    return subprocess.run(["debugfs", "-R", request, disk], check=True, env=SBIN,
                          text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def check(disk):
    """Repairs what a machine that lost its power leaves behind."""
    code = subprocess.run(["e2fsck", "-p", disk], check=False, env=SBIN,
                          stdout=subprocess.DEVNULL).returncode
    if code > 1:
        raise sc.ScenarioError(f"{disk}: e2fsck says {code}")


def boot_files(disk, out):
    """Its newest kernel, and the initramfs that the system has for it."""
    entries = [t.split("/") for t in debugfs(disk, "ls -p /boot").split()]
    kernels = sorted(e[5] for e in entries if len(e) > 5 and
                     e[5].startswith("vmlinuz-"))
    if not kernels:
        raise sc.ScenarioError(f"{disk} has no kernel")
    version = kernels[-1].removeprefix("vmlinuz-")
    found = []
    for name in ("vmlinuz", "initrd.img"):
        path = out / name
        debugfs(disk, f"dump /boot/{name}-{version} {path}")
        if not path.exists() or not path.stat().st_size:
            raise sc.ScenarioError(f"{disk} has no /boot/{name}-{version}")
        found.append(path)
    return found


def files_archive(scenario, shell, out):
    """What the system finds as a disk of its own: the scenario's files."""
    archive = image.Archive()
    for name in ("lib.sh", "report.sh", "system.sh"):
        archive.add(f"drb/{name}", TESTBED / name)
    image.scenario_files(archive, scenario)
    archive.add("drb/domain.env", sc.dom0_env(scenario, shell))
    path = out / "files.tar"
    with tarfile.open(path, "w") as tar:
        for name, content in archive.files.items():
            if isinstance(content, Path):
                content = content.read_bytes()
            info = tarfile.TarInfo(Path(name).name)
            info.size, info.mode = len(content), 0o755
            tar.addfile(info, io.BytesIO(content))
    return path


def drive(path, name, more=""):
    return ["-drive", f"file={path},format=raw,if=none,id={name},"
            f"cache=unsafe{more}",
            "-device", f"virtio-blk-pci,drive={name},serial={name}"]


def options(scenario, disk, shell, out):
    """QEMU's options for the disks; a guest's is a copy of dom0's as it is
    before the boot."""
    found = drive(disk, "dom0")
    if scenario["guest_disk"]:
        guest = out / "guest.img"
        subprocess.run(["cp", "--sparse=always", disk, guest], check=True)
        found += drive(guest, "guest")
    files = files_archive(scenario, shell, out)
    return found + drive(files, "testbed", ",readonly=on")


def remove(out):
    for name in ("vmlinuz", "initrd.img", "guest.img", "files.tar"):
        (out / name).unlink(missing_ok=True)
