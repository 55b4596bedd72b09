# SPDX-License-Identifier: GPL-2.0
"""Reads a scenario and turns it into what the domains read at boot."""

import json
import tomllib
from pathlib import Path

# A warning, in any kernel, ends the domain; the run then fails.
KERNEL_ARGS = "console=hvc0 panic_on_warn=1 oops=panic panic=-1 " \
    "log_buf_len=1M sysrq_always_enabled"

CLOCKS = ("wall", "icount")
TOP_DEFAULTS = {
    "script": None, "files": [], "timeout": 180, "clock": "wall",
    "smp": 2, "memory": 4096,
    "dom0": {}, "xen_args": "", "dom0_args": "", "guest_args": "",
    "bridges": ["xenbr0"], "domain": [], "env": {}, "qemu": [],
    "guest_disk": False,
}
DOM0_DEFAULTS = {"memory": 1024, "vcpus": 1}
DOMAIN_DEFAULTS = {
    "name": None, "type": "pv", "memory": 256, "vcpus": 1, "cpus": None,
    "driver_domain": False, "modules": [], "autostart": True, "vifs": [],
    "bridges": None, "frontends": ["netfront-drb", "xen-netfront"],
    "backends": ["netback-drb", "xen-netback"], "args": "", "xl": [],
}
VIF_DEFAULTS = {
    "path": "stock", "bridge": "xenbr0", "backend": "Domain-0", "mac": None,
    "mtu": None, "extra": "",
}


class ScenarioError(Exception):
    """The scenario asks for something that does not exist."""


def with_defaults(table, defaults, where):
    """The table completed; a key nobody reads is a mistake, not a comment."""
    unknown = set(table) - set(defaults)
    if unknown:
        raise ScenarioError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    return {**defaults, **table}


def parse_value(text):
    """The value of a --set option: TOML where it is that, else a string."""
    try:
        return tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        return text


def apply_setting(scenario, setting):
    """key=value, where key may be dotted and may name a domain:
    timeout=300, dom0.vcpus=2, env.size=64, domain.guest.memory=512."""
    key, sep, value = setting.partition("=")
    if not sep:
        raise ScenarioError(f"--set {setting}: no '='")
    *parents, last = key.split(".")
    table = scenario
    for parent in parents:
        if isinstance(table, list):
            table = next((d for d in table if d.get("name") == parent), None)
            if table is None:
                raise ScenarioError(f"--set {setting}: no domain {parent}")
        else:
            table = table.setdefault(parent, {})
    table[last] = parse_value(value)


def enlarge(scenario, memory, time, vcpus):
    """For a kernel that needs that many times the memory, and the time; and at least
    so many CPUs in each domain, which run at the same time as each other."""
    domains = (scenario["dom0"], *scenario["domain"])
    for table in (scenario, *domains):
        table["memory"] = int(table["memory"] * memory)
    scenario["timeout"] *= time
    scenario["env"] = {"slow": time, **scenario["env"]}
    if vcpus > 1:
        for table in domains:
            table["vcpus"] = max(vcpus, table["vcpus"])
        first = scenario["dom0"]["vcpus"]
        scenario["smp"] = max(scenario["smp"], first + vcpus)
        for table in scenario["domain"]:
            table["cpus"] = f"{first}-{scenario['smp'] - 1}"


def load(path, settings=(), memory=1, time=1, vcpus=1):
    """The scenario as one dictionary with every default filled in."""
    path = Path(path)
    raw = tomllib.loads(path.read_text())
    for setting in settings:
        apply_setting(raw, setting)
    scenario = with_defaults(raw, TOP_DEFAULTS, path.name)
    if scenario["clock"] not in CLOCKS:
        raise ScenarioError(f"{path.name}: clock is neither wall nor icount")
    scenario["path"] = path
    scenario["dom0"] = with_defaults(scenario["dom0"], DOM0_DEFAULTS, "dom0")
    scenario["domain"] = [load_domain(d, i + 1, scenario["smp"])
                          for i, d in enumerate(scenario["domain"])]
    enlarge(scenario, memory, time, vcpus)
    return scenario


def load_domain(table, number, smp):
    domain = with_defaults(table, DOMAIN_DEFAULTS, f"domain {number}")
    if not domain["name"]:
        raise ScenarioError(f"domain {number} has no name")
    if domain["type"] not in ("pv", "pvh"):
        raise ScenarioError(f"{domain['name']}: type is neither pv nor pvh")
    if domain["bridges"] is None:
        domain["bridges"] = ["xenbr0"] if domain["driver_domain"] else []
    if domain["cpus"] is None:
        domain["cpus"] = "1" if smp > 1 else "0"
    domain["vifs"] = [load_vif(v, number, i, domain["name"])
                      for i, v in enumerate(domain["vifs"])]
    return domain


def load_vif(table, domain_number, index, name):
    vif = with_defaults(table, VIF_DEFAULTS, f"{name}: vif {index}")
    if vif["path"] not in ("stock", "drb"):
        raise ScenarioError(f"{name}: vif {index}: path is neither stock nor drb")
    if vif["mac"] is None:
        vif["mac"] = f"00:16:3e:00:{domain_number:02x}:{index:02x}"
    return vif


def wants_drb(scenario):
    return any(v["path"] == "drb" for d in scenario["domain"] for v in d["vifs"])


def vif_config(vif):
    """One vif in xl's syntax."""
    parts = [f"mac={vif['mac']}", f"bridge={vif['bridge']}"]
    if vif["backend"] != "Domain-0":
        parts.append(f"backend={vif['backend']}")
    if vif["mtu"]:
        parts.append(f"mtu={vif['mtu']}")
    if vif["path"] == "drb":
        parts.append("script=vif-drb")
    if vif["extra"]:
        parts.append(vif["extra"])
    return "'" + ",".join(parts) + "'"


def xl_config(domain, guest_args):
    """The text of the domain's xl configuration file. The default tsc_mode
    would make every reading of the clock trap."""
    extra = f"{KERNEL_ARGS} drb.name={domain['name']} {guest_args} {domain['args']}"
    lines = [
        f'name = "{domain["name"]}"',
        f'type = "{domain["type"]}"',
        'kernel = "/drb/vmlinux"',
        'ramdisk = "/drb/guest.cpio"',
        f'extra = "{extra.strip()}"',
        f'memory = {domain["memory"]}',
        f'vcpus = {domain["vcpus"]}',
        f'cpus = "{domain["cpus"]}"',
        'tsc_mode = "native"',
        'on_crash = "preserve"',
        'on_poweroff = "destroy"',
        "vif = [ " + ", ".join(map(vif_config, domain["vifs"])) + " ]",
    ]
    if domain["driver_domain"]:
        lines.append("driver_domain = 1")
    return "\n".join(lines + domain["xl"]) + "\n"


def bridge_words(bridges):
    """The init script's "name:mtu" words."""
    words = []
    for bridge in bridges:
        if isinstance(bridge, str):
            bridge = {"name": bridge}
        words.append(f"{bridge['name']}:{bridge.get('mtu', 1500)}")
    return " ".join(words)


def shell_assignments(values):
    """Assignments for sh; strings are quoted, lists become words."""
    text = ""
    for name, value in values.items():
        if isinstance(value, bool):
            value = int(value)
        elif isinstance(value, list):
            value = " ".join(map(str, value))
        elif isinstance(value, dict):
            value = json.dumps(value)
        quoted = str(value).replace("'", "'\\''")
        text += f"export {name}='{quoted}'\n"
    return text


def guest_env(domain):
    return shell_assignments({
        "frontends": domain["frontends"], "backends": domain["backends"],
        "modules": domain["modules"], "driver_domain": domain["driver_domain"],
        "bridges": bridge_words(domain["bridges"]),
    })


def dom0_env(scenario, shell):
    started = [d for d in scenario["domain"] if d["autostart"]]
    return shell_assignments({
        "drivers": [d["name"] for d in started if d["driver_domain"]],
        "autostart": [d["name"] for d in started if not d["driver_domain"]],
        "bridges": bridge_words(scenario["bridges"]),
        "script": Path(scenario["script"] or "/dev/null").name,
        "shell": shell,
        **scenario["env"],
    })
