// SPDX-License-Identifier: GPL-2.0
/*
 * cells.c - the cells of the measurement, named as the test bed's bench does.
 */
#include <string.h>

#include "bench.h"

const struct cell cells[] = {
	{ "rx-60-b1", PACKETS, false, 60, 1 },
	{ "tx-60-b1", PACKETS, true, 60, 1 },
	{ "rx-60-b8", PACKETS, false, 60, 8 },
	{ "tx-60-b8", PACKETS, true, 60, 8 },
	{ "rx-60-b32", PACKETS, false, 60, 32 },
	{ "tx-60-b32", PACKETS, true, 60, 32 },
	{ "rx-1496-b1", PACKETS, false, 1496, 1 },
	{ "tx-1496-b1", PACKETS, true, 1496, 1 },
	{ "rx-1496-b8", PACKETS, false, 1496, 8 },
	{ "tx-1496-b8", PACKETS, true, 1496, 8 },
	{ "rx-1496-b32", PACKETS, false, 1496, 32 },
	{ "tx-1496-b32", PACKETS, true, 1496, 32 },
	{ "tcp-rx-1", STREAM, false, 0, 1 },
	{ "tcp-tx-1", STREAM, true, 0, 1 },
	{ "tcp-rx-4", STREAM, false, 0, 4 },
	{ "tcp-tx-4", STREAM, true, 0, 4 },
	{ "rtt-64", TRIP, false, 64, 1 },
	{ "rtt-1024", TRIP, false, 1024, 1 },
};

const size_t num_cells = sizeof(cells) / sizeof(cells[0]);

const struct cell *cell_find(const char *name)
{
	size_t i;

	for (i = 0; i < num_cells; i++)
		if (!strcmp(cells[i].name, name))
			return &cells[i];
	return NULL;
}

const char *const *metrics_of(enum kind kind)
{
	static const char * const metrics[][3] = {
		[PACKETS] = { "pps" },
		[STREAM] = { "mbit" },
		[TRIP] = { "us_p50", "us_p99" },
	};

	return metrics[kind];
}

bool metric_is_cost(const char *metric)
{
	return !strncmp(metric, "us_", 3);
}

bool path_is_known(const char *path)
{
	return !strcmp(path, "stock") || !strcmp(path, "grants") ||
	       !strcmp(path, "iotask");
}
