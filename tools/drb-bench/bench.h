/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bench.h - what drb-bench measures, and what its two ends agree upon.
 */
#ifndef DRB_BENCH_H
#define DRB_BENCH_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "command.h"

extern const struct command measure_command, report_command, compare_command;

/* The control connection; iperf3 and sockperf have the two ports above it. */
#define BENCH_PORT 5210
#define SINK_PORT 9		/* where pktgen's packets go */
#define HANDLES_MAX 64u		/* vifs of one guest */
#define MAC_LEN 18		/* with its end */

enum kind { PACKETS, STREAM, TRIP };

struct cell {
	const char *name;
	enum kind kind;
	bool from_guest;
	unsigned int size;	/* bytes of a packet */
	unsigned int many;	/* burst of packets, or streams */
};

extern const struct cell cells[];
extern const size_t num_cells;
const struct cell *cell_find(const char *name);

/* The metrics of a kind of cell, NULL at the end; is less of it better? */
const char *const *metrics_of(enum kind kind);
bool metric_is_cost(const char *metric);

/* "stock", "grants", "iotask"; false: no such path. */
bool path_is_known(const char *path);

/* ---- time and load ------------------------------------------------------ */

struct load {
	double busy, steal, total;	/* ticks since the start */
};

void load_read(struct load *load);

/* Per cent of the time in between. */
double load_busy(const struct load *then, const struct load *now);
double load_steal(const struct load *then, const struct load *now);

void sleep_ms(unsigned long ms);
uint64_t now_ms(void);		/* of a clock that only goes on */

/* What the sending end needs until its packets flow. */
#define SETTLE_MS 400

/* ---- programs ----------------------------------------------------------- */

/* Its version, empty if it is not installed. */
void tool_version(const char *program, char *to, size_t size);

/* What this domain's end of the measurement is like. */
json_object *conditions_here(void);
json_object *conditions_device(const char *dev);

/* False: no such device, or one without an Ethernet address. */
bool device_mac(const char *dev, char to[MAC_LEN]);
/* One device's Ethernet address: packets for many are not sent. */
bool mac_is_valid(const char *text);

/* ---- raw samples and reports -------------------------------------------- */

json_object *raw_load(const char *dir);
json_object *report_make(json_object *raw);

/* The table of a report, for people; and all files of it. */
void report_print(json_object *report);
void report_write(const char *dir, bool fresh, json_object *raw,
		  json_object *report);

#endif
