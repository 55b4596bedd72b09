#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Do the help of a tool, drbctl or drb-bench, its manual page and its completion
speak of the same commands and options? usage: options.py TOOL PAGE COMPLETION

One line per command: PASS name, or FAIL name: why."""

import re
import subprocess
import sys
from pathlib import Path

COMMON = ("help", "json")  # explained once for all in the manual page


def run(*words):
    return subprocess.run(words, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def helped(text):
    """{long: letter} of a help text."""
    return {m[2]: m[1] for m in
            re.finditer(r"^  (?:-(\w), )?--([a-z-]+)", text, re.M)}


def commands_of(text):
    return {m[1] for m in re.finditer(r"^  ([a-z]+) .{2,}", text, re.M)}


def manual_sections(text):
    """{command: its part of the page}; parts of one command are joined."""
    sections = {}
    parts = re.split(r"^\.S[sh] ", text, flags=re.M)
    for part in parts:
        head = re.match(r"Cm (\w+)", part)
        name = head[1] if head else part.split("\n", 1)[0]
        sections[name] = sections.get(name, "") + part
    return sections


def documented(section):
    return {m[2].replace("\\-", "-"): m[1] for m in
            re.finditer(r"^\.It Fl (\w) , Fl \\-(\S+)", section, re.M)}


def with_json(common):
    """The commands of which the page says that they have --json."""
    text = common[common.index("json\nWith"):].split("print JSON")[0]
    return set(re.findall(r"[a-z]+", text)) - {"json", "with", "and"} - {"m"}


def completed(completion, command):
    tool = Path(completion).name.split(".")[0].replace("-", "_")
    words = run("bash", "-c", f'. "$1"; _{tool}_options "$2"', "bash",
                completion, command).split()
    return {w[2:] for w in words if w.startswith("--")}, \
        {w[1:] for w in words if re.fullmatch(r"-\w", w)}


def compare(errors, what, ours, theirs):
    for name in sorted(set(ours) - set(theirs)):
        errors.append(f"{what} lacks {name}")
    for name in sorted(set(theirs) - set(ours)):
        errors.append(f"{what} has {name}, which the tool has not")


def compare_completion(errors, options, completion, command):
    longs, letters = completed(completion, command)
    compare(errors, "the completion", options, longs)
    compare(errors, "the completion", [v for v in options.values() if v],
            letters)


def check_bench(tool, sections, completion):
    """Few commands, so that each explains all of its options."""
    results = {}
    for command in ("", "report", "compare"):
        errors = []
        options = helped(run(tool, *command.split(), "--help"))
        manual = documented(sections.get(command or "Measuring", ""))
        compare(errors, "the manual page", options.items(), manual.items())
        compare_completion(errors, options, completion, command)
        results[f"bench-{command or 'measure'}"] = errors
    return results


def check_command(name, tool, sections, completion):
    errors = []
    options = helped(run(tool, name, "--help"))
    own = {k: v for k, v in options.items() if k not in COMMON}
    manual = documented(sections.get(name, ""))
    compare(errors, "the manual page", own.items(), manual.items())
    common = sections["Options of every command"]
    if ("json" in options) != (name in with_json(common)):
        errors.append("the manual page is wrong about --json")
    compare_completion(errors, options, completion, name)
    if run(tool, "help", name) != run(tool, name, "-h"):
        errors.append("help and -h differ")
    return errors


def check_commands(tool, sections, completion):
    errors = []
    overview = run(tool, "help")
    commands = commands_of(overview)
    compare(errors, "the manual page", commands,
            {s for s in sections if re.fullmatch("[a-z]+", s)})
    words = run("bash", "-c", '. "$1"; echo $_drbctl_commands', "bash",
                completion).split()
    compare(errors, "the completion",
            commands | {"--" + o for o in helped(overview)}, words)
    compare(errors, "the manual page", helped(overview),
            re.findall(r"Pq Fl \\-([a-z]+)",
                       sections["Options of every command"]))
    if run(tool, "--help") != overview:
        errors.append("help and --help differ")
    return errors, commands


def main():
    tool, page, completion = sys.argv[1:]
    sections = manual_sections(Path(page).read_text(encoding="utf-8"))
    if Path(tool).name == "drb-bench":
        results = check_bench(tool, sections, completion)
    else:
        errors, commands = check_commands(tool, sections, completion)
        results = {"commands": errors}
        for name in sorted(commands - {"help"}):
            results[name] = check_command(name, tool, sections, completion)
    for name, wrong in results.items():
        if wrong:
            print(f"FAIL tools.options.{name}: {'; '.join(map(str, wrong))}")
        else:
            print(f"PASS tools.options.{name}")
    return any(results.values())


if __name__ == "__main__":
    sys.exit(main())
