// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - the cells of the micro-benchmark: layouts by sizes by modes.
 *
 * The layouts take turns within each round, so that whatever changes on the
 * machine meets all of them.  A sample during which other processes kept a
 * CPU busy, or a CPU was slower than it can be, is taken again, and counted
 * as disturbed if that does not help.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "transfer.h"

#define RETRIES		3
#define MAX_OTHERS	0.10	/* CPUs kept busy by others in a good sample */
#define MAX_PROBE	1.25	/* times the fastest seen, in a good sample */
#define CALIBRATION	20000

static const struct layout *const layouts[LAYOUTS] = {
	&layout_records, &layout_ascending, &layout_linear, &layout_chunks,
};

static const uint32_t sizes[SIZES] = { 64, 1500, 65536 };
static const enum mode modes[MODES] = {
	MODE_TURNS, MODE_POLL, MODE_DOORBELL,
};

static const char *const mode_names[MODES] = {
	"turns", "copy", "copy+doorbell",
};

static int cpu[2];
static unsigned int samples = 7;
static double sample_seconds = 0.15;
static unsigned int retries_left = 120;	/* of all cells together */

static struct cell cells[SIZES][MODES][LAYOUTS];

/* Two CPUs this process may use, or none. */
static bool find_cpus(void)
{
	unsigned int found = 0;
	cpu_set_t set;
	int i;

	if (sched_getaffinity(0, sizeof(set), &set))
		return false;
	for (i = 0; i < CPU_SETSIZE && found < 2; i++)
		if (CPU_ISSET(i, &set))
			cpu[found++] = i;
	return found == 2;
}

static struct transfer transfer_of(unsigned int layout, unsigned int size,
				   unsigned int mode, uint64_t packets)
{
	struct transfer t = {
		.layout = layouts[layout],
		.size = sizes[size],
		.packets = packets,
		.mode = modes[mode],
		.cpu = { cpu[0], cpu[1] },
	};

	return t;
}

/* Packets that the slowest layout moves in the time of one sample. */
static uint64_t calibrate(unsigned int size, unsigned int mode)
{
	double slowest = 1;
	unsigned int l;

	for (l = 0; l < LAYOUTS; l++) {
		struct transfer t = transfer_of(l, size, mode, CALIBRATION);
		struct outcome o = transfer_threads(&t);

		if (o.ns_per_packet > slowest)
			slowest = o.ns_per_packet;
	}
	return sample_seconds * 1e9 / slowest;
}

static bool disturbed(const struct outcome *o)
{
	static double fastest;

	if (!fastest || o->probe < fastest)
		fastest = o->probe;
	return o->others > MAX_OTHERS || o->probe > fastest * MAX_PROBE;
}

static void take_sample(struct cell *c, const struct transfer *t)
{
	struct outcome o = transfer_threads(t);
	bool bad = disturbed(&o);
	unsigned int tries;

	for (tries = 0; bad && tries < RETRIES && retries_left; tries++) {
		retries_left--;
		o = transfer_threads(t);
		bad = disturbed(&o);
	}
	c->disturbed += bad;
	c->data_doorbells += o.data_doorbells / samples;
	c->space_doorbells += o.space_doorbells / samples;
	c->ns[c->samples++] = o.ns_per_packet;
}

static void measure(unsigned int size, unsigned int mode)
{
	uint64_t packets = calibrate(size, mode);
	unsigned int i, l;

	for (l = 0; l < LAYOUTS; l++) {
		struct cell *c = &cells[size][mode][l];

		c->layout = layouts[l]->name;
		c->mode = mode_names[mode];
		c->size = sizes[size];
	}
	for (i = 0; i < samples; i++)
		for (l = 0; l < LAYOUTS; l++) {
			/* Who goes first changes too. */
			unsigned int turn = (l + i) % LAYOUTS;
			struct transfer t = transfer_of(turn, size, mode,
							packets);

			take_sample(&cells[size][mode][turn], &t);
		}
}

static int run_all(const char *json)
{
	unsigned int s, m;

	if (!find_cpus()) {
		fprintf(stderr, "layout: two CPUs are needed\n");
		return EXIT_FAILURE;
	}
	report_conditions();
	for (m = 0; m < MODES; m++)
		for (s = 0; s < SIZES; s++) {
			measure(s, m);
			row_finish(cells[s][m]);
			report_row(cells[s][m]);
		}
	return report_json(json, &cells[0][0][0], SIZES * MODES * LAYOUTS);
}

/* layout --alone NAME SIZE PACKETS */
static int run_alone(char **argv)
{
	struct transfer t = {
		.size = strtoul(argv[1], NULL, 0),
		.packets = strtoull(argv[2], NULL, 0),
		.mode = MODE_POLL,
	};
	unsigned int l;

	for (l = 0; l < LAYOUTS; l++)
		if (!strcmp(layouts[l]->name, argv[0]))
			t.layout = layouts[l];
	if (!t.layout || t.size < 64 || t.size > 65536) {
		fprintf(stderr, "layout: no such layout or size\n");
		return EXIT_FAILURE;
	}
	transfer_alone(&t);
	return EXIT_SUCCESS;
}

static int usage(void)
{
	fprintf(stderr,
		"usage: layout [--samples N] [--seconds S] --json FILE\n"
		"       layout --alone LAYOUT SIZE PACKETS\n"
		"N from 5 to %u samples of S seconds for each cell\n",
		MAX_SAMPLES);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "samples", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 's' },
		{ "json", required_argument, NULL, 'j' },
		{ "alone", no_argument, NULL, 'a' },
		{ 0 },
	};
	const char *json = NULL;
	bool alone = false;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'n')
			samples = strtoul(optarg, NULL, 0);
		else if (o == 's')
			sample_seconds = strtod(optarg, NULL);
		else if (o == 'j')
			json = optarg;
		else if (o == 'a')
			alone = true;
		else
			return usage();
	}
	if (alone)
		return argc - optind == 3 ? run_alone(argv + optind) : usage();
	if (!json || optind != argc || samples < 5 || samples > MAX_SAMPLES ||
	    !(sample_seconds > 0))
		return usage();
	return run_all(json);
}
