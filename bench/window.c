// SPDX-License-Identifier: GPL-2.0
/*
 * window - what network devices and the hypervisor counted in a window of
 * time.
 *
 *	window [-x] [-d DELAY_MS] [-t LENGTH_MS] DEVICE...
 *
 * Reads everything twice from one process, so that a window's figures hold
 * no cost of starting a tool.  Prints one JSON object:
 *
 *	{"ns":N, "devices":{"eth1":{"rx_packets":N,...}}, "xen":{...}}
 *
 * ns is the window's length; all others are increments within it.  "xen"
 * comes with -x (dom0 only) and needs a hypervisor with CONFIG_PERF_COUNTERS.
 */
#include <errno.h>
#include <error.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xenctrl.h>

#include "mark.h"

#define MAX_DEVICES	8

static const char * const fields[] = {
	"rx_packets", "rx_bytes", "rx_dropped",
	"tx_packets", "tx_bytes", "tx_dropped",
};

#define NR_FIELDS	(sizeof(fields) / sizeof(fields[0]))

/* Hypercall numbers of xen/include/public/xen.h that are told apart. */
enum { HC_GRANT_TABLE = 20, HC_EVENT_CHANNEL = 32, HC_SCHED = 29 };

struct xen_counts {
	uint64_t hypercalls;
	uint64_t grant_calls;
	uint64_t event_calls;
	uint64_t sched_calls;
	uint64_t multicall_entries;
	uint64_t interrupts;
	uint64_t ipis;
	uint64_t tlb_flushes;
	uint64_t context_switches;
	uint64_t iotask_entries;
};

struct snapshot {
	uint64_t ns;
	uint64_t dev[MAX_DEVICES][NR_FIELDS];
	struct xen_counts xen;
};

static xc_interface *xch;
static int nr_desc, nr_val;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static uint64_t read_field(const char *dev, const char *field)
{
	char path[256];
	uint64_t val;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", dev,
		 field);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%" SCNu64, &val) != 1)
		error(1, errno, "%s", path);
	fclose(f);
	return val;
}

static void open_xen(void)
{
	xch = xc_interface_open(NULL, NULL, 0);
	if (!xch)
		error(1, errno, "cannot talk to Xen");
	if (xc_perfc_query_number(xch, &nr_desc, &nr_val))
		error(1, errno, "Xen has no performance counters");
}

static uint64_t sum(const xc_perfc_val_t *val, unsigned int nr)
{
	uint64_t s = 0;

	while (nr--)
		s += val[nr];
	return s;
}

/* Add one counter, known by name, to what it counts. */
static void take_counter(struct xen_counts *x, const xc_perfc_desc_t *d,
			 const xc_perfc_val_t *val)
{
	const struct {
		const char *name;
		uint64_t *to;
	} singles[] = {
		{ "calls from multicall", &x->multicall_entries },
		{ "#interrupts", &x->interrupts },
		{ "#IPIs", &x->ipis },
		{ "sched: context switches", &x->context_switches },
		{ "domain page tlb flushes", &x->tlb_flushes },
		{ "PG_need_flush tlb flushes", &x->tlb_flushes },
		{ "I/O tasks: operations", &x->iotask_entries },
		{ "I/O tasks: mappings", &x->iotask_entries },
		{ "I/O tasks: refusals", &x->iotask_entries },
		{ "I/O tasks: mappings taken away", &x->iotask_entries },
	};
	unsigned int i;

	if (!strcmp(d->name, "hypercalls")) {
		x->hypercalls = sum(val, d->nr_vals);
		x->grant_calls = val[HC_GRANT_TABLE];
		x->event_calls = val[HC_EVENT_CHANNEL];
		x->sched_calls = val[HC_SCHED];
		return;
	}
	for (i = 0; i < sizeof(singles) / sizeof(singles[0]); i++)
		if (!strcmp(d->name, singles[i].name))
			*singles[i].to += sum(val, d->nr_vals);
}

static void read_xen(struct xen_counts *x)
{
	DECLARE_HYPERCALL_BUFFER(xc_perfc_desc_t, desc);
	DECLARE_HYPERCALL_BUFFER(xc_perfc_val_t, val);
	const xc_perfc_val_t *v;
	int i;

	desc = xc_hypercall_buffer_alloc(xch, desc, sizeof(*desc) * nr_desc);
	val = xc_hypercall_buffer_alloc(xch, val, sizeof(*val) * nr_val);
	if (!desc || !val)
		error(1, errno, "no memory for Xen's counters");
	if (xc_perfc_query(xch, HYPERCALL_BUFFER(desc), HYPERCALL_BUFFER(val)))
		error(1, errno, "reading Xen's counters");
	memset(x, 0, sizeof(*x));
	for (v = val, i = 0; i < nr_desc; v += desc[i++].nr_vals)
		take_counter(x, &desc[i], v);
	xc_hypercall_buffer_free(xch, desc);
	xc_hypercall_buffer_free(xch, val);
}

static void take_snapshot(struct snapshot *s, char **dev, int nr)
{
	unsigned int f;
	int i;

	s->ns = now_ns();
	for (i = 0; i < nr; i++)
		for (f = 0; f < NR_FIELDS; f++)
			s->dev[i][f] = read_field(dev[i], fields[f]);
	if (xch)
		read_xen(&s->xen);
}

static void print_devices(const struct snapshot *a, const struct snapshot *b,
			  char **dev, int nr)
{
	unsigned int f;
	int i;

	for (i = 0; i < nr; i++) {
		printf("%s\"%s\":{", i ? "," : "", dev[i]);
		for (f = 0; f < NR_FIELDS; f++)
			printf("%s\"%s\":%" PRIu64, f ? "," : "", fields[f],
			       b->dev[i][f] - a->dev[i][f]);
		printf("}");
	}
}

static void print_xen(const struct xen_counts *a, const struct xen_counts *b)
{
	const struct {
		const char *name;
		uint64_t count;
	} counts[] = {
		{ "hypercalls", b->hypercalls - a->hypercalls },
		{ "grant_calls", b->grant_calls - a->grant_calls },
		{ "event_calls", b->event_calls - a->event_calls },
		{ "sched_calls", b->sched_calls - a->sched_calls },
		{ "multicall_entries",
		  b->multicall_entries - a->multicall_entries },
		{ "interrupts", b->interrupts - a->interrupts },
		{ "ipis", b->ipis - a->ipis },
		{ "tlb_flushes", b->tlb_flushes - a->tlb_flushes },
		{ "context_switches",
		  b->context_switches - a->context_switches },
		{ "iotask_entries", b->iotask_entries - a->iotask_entries },
	};
	unsigned int i;

	printf(",\"xen\":{");
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		printf("%s\"%s\":%" PRIu64, i ? "," : "", counts[i].name,
		       counts[i].count);
	printf("}");
}

int main(int argc, char **argv)
{
	long delay = 0, length = 1000;
	static struct snapshot a, b;
	int opt, nr;

	while ((opt = getopt(argc, argv, "xd:t:")) != -1) {
		switch (opt) {
		case 'x':
			open_xen();
			break;
		case 'd':
			delay = atol(optarg);
			break;
		case 't':
			length = atol(optarg);
			break;
		default:
			error(2, 0, "see the head of window.c");
		}
	}
	nr = argc - optind;
	if (nr > MAX_DEVICES)
		error(2, 0, "at most %d devices", MAX_DEVICES);
	sleep_ms(delay);
	take_snapshot(&a, argv + optind, nr);
	if (xch)
		drb_mark(DRB_MARK_BEGIN);
	sleep_ms(length);
	if (xch)
		drb_mark(DRB_MARK_END);
	take_snapshot(&b, argv + optind, nr);

	printf("{\"ns\":%" PRIu64 ",\"devices\":{", b.ns - a.ns);
	print_devices(&a, &b, argv + optind, nr);
	printf("}");
	if (xch)
		print_xen(&a.xen, &b.xen);
	printf("}\n");
	return 0;
}
