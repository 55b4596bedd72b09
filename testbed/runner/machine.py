# SPDX-License-Identifier: GPL-2.0
"""The emulated Xen host: QEMU's command line, its life and its CPU time."""

import os
import socket
import subprocess
from dataclasses import astuple, dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
BUSY_FIELDS = (0, 1, 2, 5, 6, 7)  # user nice system irq softirq steal


@dataclass
class Options:
    """What the command line says about the machine."""
    qemu: str
    clock: str
    xen: Path
    vmlinux: Path
    dom0_cpio: Path
    out: Path
    shell: bool
    plugin: str | None
    disk: Path | None
    distance: Path | None


def kvm_works():
    """/dev/kvm may exist where the processor cannot virtualise."""
    flags = Path("/proc/cpuinfo").read_text().split()
    return ("vmx" in flags or "svm" in flags) and \
        os.access("/dev/kvm", os.R_OK | os.W_OK)


def takes_turns(scenario):
    """Do two virtual CPUs run on one CPU of the machine?
    dom0's virtual CPUs are pinned to the first CPUs, the guests' to "cpus"."""
    where = [d["cpus"] for d in scenario["domain"]]
    return scenario["dom0"]["vcpus"] > 1 or len(set(where)) < len(where) or \
        any(d["cpus"] == "0" or (d["vcpus"] > 1 and d["cpus"].isdigit())
            for d in scenario["domain"])


def cpu_and_accel(scenario, clock):
    """(-cpu, -accel) and further options. Without -smap a PV dom0 dies in its
    first IRET on QEMU 7.2; ERMS and FSRM would copy byte by byte. PVH guests do
    not boot with AVX, and with XSAVE they meet a bad FPU state now and then, as
    do domains that take turns on a CPU with each other or with themselves (system calls
    return with what they were never given, a program's thread-local storage is
    lost); with x2APIC icount aborts."""
    if clock == "wall" and kvm_works():
        return "host", "kvm", []
    cpu = "max,-smap,-erms,-fsrm"
    if takes_turns(scenario) or \
            any(d["type"] == "pvh" for d in scenario["domain"]):
        cpu += ",-avx,-avx2,-fma,-f16c,-pku,-xsave"
    if clock == "icount":
        return cpu + ",-x2apic,-rdrand,-rdseed", "tcg,thread=single", \
            ["-icount", "shift=0,sleep=off"]
    return cpu, "tcg,thread=multi", []


def xen_args(scenario):
    dom0 = scenario["dom0"]
    memory = f"{dom0['memory']}M"
    return (f"console=com1 com1=115200,8n1 loglvl=info guest_loglvl=info "
            f"dom0_mem={memory},max:{memory} dom0_max_vcpus={dom0['vcpus']} "
            f"dom0_vcpus_pin {scenario['xen_args']}").strip()


def port(name, fd):
    return ["-chardev", f"socket,id={name},fd={fd}",
            "-device", f"virtserialport,chardev={name},name=drb.{name}"]


def command(scenario, options, dom0_args, fds):
    cpu, accel, more = cpu_and_accel(scenario, options.clock)
    log = options.out / "console.log"
    console = "stdio,signal=off" if options.shell \
        else f"socket,fd={fds.console},server=on,wait=off"
    module = f"{options.vmlinux} {dom0_args}".replace(",", ",,")
    return [
        "setpriv", "--pdeathsig", "KILL",  # QEMU never outlives the runner
        options.qemu, "-M", "q35", "-accel", accel, "-cpu", cpu, *more,
        "-smp", str(scenario["smp"]), "-m", str(scenario["memory"]),
        "-display", "none", "-nodefaults", "-no-reboot", *scenario["qemu"],
        "-chardev", f"{console},id=console,logfile={log}",
        "-serial", "chardev:console",
        "-kernel", str(options.xen), "-append", xen_args(scenario),
        "-initrd", f"{module},{options.dom0_cpio}",
        *(["-plugin", options.plugin] if options.plugin else []),
        "-device", "virtio-serial-pci",
        *port("verdict", fds.verdict), *port("logs", fds.logs),
    ]


@dataclass
class Ends:
    """QEMU's ends of the channels."""
    verdict: int
    logs: int
    console: int


class Machine:
    """A running QEMU with its two channels, and its console for emergencies."""

    def __init__(self, scenario, options, dom0_args):
        self.verdict, verdict_end = socket.socketpair()
        self.logs, logs_end = socket.socketpair()
        self.console = socket.socket(socket.AF_UNIX)
        self.console.bind("")  # a name that the kernel chooses
        self.console.listen()
        fds = Ends(*(s.fileno() for s in (verdict_end, logs_end, self.console)))
        self.command = command(scenario, options, dom0_args, fds)
        with open(options.out / "qemu.log", "wb") as log:
            self.process = subprocess.Popen(
                self.command, pass_fds=astuple(fds), stderr=log,
                stdin=None if options.shell else subprocess.DEVNULL,
                # Ctrl-C is for the runner, which has data to save.
                start_new_session=not options.shell)
        verdict_end.close()
        logs_end.close()

    def running(self):
        return self.process.poll() is None

    def open_console(self):
        """Not of a machine that is a terminal's."""
        console = socket.socket(socket.AF_UNIX)
        console.connect(self.console.getsockname())
        return console

    def stop(self):
        """Politely at first: QEMU gives the terminal back."""
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def cpu_seconds(self):
        try:
            stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        except FileNotFoundError:
            return 0.0
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def host_busy_seconds():
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    return sum(int(fields[i]) for i in BUSY_FIELDS) / TICKS
