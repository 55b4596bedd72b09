// SPDX-License-Identifier: GPL-2.0
/*
 * stats.c - the same statistics as bench/report.py's.
 */
#include <math.h>
#include <stdlib.h>

#include "stats.h"

/* Student's t for a 95 % interval of the mean, by the number of samples. */
static double student(size_t num)
{
	static const double t[] = {
		0, 0, 12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
		2.262, 2.228,
	};

	return num < sizeof(t) / sizeof(t[0]) ? t[num] : 2.2;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void stats_of(double *samples, size_t num, struct stats *stats)
{
	double mean = 0, squares = 0, half = 0;
	size_t i;

	qsort(samples, num, sizeof(*samples), compare);
	for (i = 0; i < num; i++)
		mean += samples[i] / num;
	for (i = 0; i < num; i++)
		squares += (samples[i] - mean) * (samples[i] - mean);
	if (num > 1)
		half = student(num) * sqrt(squares / (num - 1) / num);
	stats->num = num;
	stats->median = (samples[(num - 1) / 2] + samples[num / 2]) / 2;
	stats->min = samples[0];
	stats->max = samples[num - 1];
	stats->low = mean - half > 0 ? mean - half : 0;
	stats->high = mean + half;
}

void stats_ratio(const struct stats *of, const struct stats *to,
		 struct ratio *ratio)
{
	ratio->value = of->median / to->median;
	ratio->low = of->low / to->high;
	ratio->high = to->low > 0 ? of->high / to->low : INFINITY;
}

double stats_spread(const struct stats *stats)
{
	return 50 * (stats->max - stats->min) / stats->median;
}
