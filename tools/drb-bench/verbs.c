// SPDX-License-Identifier: GPL-2.0
/*
 * verbs.c - the few things that a guest does for who measures it:
 *
 *	conditions
 *	load
 *	count HANDLE
 *	window HANDLE DELAY_MS LENGTH_MS
 *	pktgen HANDLE SIZE BURST LENGTH_MS MAC
 *	stop
 *
 * A request is a line, and so is the answer, which is JSON: an object with
 * "error" where it was not done.  Packets are sent to the peer's own address and
 * no other, until it says stop or the time is over.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "domain.h"
#include "netdev.h"
#include "out.h"
#include "pktgen.h"
#include "serve.h"
#include "text.h"

#define WORDS_MAX 8
#define IDLE_MS 120000		/* a peer that says nothing for so long is gone */
#define LENGTH_MAX 80000
#define PACKET_MIN 60
#define PACKET_MAX 9000
#define BURST_MAX 64

struct request {
	struct session *session;
	const struct served *vif;
	char *words[WORDS_MAX];
	unsigned long numbers[WORDS_MAX];
	json_object *answer;
};

static void refuse(struct request *r, const char *why)
{
	json_object_object_add(r->answer, "error",
			       json_object_new_string(why));
}

static json_object *describe(const struct served *served)
{
	struct vif vif = {
		.guest = domain_self(), .handle = served->handle,
	};
	json_object *o = json_object_new_object();
	char mac[MAC_LEN] = "";

	vif_read(&vif);
	device_mac(served->dev, mac);
	add_number(o, "handle", served->handle);
	add_text(o, "device", served->dev);
	add_text(o, "mac", mac);
	add_text(o, "driver", vif_driver_name(&vif, END_FRONT));
	json_object_object_add(o, "conditions",
			       conditions_device(served->dev));
	return o;
}

static void do_conditions(struct request *r)
{
	json_object *vifs = json_object_new_array();
	size_t i;

	json_object_object_add(r->answer, "conditions", conditions_here());
	for (i = 0; i < r->session->num; i++)
		json_object_array_add(vifs, describe(&r->session->list[i]));
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
	const struct session *s = r->session;
	struct netdev_counts then, now;

	wire_sleep(&s->wire, r->numbers[1], s->signals);
	if (!netdev_counts(r->vif->dev, false, &then)) {
		refuse(r, "the device is gone");
		return;
	}
	wire_sleep(&s->wire, r->numbers[2], s->signals);
	if (netdev_counts(r->vif->dev, false, &now))
		add_counts(r, &then, &now);
	else
		refuse(r, "the device is gone");
}

static void do_pktgen(struct request *r)
{
	struct session *s = r->session;
	char line[WIRE_REQUEST];
	struct flow flow = {
		.dev = r->vif->dev, .size = r->numbers[1],
		.burst = r->numbers[2], .to = s->peer, .from = r->vif->address,
	};

	if (flow.size < PACKET_MIN || !flow.burst || !mac_is_valid(r->words[4])) {
		refuse(r, "no such packets");
		return;
	}
	strcpy(flow.to_mac, r->words[4]);
	if (!pktgen_there() || !pktgen_start(&flow)) {
		refuse(r, "pktgen does not take the device");
		return;
	}
	/* "stop", or the client is gone, or says what it should not, or nothing. */
	wire_read(&s->wire, line, sizeof(line), r->numbers[3], s->signals);
	add_number(r->answer, "sent", pktgen_stop());
}

/* Arguments: the first is a handle, if there are any; the others numbers. */
static const struct verb {
	const char *name;
	size_t args;
	unsigned long max[WORDS_MAX];	/* 0: no number */
	void (*run)(struct request *r);
} verbs[] = {
	{ "conditions", 0, { 0 }, do_conditions },
	{ "load", 0, { 0 }, do_load },
	{ "count", 1, { HANDLES_MAX }, do_count },
	{ "window", 3, { HANDLES_MAX, LENGTH_MAX, LENGTH_MAX }, do_window },
	{ "pktgen", 5, { HANDLES_MAX, PACKET_MAX, BURST_MAX, LENGTH_MAX, 0 },
	  do_pktgen },
};

static const struct served *served_by(const struct session *s,
				      unsigned long handle)
{
	size_t i;

	for (i = 0; i < s->num; i++)
		if (s->list[i].handle == handle)
			return &s->list[i];
	return NULL;
}

static bool arguments_fit(struct request *r, const struct verb *verb)
{
	size_t i;

	for (i = 0; i < verb->args; i++)
		if (verb->max[i] && !text_canonical(r->words[i], verb->max[i],
						    &r->numbers[i]))
			return false;
	if (verb->args)
		r->vif = served_by(r->session, r->numbers[0]);
	return !verb->args || r->vif;
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
	if (!name || i == num || word || args != verbs[i].args)
		refuse(r, "no such request");
	else if (!arguments_fit(r, &verbs[i]))
		refuse(r, "no such vif, or a number too large");
	else
		verbs[i].run(r);
}

void verbs_serve(struct session *s)
{
	char line[WIRE_REQUEST];
	bool sent = true;

	while (sent && wire_read(&s->wire, line, sizeof(line), IDLE_MS,
				 s->signals) == WIRE_LINE) {
		struct request r = {
			.session = s, .answer = json_object_new_object(),
		};

		answer(&r, line);
		sent = wire_send(&s->wire,
				 json_object_to_json_string_ext(r.answer,
								JSON_C_TO_STRING_PLAIN));
		json_object_put(r.answer);
	}
}
