/* SPDX-License-Identifier: GPL-2.0 */
/* report.h - the results, as a table for people and JSON for programs. */
#ifndef DRB_BENCH_REPORT_H
#define DRB_BENCH_REPORT_H

#include <stdint.h>

#define LAYOUTS		4
#define SIZES		3
#define MODES		3
#define MAX_SAMPLES	99

struct cell {
	const char *layout;
	const char *mode;
	uint32_t size;
	unsigned int samples;
	unsigned int disturbed;		/* samples others interfered with */
	double ns[MAX_SAMPLES];		/* per packet, by round; later sorted */
	double median;
	double ratio;			/* median of ns / first layout's ns */
	double data_doorbells;		/* per packet, mean of the samples */
	double space_doorbells;
};

/* No more samples will come for one size and mode: what they amount to. */
void row_finish(struct cell *cells);

/* The machine, its load and the table's head. */
void report_conditions(void);

/* The cells of all layouts for one size and mode. */
void report_row(const struct cell *cells);

/* All cells; an exit status. */
int report_json(const char *path, const struct cell *cells, unsigned int n);

#endif /* DRB_BENCH_REPORT_H */
