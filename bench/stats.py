# SPDX-License-Identifier: GPL-2.0
"""The statistics of samples, the same as tools/drb-bench/stats.c's: medians,
their ratio, and a 95 % interval for it.

The interval is that of Mann and Whitney's test: between which factors the one
path's figures may be those of the other, multiplied, without the test saying that
they are not. Nothing is assumed of how the samples are distributed, and few are
enough: five of each, or four. With three of each there is no such interval."""

import math
from statistics import median

EXACT = 25          # samples of each; beyond that, the normal distribution
NORMAL = 1.959963984540054


def arrangements(num, other):
    """By rank sum above the least: in how many ways num samples of the one may
    stand among those of the other."""
    ways = [[0] * (num * other + 1) for _ in range(num + 1)]
    ways[0][0] = 1
    for place in range(num + other):
        for taken in range(min(num, place + 1), 0, -1):
            lower = place - taken + 1       # of the other's samples, at most
            for total in range(lower, num * other + 1):
                ways[taken][total] += ways[taken - 1][total - lower]
    return ways[num]


def rank(num, other):
    """Which of all pairs' ratios, from either end, the interval ends at; 0:
    there is none."""
    if num > EXACT or other > EXACT:
        spread = math.sqrt(num * other * (num + other + 1) / 12)
        found = max(math.floor(num * other / 2 - NORMAL * spread), 0)
    else:
        left = math.comb(num + other, num)
        sums, found = 0, 0
        for ways in arrangements(num, other):
            sums += ways
            if 40 * sums > left:            # 2.5 % at each end
                break
            found += 1
    # The ratio of the medians is always in it.
    return min(found, (num + 1) // 2 * ((other + 1) // 2))


def ratio(samples, base):
    """The ratio of the medians and its interval, as value, low and high; where
    there is none the high end is None, and the low one 0."""
    value = median(samples) / median(base)
    end = rank(len(samples), len(base))
    if not end:
        return value, 0, None
    pairs = sorted(a / b for a in samples for b in base)
    return value, pairs[end - 1], pairs[-end]
