// SPDX-License-Identifier: GPL-2.0
/*
 * stats.c - the same statistics as bench/stats.py's, which says more of them.
 */
#include <math.h>
#include <stdlib.h>

#include "stats.h"

#define EXACT	25		/* samples of each; beyond, the normal distribution */
#define NORMAL	1.959963984540054

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void stats_of(double *samples, size_t num, struct stats *stats)
{
	qsort(samples, num, sizeof(*samples), compare);
	stats->samples = samples;
	stats->num = num;
	stats->median = (samples[(num - 1) / 2] + samples[num / 2]) / 2;
	stats->min = samples[0];
	stats->max = samples[num - 1];
}

/*
 * By rank sum above the least: in how many ways num samples of the one may stand
 * among those of the other. All are whole numbers that a double has.
 */
static const double *arrangements(size_t num, size_t other)
{
	static double ways[EXACT + 1][EXACT * EXACT + 1];
	size_t place, taken, total, lower;

	for (taken = 0; taken <= num; taken++)
		for (total = 0; total <= num * other; total++)
			ways[taken][total] = !taken && !total;
	for (place = 0; place < num + other; place++) {
		taken = place + 1 < num ? place + 1 : num;
		for (; taken > 0; taken--) {
			lower = place + 1 - taken;
			for (total = lower; total <= num * other; total++)
				ways[taken][total] += ways[taken - 1][total - lower];
		}
	}
	return ways[num];
}

static size_t exact_rank(size_t num, size_t other)
{
	const double *ways = arrangements(num, other);
	double all = 0, sums = 0;
	size_t i;

	for (i = 0; i <= num * other; i++)
		all += ways[i];
	for (i = 0; i <= num * other; i++) {
		sums += ways[i];
		if (40 * sums > all)	/* 2.5 % at each end */
			break;
	}
	return i;
}

/*
 * Which of all pairs' ratios, from either end, the interval ends at; 0: there is
 * none.
 */
static size_t rank(size_t num, size_t other)
{
	size_t most = (num + 1) / 2 * ((other + 1) / 2), found;
	double spread, normal;

	if (num > EXACT || other > EXACT) {
		spread = sqrt((double)num * other * (num + other + 1) / 12);
		normal = floor((double)num * other / 2 - NORMAL * spread);
		found = normal > 0 ? normal : 0;
	} else {
		found = exact_rank(num, other);
	}
	/* The ratio of the medians is always in it. */
	return found < most ? found : most;
}

bool stats_ratio(const struct stats *of, const struct stats *to,
		 struct ratio *ratio)
{
	size_t end = rank(of->num, to->num), num = of->num * to->num, i;
	double *pairs;

	ratio->value = of->median / to->median;
	ratio->low = 0;
	ratio->high = INFINITY;
	if (!end)
		return true;
	pairs = malloc(num * sizeof(*pairs));
	if (!pairs)
		return false;
	for (i = 0; i < num; i++)
		pairs[i] = of->samples[i / to->num] / to->samples[i % to->num];
	qsort(pairs, num, sizeof(*pairs), compare);
	ratio->low = pairs[end - 1];
	ratio->high = pairs[num - end];
	free(pairs);
	return true;
}

double stats_spread(const struct stats *stats)
{
	return 50 * (stats->max - stats->min) / stats->median;
}
