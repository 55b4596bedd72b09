// SPDX-License-Identifier: GPL-2.0
/*
 * sample.c - one cell measured once on one vif.  Rates of packets are the
 * receiver's, by its own clock; nothing is sent on the control connection while
 * a window is open, and packets go on to come until it is closed, however late a
 * busy guest is with that.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netdev.h"
#include "out.h"
#include "pktgen.h"
#include "run.h"
#include "sample.h"

#define LOOK_MS 200		/* for other programs, before a sample */
#define LATEST_MS 10000		/* by then the guest stops by itself */
#define FEW_PACKETS 3		/* that the kernel may send of its own accord */
#define TOOL_SECONDS 30		/* that a program may take beside the sample */
#define ATTEMPTS 3		/* for programs of the guest that come up yet */

/* ---- programs that are wanted ------------------------------------------- */

static void need(json_object *conditions, const char *program,
		 const char *where, const char *mend)
{
	json_object *tools = json_object_object_get(conditions, "tools");

	if (!json_object_object_get(tools, program))
		die(EXIT_NONE, "%s is missing in %s: %s", program, where, mend);
}

void sample_need(enum kind kind, json_object *here, json_object *there)
{
	static const char * const programs[] = { "pktgen", "iperf3", "sockperf" };
	static const char * const mend[] = {
		"install a kernel that has it (Debian: linux-image-amd64, not -cloud)",
		"apt install iperf3", "apt install sockperf",
	};

	need(here, programs[kind], "this domain", mend[kind]);
	need(there, programs[kind], "the guest", mend[kind]);
}

/* ---- counters ----------------------------------------------------------- */

static void count(const struct way *way, struct netdev_counts *counts)
{
	if (netdev_counts(way->vif.dev, true, counts))
		return;
	peer_check();
	die(EXIT_FAIL, "%s: the device is gone", way->name);
}

/* What the guest's device received, or sent. */
static double guest_count(const struct way *way, const char *key)
{
	json_object *answer;
	double value;

	peer_ask("count %u", way->vif.handle);
	answer = peer_answer(0);
	value = peer_number(answer, key);
	json_object_put(answer);
	return value;
}

/* The measured traffic must be on the vif and not beside it. */
static void need_traffic(const struct cell *cell, const struct way *way,
			 double packets, double at_least)
{
	if (packets >= at_least)
		return;
	peer_check();
	die(EXIT_FAIL, "%s: what is sent to %s is not on %s: are two vifs in one network?",
	    cell->name, way->address, way->name);
}

/* ---- packets ------------------------------------------------------------ */

static double values_packets(json_object *values, double packets, double ns)
{
	double pps = ns > 0 ? packets * 1e9 / ns : 0;

	json_object_object_add(values, "pps", json_object_new_double(pps));
	return pps;
}

static void start_pktgen(const struct cell *cell, const struct way *way)
{
	struct flow flow = {
		.dev = way->vif.dev, .size = cell->size, .burst = cell->many,
		.to = way->ip, .from = way->own_ip,
	};

	strcpy(flow.to_mac, way->mac);
	if (pktgen_start(&flow))
		return;
	peer_check();
	die(EXIT_FAIL, "%s: pktgen does not take %s; does another program use it?",
	    cell->name, way->vif.dev);
}

static void take_rx(const struct cell *cell, const struct way *way,
		    unsigned long ms, json_object *sample, json_object *values)
{
	double before = guest_count(way, "in"), sent;
	json_object *window;

	peer_ask("window %u %u %lu", way->vif.handle, SETTLE_MS, ms);
	start_pktgen(cell, way);
	window = peer_answer(SETTLE_MS + ms);
	sent = pktgen_stop();
	values_packets(values, peer_number(window, "in"),
		       peer_number(window, "ns"));
	json_object_put(window);
	add_number(sample, "sent", sent);
	add_number(sample, "received", guest_count(way, "in") - before);
}

static void take_tx(const struct cell *cell, const struct way *way,
		    unsigned long ms, json_object *sample, json_object *values)
{
	struct netdev_counts before, begin, end, after;
	json_object *answer;

	count(way, &before);
	peer_ask("pktgen %u %u %u %lu", way->vif.handle, cell->size, cell->many,
		 LATEST_MS + ms);
	sleep_ms(SETTLE_MS);
	count(way, &begin);
	sleep_ms(ms);
	count(way, &end);
	peer_ask("stop");
	answer = peer_answer(ms);
	count(way, &after);
	values_packets(values,
		       end.from_guest.packets - begin.from_guest.packets,
		       end.when_ns - begin.when_ns);
	add_number(sample, "sent", peer_number(answer, "sent"));
	add_number(sample, "received",
		   after.from_guest.packets - before.from_guest.packets);
	json_object_put(answer);
}

static void take_packets(const struct cell *cell, const struct way *way,
			 unsigned long ms, json_object *sample,
			 json_object *values)
{
	if (cell->from_guest)
		take_tx(cell, way, ms, sample, values);
	else
		take_rx(cell, way, ms, sample, values);
	need_traffic(cell, way,
		     json_object_get_double(json_object_object_get(values, "pps")),
		     1);
}

/* ---- streams and round trips -------------------------------------------- */

static char output[1 << 20];

/* iperf3 -J says it in a member; others in their last line. */
static const char *reason(size_t len)
{
	json_object *all = json_tokener_parse(output), *error;
	char *at;

	if (json_object_object_get_ex(all, "error", &error))
		return json_object_get_string(error);
	while (len && output[len - 1] == '\n')
		output[--len] = '\0';
	at = strrchr(output, '\n');
	return at ? at + 1 : output;
}

/*
 * The guest's programs are started when the client comes, and take a while: one
 * that is not there yet is asked again.
 */
static void run_tool(const struct cell *cell, char *const argv[],
		     double seconds)
{
	int code = 0, attempt;
	size_t len;

	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		if (attempt)
			sleep_ms(1000);
		peer_quiet((seconds + TOOL_SECONDS) * 1000);
		code = run_unprivileged(argv, seconds + TOOL_SECONDS, output,
					sizeof(output) - 1, &len);
		peer_check();
		output[len] = '\0';
		if (!code)
			return;
	}
	if (code == RUN_TIMEOUT)
		die(EXIT_FAIL, "%s: %s did not end in time", cell->name, argv[0]);
	die(EXIT_FAIL, "%s: %s failed: %.200s", cell->name, argv[0], reason(len));
}

/* Both tools take whole seconds. */
static void whole(char to[16], double value)
{
	snprintf(to, 16, "%.0f", ceil(value));
}

static void take_stream(const struct cell *cell, const struct way *way,
			double seconds, json_object *values)
{
	char port[16], length[16], streams[16], address[INET_ADDRSTRLEN];
	char *const argv[] = {
		"iperf3", "-J", "-i", "0", "-c", address, "-p", port, "-t",
		length, "-P", streams, cell->from_guest ? "-R" : NULL, NULL,
	};
	json_object *all, *sum;
	double bits;

	strcpy(address, way->address);
	whole(port, way->port + 1);
	whole(length, seconds);
	whole(streams, cell->many);
	run_tool(cell, argv, seconds);
	all = json_tokener_parse(output);
	sum = json_object_object_get(json_object_object_get(all, "end"),
				     "sum_received");
	bits = json_object_get_double(json_object_object_get(sum,
							     "bits_per_second"));
	json_object_put(all);
	if (!isfinite(bits) || bits <= 0)
		die(EXIT_FAIL, "%s: iperf3 says nothing of a rate", cell->name);
	json_object_object_add(values, "mbit", json_object_new_double(bits / 1e6));
}

/* sockperf: ---> percentile 50.000 =   12.345 */
static void add_percentile(const struct cell *cell, json_object *values,
			   const char *metric, const char *percentile)
{
	char head[32], *at, *end;
	double value = 0;

	snprintf(head, sizeof(head), "percentile %s =", percentile);
	at = strstr(output, head);
	if (at)
		value = strtod(at + strlen(head), &end);
	if (!isfinite(value) || value <= 0)
		die(EXIT_FAIL, "%s: sockperf says nothing of percentile %s",
		    cell->name, percentile);
	json_object_object_add(values, metric, json_object_new_double(value));
}

static void take_trip(const struct cell *cell, const struct way *way,
		      double seconds, json_object *values)
{
	char port[16], length[16], size[16], address[INET_ADDRSTRLEN];
	char *const argv[] = {
		"sockperf", "ping-pong", "--full-rtt", "-i", address, "-p",
		port, "-m", size, "-t", length, NULL,
	};

	strcpy(address, way->address);
	whole(port, way->port + 2);
	whole(length, seconds);
	whole(size, cell->size);
	run_tool(cell, argv, seconds);
	add_percentile(cell, values, "us_p50", "50.000");
	add_percentile(cell, values, "us_p99", "99.000");
}

/* ---- any ---------------------------------------------------------------- */

static void guest_load(struct load *load)
{
	json_object *answer;

	peer_ask("load");
	answer = peer_answer(0);
	load->busy = peer_number(answer, "busy");
	load->steal = peer_number(answer, "steal");
	load->total = peer_number(answer, "total");
	json_object_put(answer);
}

/* Who else used the CPUs: at either end, before it or meanwhile. */
struct watched {
	struct load before[2], begin[2], end[2];
};

static double foreign(const struct watched *w)
{
	double most = 0, share;
	size_t i;

	for (i = 0; i < 2; i++) {
		share = load_busy(&w->before[i], &w->begin[i]);
		most = share > most ? share : most;
		share = load_steal(&w->begin[i], &w->end[i]);
		most = share > most ? share : most;
	}
	return most;
}

static void take_any(const struct cell *cell, const struct way *way,
		     double seconds, json_object *sample, json_object *values)
{
	struct netdev_counts before, after;
	bool stream = cell->kind == STREAM;

	if (cell->kind == PACKETS) {
		take_packets(cell, way, seconds * 1000, sample, values);
		return;
	}
	count(way, &before);
	if (stream)
		take_stream(cell, way, seconds, values);
	else
		take_trip(cell, way, seconds, values);
	count(way, &after);
	need_traffic(cell, way, after.to_guest.packets - before.to_guest.packets,
		     FEW_PACKETS);
}

json_object *sample_take(const struct cell *cell, const struct way *way,
			 double seconds)
{
	json_object *sample = json_object_new_object();
	json_object *values = json_object_new_object();
	struct watched w;

	guest_load(&w.before[1]);
	load_read(&w.before[0]);
	sleep_ms(LOOK_MS);
	load_read(&w.begin[0]);
	guest_load(&w.begin[1]);
	add_text(sample, "cell", cell->name);
	add_number(sample, "handle", way->vif.handle);
	take_any(cell, way, seconds, sample, values);
	load_read(&w.end[0]);
	guest_load(&w.end[1]);
	json_object_object_add(sample, "values", values);
	json_object_object_add(sample, "foreign",
			       json_object_new_double(foreign(&w)));
	return sample;
}
