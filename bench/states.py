# SPDX-License-Identifier: GPL-2.0
"""How far apart the host's CPUs are, and which states that makes.

Where the host is a virtual machine itself, its CPUs may be near each other at
one moment and far apart at the next, and what domains hand each other then costs
several times as much.  How near is near differs from machine to machine, so it
is learnt from distances measured on the machine."""

# Two neighbours of the sorted distances that differ so much are two states ...
GAP = 1.5
# ... if each state has at least this share of the distances.
SHARE = 0.05
# A sample waits for CPUs that are near at least this part of the time: a wait for
# a rare state takes more time than a run has for it.
COMMON = 0.5


def limit_of(distances):
    """Up to which distance CPUs are near: the middle, as a ratio, of the widest gap,
    since a later look may be a little above all that were seen.  None where there
    is one state only."""
    ns = sorted(d for d in distances if d is not None)
    few = max(1, round(len(ns) * SHARE))
    gaps = [(ns[i] / max(ns[i - 1], 1), ns[i - 1])
            for i in range(few, len(ns) - few + 1) if i < len(ns)]
    ratio, below = max(gaps, default=(0, None))
    return round(below * ratio ** 0.5) if ratio >= GAP else None


def waits_for(distances):
    """Up to which distance CPUs are to be before a sample is taken; None: any."""
    limit = limit_of(distances)
    near = sum(d <= limit for d in distances) if limit else 0
    return limit if limit and near >= COMMON * len(distances) else None


def state_of(distances, limit):
    """The state that a sample was taken in, by the distances around it."""
    known = [d for d in distances if d is not None]
    if limit is None or not known:
        return "any"
    if all(d <= limit for d in known):
        return "near"
    return "far" if all(d > limit for d in known) else "moved"


def histogram(distances, bins=12):
    """Lines "FROM to TO ns: COUNT", in bins of equal ratios."""
    ns = sorted(d for d in distances if d is not None)
    if not ns:
        return []
    low, step = max(ns[0], 1), (ns[-1] / max(ns[0], 1)) ** (1 / bins)
    edges = [low * step ** i for i in range(bins)] + [ns[-1] + 1]
    counts = [sum(a <= n < b for n in ns) for a, b in zip(edges, edges[1:])]
    return [f"{a:.0f} to {b:.0f} ns: {c}"
            for a, b, c in zip(edges, edges[1:], counts) if c]
