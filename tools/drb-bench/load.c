// SPDX-License-Identifier: GPL-2.0
/*
 * load.c - what else uses the CPUs: other programs of this domain before a
 * sample, other domains (steal) during it.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"

void load_read(struct load *load)
{
	/* user nice system idle iowait irq softirq steal */
	double v[8] = { 0 };
	FILE *f = fopen("/proc/stat", "r");
	size_t i;

	memset(load, 0, sizeof(*load));
	if (!f)
		return;
	if (fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &v[0], &v[1],
		   &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) < 8)
		memset(v, 0, sizeof(v));
	fclose(f);
	for (i = 0; i < 8; i++)
		load->total += v[i];
	load->steal = v[7];
	load->busy = load->total - v[3] - v[4] - v[7];
}

static double share(double part, double whole)
{
	return whole > 0 && part > 0 ? 100 * part / whole : 0;
}

double load_busy(const struct load *then, const struct load *now)
{
	return share(now->busy - then->busy, now->total - then->total);
}

double load_steal(const struct load *then, const struct load *now)
{
	return share(now->steal - then->steal, now->total - then->total);
}

void sleep_ms(unsigned long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&t, &t))
		;
}

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}
