#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The report of bench/: states of the host, runs that were stopped, no samples.
PASS name, or FAIL name: why."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
from states import limit_of, state_of, waits_for  # noqa: E402

CONDITIONS = {"clock": "wall"}
XEN = {"ns": 10 ** 9, "devices": {}, "xen": {k: 0 for k in (
    "grant_calls", "event_calls", "hypercalls", "interrupts", "ipis",
    "tlb_flushes", "context_switches", "iotask_entries")}}


def sample(path, pps, distance):
    counts = {"rx_packets": pps, "tx_packets": 0}
    return {"id": "rx-60-b1", "path": path, "sent": pps, "received": pps,
            "receiver": {"ns": 10 ** 9, "devices": {"eth0": counts}},
            "xen": XEN, "foreign": 0, "retries": 0, "limit": 10,
            "distance": [distance, distance], "round": 1}


def report(records):
    """report.py's exit code, what it said, and the JSON if there is one."""
    with tempfile.TemporaryDirectory() as work:
        raw, out = Path(work, "raw"), Path(work, "out")
        raw.mkdir()
        (raw / "conditions.json").write_text(json.dumps(CONDITIONS))
        (raw / "data.jsonl").write_text(
            "".join(json.dumps(r) + "\n" for r in records))
        done = subprocess.run([ROOT / "bench/report.py", raw, out], text=True,
                              capture_output=True, check=False)
        file = out / "report.json"
        return (done.returncode, done.stdout + done.stderr,
                json.loads(file.read_text()) if file.exists() else None)


def cell(found, path):
    return next(c for c in found["cells"] if c["path"] == path)


def one_state():
    """Distances that differ, as those of a machine whose CPUs are never near."""
    assert limit_of([237, 250, 290, 301, 340, 376] * 10) is None
    assert limit_of([300] * 50) is None and limit_of([]) is None
    assert state_of([300, 300], None) == "any"


def two_states():
    near_and_far = [85, 87, 90] * 10 + [480, 500] * 5
    # A look that is a little above all before it is still of the same state.
    assert 100 < limit_of(near_and_far) < 430, limit_of(near_and_far)
    assert [state_of(d, 90) for d in ([85, 90], [500, 480], [85, 480])] == \
        ["near", "far", "moved"]
    assert waits_for(near_and_far) == limit_of(near_and_far)
    # Who waits for what is rare waits for ever.
    rare = [50] * 5 + [85, 87, 90] * 15
    assert limit_of(rare) and waits_for(rare) is None
    # One that is alone is no state.
    assert limit_of([85] * 50 + [500]) is None


def compared_within_a_state():
    records = [sample(p, n, d) for d, factor in ((85, 1), (500, 4))
               for p, n in (("stock", 1000 // factor), ("drb", 3000 // factor))
               for _ in range(3 if d == 85 else 2)]
    # Most of DRB's samples are far: near is what both have most of.
    records += [sample("drb", 750, 500)] * 3
    code, said, found = report(records)
    assert code == 0, said
    stock, drb = cell(found, "stock"), cell(found, "drb")
    assert stock["state"] == drb["state"] == "near", (stock, drb)
    assert drb["median"] / stock["median"] == 3, (stock, drb)
    assert len(drb["samples"]) == 3 and drb["taken"] == 8, drb


def no_state_has_both():
    _, said, found = report([sample("stock", 1000, 85)] * 3 +
                            [sample("drb", 3000, 500)] * 3)
    assert cell(found, "drb")["state"] == "mixed", said


def stopped():
    code, said, found = report([sample("stock", 1000, 85),
                                sample("drb", 3000, 85)])
    assert code == 0 and found["run"] is None, said
    assert "was stopped; it had 2 samples" in said, said


def ended():
    run = {"samples": 2, "wanted": 10, "waited_s": 3, "took_s": 30, "near": 0}
    _, said, _ = report([sample("stock", 1000, 85), sample("drb", 3000, 85),
                         {"run": run}])
    assert "2 of 10 samples in 30 s" in said, said


def none_taken():
    code, said, found = report([])
    assert code == 1 and found is None and "no samples" in said, said


def main():
    status = 0
    for test in (one_state, two_states, compared_within_a_state,
                 no_state_has_both, stopped, ended, none_taken):
        try:
            test()
            print(f"PASS tools.benchstates.{test.__name__}")
        except AssertionError as error:
            print(f"FAIL tools.benchstates.{test.__name__}: "
                  f"{' '.join(str(error).split())[:300]}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
