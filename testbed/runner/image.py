# SPDX-License-Identifier: GPL-2.0
"""Puts together the initramfs of dom0 and the one all guests share: the base
archive of mkimage.sh with an archive of this run's files behind it. The kernel
unpacks one after the other, later files replacing earlier ones."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from . import scenario as sc

TESTBED = Path(__file__).resolve().parent.parent
DIRECTORY, REGULAR = 0o040755, 0o100755


class Archive:
    """Files for a cpio archive in the kernel's "newc" format."""

    def __init__(self):
        self.files = {}

    def add(self, name, content):
        """content: bytes, text, or the path of a file."""
        if isinstance(content, str):
            content = content.encode()
        self.files[name.strip("/")] = content

    def update(self, other):
        self.files.update(other.files)

    def write(self, out):
        directories = {str(p) for name in self.files
                       for p in Path(name).parents if str(p) != "."}
        inode = 1
        for name in sorted(directories):
            entry(out, name, inode, DIRECTORY, b"")
            inode += 1
        for name, content in self.files.items():
            if isinstance(content, Path):
                content = content.read_bytes()
            entry(out, name, inode, REGULAR, content)
            inode += 1
        entry(out, "TRAILER!!!", 0, 0, b"")


def entry(out, name, inode, mode, content):
    encoded = name.encode() + b"\0"
    fields = (inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0,
              len(encoded), 0)
    head = b"070701" + b"".join(b"%08X" % f for f in fields) + encoded
    out.write(head + b"\0" * (-len(head) % 4))
    out.write(content)
    out.write(b"\0" * (-len(content) % 4))


def stripped(module):
    """Its bytes without debug information, for which a guest has no room."""
    with tempfile.NamedTemporaryFile() as small:
        subprocess.run(["objcopy", "--strip-debug", module, small.name],
                       check=True)
        return Path(small.name).read_bytes()


def drb_modules(archive, base, modules):
    """Adds the modules under updates/, and the index modprobe reads."""
    if not modules:
        return
    found = sorted(Path(modules).rglob("*.ko"))
    if not found:
        raise sc.ScenarioError(f"no modules in {modules}")
    kver = next((base / "usr/lib/modules").iterdir()).name
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "lib/modules" / kver
        shutil.copytree(base / "usr/lib/modules" / kver, tree)
        (tree / "updates").mkdir()
        for ko in found:
            (tree / "updates" / ko.name).write_bytes(stripped(ko))
        subprocess.run(["depmod", "-b", scratch, kver], check=True)
        for path in [*tree.glob("modules.*"), *(tree / "updates").iterdir()]:
            inside = f"usr/lib/modules/{kver}/{path.relative_to(tree)}"
            archive.add(inside, path.read_bytes())


def scenario_files(archive, scenario, test_modules):
    """The script and the extra files, all flat under /drb."""
    ours = {p.name: p for p in Path(test_modules).rglob("*") if p.is_file()} \
        if test_modules else {}
    here = scenario["path"].parent
    names = list(scenario["files"])
    if scenario["script"]:
        names.append(scenario["script"])
    for name in names:
        if Path(name).name in ours:
            found = [ours[Path(name).name]]
        elif Path(name).is_absolute():
            found = [Path(name)]
        else:
            found = [p for p in sorted(here.glob(name)) if p.is_file()]
        if not found:
            raise sc.ScenarioError(f"{scenario['path'].name}: no file {name}")
        for path in found:
            archive.add(f"drb/{path.name}",
                        stripped(path) if path.suffix == ".ko" else path)


def vif_script(archive, scenario):
    script = TESTBED.parent / "tools/vif-drb"
    if script.exists():
        archive.add("etc/xen/scripts/vif-drb", script)
    elif sc.wants_drb(scenario):
        raise sc.ScenarioError("the scenario has a DRB vif, but there is no "
                               "tools/vif-drb")


def common_archive(scenario, base, modules, test_modules):
    """What dom0 and the guests both get."""
    archive = Archive()
    archive.add("init", TESTBED / "init.sh")
    archive.add("drb/lib.sh", TESTBED / "lib.sh")
    drb_modules(archive, base, modules)
    scenario_files(archive, scenario, test_modules)
    vif_script(archive, scenario)
    return archive


def build(scenario, images, modules, test_modules, shell, out):
    """Writes OUT/dom0.cpio."""
    base = images / "base"
    common = common_archive(scenario, base, modules, test_modules)
    base_cpio = (images / "base.cpio").read_bytes()

    guest = Archive()
    guest.update(common)
    dom0 = Archive()
    dom0.update(common)
    for domain in scenario["domain"]:
        name = domain["name"]
        guest.add(f"drb/domains/{name}.env", sc.guest_env(domain))
        dom0.add(f"drb/cfg/{name}.cfg",
                 sc.xl_config(domain, scenario["guest_args"]))
    guest_cpio = out / "guest.cpio"
    with open(guest_cpio, "wb") as file:
        file.write(base_cpio)
        guest.write(file)

    dom0.add("drb/dom0.sh", TESTBED / "dom0.sh")
    dom0.add("drb/report.sh", TESTBED / "report.sh")
    dom0.add("drb/domain.env", sc.dom0_env(scenario, shell))
    if scenario["domain"]:
        dom0.add("drb/vmlinux", images / "vmlinux")
        dom0.add("drb/guest.cpio", guest_cpio)
    with open(out / "dom0.cpio", "wb") as file:
        file.write(base_cpio)
        dom0.write(file)
    guest_cpio.unlink()
    return out / "dom0.cpio"
