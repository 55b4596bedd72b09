// SPDX-License-Identifier: GPL-2.0
/*
 * verbs.c - the few things that a guest does for who measures it:
 *
 *	conditions
 *	load
 *	quiet MS
 *	count HANDLE
 *	window HANDLE DELAY_MS LENGTH_MS
 *	pktgen HANDLE SIZE BURST LENGTH_MS
 *	stop
 *
 * A request is a line, and so is the answer, which is JSON: an object with
 * "error" where it was not done.  HANDLE is a vif that the client has come by.
 * Packets are sent to the client's address and no other.  It cannot choose that:
 * it is where it came from, and the kernel's neighbour of that address.  They end
 * when it says stop, or when the time is over.  Who is going to say nothing for a
 * while says for how long: it is not waited for otherwise.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "neighbour.h"
#include "netdev.h"
#include "out.h"
#include "pktgen.h"
#include "programs.h"
#include "text.h"
#include "verbs.h"
#include "vif.h"

#define WORDS_MAX 8
#define QUIET_MAX 90000		/* a minute of iperf3, and what it takes to end */
#define DELAY_MAX 10000
#define LENGTH_MAX 80000
#define PACKET_MIN 60
#define PACKET_MAX 9000
#define BURST_MAX 64

struct request {
	struct client *client;
	const struct served *vif;
	struct in_addr to;	/* the client's address by way of the vif */
	char *words[WORDS_MAX];
	unsigned long numbers[WORDS_MAX];
	json_object *answer;
};

static void refuse(struct request *r, const char *why)
{
	json_object_object_add(r->answer, "error",
			       json_object_new_string(why));
}

static json_object *describe(const struct served *served, struct in_addr client)
{
	struct vif vif = { .handle = served->handle };
	json_object *o = json_object_new_object();
	char mac[MAC_LEN] = "";

	vif.front.driver = vif_own_driver(&vif, END_FRONT);
	neighbour_mac(served->dev, client, mac);
	add_number(o, "handle", served->handle);
	add_text(o, "device", served->dev);
	add_text(o, "client_mac", mac);
	add_text(o, "driver", vif_driver_name(&vif, END_FRONT));
	json_object_object_add(o, "conditions",
			       conditions_device(served->dev));
	return o;
}

static void do_conditions(struct request *r)
{
	json_object *vifs = json_object_new_array();
	const struct client *c = r->client;
	size_t i;

	json_object_object_add(r->answer, "conditions", conditions_here());
	for (i = 0; i < c->num; i++)
		if (c->reached[i].s_addr)
			json_object_array_add(vifs,
					      describe(&c->list[i], c->reached[i]));
	json_object_object_add(r->answer, "vifs", vifs);
}

static void do_load(struct request *r)
{
	struct load load;

	load_read(&load);
	add_number(r->answer, "busy", load.busy);
	add_number(r->answer, "steal", load.steal);
	add_number(r->answer, "total", load.total);
}

static void do_quiet(struct request *r)
{
	r->client->quiet = r->numbers[0];
	add_number(r->answer, "quiet", r->numbers[0]);
}

/* What came in and went out between two readings, and the time it took. */
static void add_counts(struct request *r, const struct netdev_counts *then,
		       const struct netdev_counts *now)
{
	add_number(r->answer, "ns", now->when_ns - then->when_ns);
	add_number(r->answer, "in", now->to_guest.packets - then->to_guest.packets);
	add_number(r->answer, "out", now->from_guest.packets -
		   then->from_guest.packets);
}

static void do_count(struct request *r)
{
	struct netdev_counts zero = { 0 }, now;

	if (netdev_counts(r->vif->dev, false, &now))
		add_counts(r, &zero, &now);
	else
		refuse(r, "the device is gone");
}

static void do_window(struct request *r)
{
	const struct client *c = r->client;
	struct netdev_counts then, now;

	wire_sleep(&c->wire, r->numbers[1], c->signals);
	if (!netdev_counts(r->vif->dev, false, &then)) {
		refuse(r, "the device is gone");
		return;
	}
	wire_sleep(&c->wire, r->numbers[2], c->signals);
	if (netdev_counts(r->vif->dev, false, &now))
		add_counts(r, &then, &now);
	else
		refuse(r, "the device is gone");
}

static void do_pktgen(struct request *r)
{
	struct client *c = r->client;
	char line[WIRE_REQUEST];
	struct flow flow = {
		.dev = r->vif->dev, .size = r->numbers[1],
		.burst = r->numbers[2], .to = r->to, .from = r->vif->address,
	};

	if (flow.size < PACKET_MIN || !flow.burst) {
		refuse(r, "no such packets");
		return;
	}
	if (!neighbour_mac(flow.dev, flow.to, flow.to_mac)) {
		refuse(r, "no neighbour has the client's address");
		return;
	}
	if (!pktgen_there() || !pktgen_start(&flow)) {
		refuse(r, "pktgen does not take the device");
		return;
	}
	/* "stop", or the client is gone, or says what it should not, or nothing. */
	wire_read(&c->wire, line, sizeof(line), r->numbers[3], c->signals);
	add_number(r->answer, "sent", pktgen_stop());
}

/* Arguments are numbers; the first of several is a handle, and so is a single one. */
static const struct verb {
	const char *name;
	size_t args;
	unsigned long max[WORDS_MAX];
	bool any_vif;		/* it is of none of them */
	const char *old;	/* to who gives it an argument more, as of old */
	void (*run)(struct request *r);
} verbs[] = {
	{ "conditions", 0, { 0 }, true, NULL, do_conditions },
	{ "load", 0, { 0 }, true, NULL, do_load },
	{ "quiet", 1, { QUIET_MAX }, true, NULL, do_quiet },
	{ "count", 1, { HANDLES_MAX }, false, NULL, do_count },
	{ "window", 3, { HANDLES_MAX, DELAY_MAX, LENGTH_MAX }, false, NULL,
	  do_window },
	{ "pktgen", 4, { HANDLES_MAX, PACKET_MAX, BURST_MAX, LENGTH_MAX }, false,
	  "packets go to no address that is asked for; use one version at both ends",
	  do_pktgen },
};

static bool find_vif(struct request *r, unsigned long handle)
{
	const struct client *c = r->client;
	size_t i;

	for (i = 0; i < c->num; i++) {
		if (c->list[i].handle != handle || !c->reached[i].s_addr)
			continue;
		r->vif = &c->list[i];
		r->to = c->reached[i];
		return true;
	}
	return false;
}

static bool arguments_fit(struct request *r, const struct verb *verb)
{
	size_t i;

	for (i = 0; i < verb->args; i++)
		if (!text_canonical(r->words[i], verb->max[i], &r->numbers[i]))
			return false;
	return verb->any_vif || find_vif(r, r->numbers[0]);
}

static void answer(struct request *r, char *line)
{
	const size_t num = sizeof(verbs) / sizeof(verbs[0]);
	char *name = strtok(line, " "), *word;
	size_t i = 0, args = 0;

	while ((word = strtok(NULL, " ")) && args < WORDS_MAX)
		r->words[args++] = word;
	while (name && i < num && strcmp(verbs[i].name, name))
		i++;
	if (name && i < num && verbs[i].old && args == verbs[i].args + 1)
		refuse(r, verbs[i].old);
	else if (!name || i == num || word || args != verbs[i].args)
		refuse(r, "no such request");
	else if (!arguments_fit(r, &verbs[i]))
		refuse(r, "no such vif, or a number too large");
	else
		verbs[i].run(r);
}

/* ---- a client ----------------------------------------------------------- */

/* Programs for a vif that it has come by since. */
static void start_programs(const struct client *c)
{
	static bool started[HANDLES_MAX];
	size_t i;

	for (i = 0; i < c->num; i++) {
		if (!c->reached[i].s_addr || started[i])
			continue;
		started[i] = true;
		programs_start(c->list[i].address, c->port);
	}
}

static bool serve_request(struct client *c, char *line)
{
	struct request r = {
		.client = c, .answer = json_object_new_object(),
	};
	bool sent;

	start_programs(c);
	answer(&r, line);
	sent = wire_send(&c->wire,
			 json_object_to_json_string_ext(r.answer,
							JSON_C_TO_STRING_PLAIN));
	json_object_put(r.answer);
	return sent;
}

static void send_away(const struct client *c, const char *why)
{
	char address[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &c->from, address, sizeof(address));
	warn("sent %s away: %s", address, why);
	wire_refuse(&c->wire, "%s; start drb-bench again", why);
}

void verbs_serve(struct client *c)
{
	char line[WIRE_REQUEST];
	unsigned long ms;

	do {
		ms = patience.idle + c->quiet;
		c->quiet = 0;
		switch (wire_read(&c->wire, line, sizeof(line), ms, c->signals)) {
		case WIRE_LINE:
			break;
		case WIRE_LATE:
			send_away(c, "nothing was asked for in time");
			return;
		case WIRE_BAD:
			send_away(c, "a request is too long, or is no text");
			return;
		default:
			return;
		}
	} while (serve_request(c, line));
}
