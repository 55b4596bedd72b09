/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stats.h - of samples: median, spread, and the 95 % interval of their mean.
 */
#ifndef DRB_BENCH_STATS_H
#define DRB_BENCH_STATS_H

#include <stdbool.h>
#include <stddef.h>

struct stats {
	size_t num;
	double median, min, max;
	double low, high;	/* the interval; one sample has none: its value */
};

struct ratio {
	double value;		/* of the medians */
	double low, high;	/* as far apart as both intervals allow for */
};

/* Sorts the samples, of which there is at least one. */
void stats_of(double *samples, size_t num, struct stats *stats);
void stats_ratio(const struct stats *of, const struct stats *to,
		 struct ratio *ratio);

/* Half the range of the samples, in per cent of their median. */
double stats_spread(const struct stats *stats);

#endif
