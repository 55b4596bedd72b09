/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stats.h - of samples: median, spread, and the ratio of two medians with its 95 %
 * interval. bench/stats.py has the same, and says what kind of interval it is.
 */
#ifndef DRB_BENCH_STATS_H
#define DRB_BENCH_STATS_H

#include <stdbool.h>
#include <stddef.h>

struct stats {
	const double *samples;	/* sorted */
	size_t num;
	double median, min, max;
};

struct ratio {
	double value;		/* of the medians */
	double low, high;	/* 0 and INFINITY: too few samples for any */
};

/* Sorts the samples, of which there is at least one, and keeps them. */
void stats_of(double *samples, size_t num, struct stats *stats);
/* False: there is no memory for it. */
bool stats_ratio(const struct stats *of, const struct stats *to,
		 struct ratio *ratio);

/* Half the range of the samples, in per cent of their median. */
double stats_spread(const struct stats *stats);

#endif
