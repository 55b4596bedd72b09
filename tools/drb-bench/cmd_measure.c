// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_measure.c - drb-bench GUEST: every cell on every vif in turns, round by
 * round; and drb-bench --serve, which has its options.
 */
#include <errno.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "command.h"
#include "domain.h"
#include "out.h"
#include "pktgen.h"
#include "run.h"
#include "sample.h"
#include "serve.h"

#define QUICK_SAMPLES 2
#define QUICK_SECONDS 0.5

static bool as_json, as_server, quick, as_version;
static const char *only, *pattern, *dir;
static struct opt_number samples, port;
static double seconds;

static const struct opt opts[] = {
	OPTION_FLAG("serve", 'S', "in the guest: wait for a domain that measures",
		    &as_server),
	{ "vif", 'v', OPT_TEXT, "LIST", "measure these vifs only, with commas",
	  &only, 0 },
	{ "samples", 'n', OPT_NUMBER, "N", "measure so many rounds (5; quick: 2)", &samples, 1000 },
	{ "cells", 'c', OPT_TEXT, "REGEX", "measure the cells whose names match", &pattern, 0 },
	{ "time", 't', OPT_SECONDS, "SECONDS",
	  "take samples of this length (2; quick: 0.5)", &seconds, 60 },
	OPTION_FLAG("quick", 'q', "take fewer and shorter samples", &quick),
	{ "out", 'o', OPT_TEXT, "DIR", "write the report there (drb-bench-DATE)", &dir, 0 },
	{ "port", 'p', OPT_NUMBER, "N", "with --serve: listen there and at the next two",
	  &port, 65533 },
	OPTION_FLAG("json", 'j', "print the report as JSON", &as_json),
	OPTION_FLAG("version", 'V', "print the version of drb-bench", &as_version),
	{ 0 }
};

static struct way ways[HANDLES_MAX];
static size_t num_ways;
static char guest[TEXT_MAX];
static regex_t wanted;

/* ---- what is measured --------------------------------------------------- */

static bool is_listed(const struct way *way)
{
	char *copy, *word;
	bool found = false;
	struct vif vif;

	if (!only)
		return true;
	copy = strdup(only);
	for (word = copy ? strtok(copy, ",") : NULL; word && !found;
	     word = strtok(NULL, ",")) {
		vif_need(&vif, word);
		if (vif.guest != way->vif.guest)
			die(EXIT_USAGE, "%s is no vif of %s", word, guest);
		found = vif.handle == way->vif.handle;
	}
	free(copy);
	return found;
}

static void set_path(struct way *way)
{
	enum driver front = way->vif.front.driver, back = way->vif.back.driver;

	if (front != back || (front != DRIVER_DRB && front != DRIVER_STOCK))
		die(EXIT_FAIL, "%s: its ends do not have the same driver; see drbctl show %s",
		    way->name, way->name);
	if (front == DRIVER_DRB && !*way->vif.mode)
		die(EXIT_FAIL, "%s: it is not connected", way->name);
	strcpy(way->path, front == DRIVER_STOCK ? "stock" : way->vif.mode);
}

static void find_ways(unsigned int dom)
{
	size_t i, num, seen = 0;
	struct vif *vifs;

	num = vif_list(&vifs);
	for (i = 0; i < num && num_ways < HANDLES_MAX; i++) {
		struct way *way = &ways[num_ways];

		if (vifs[i].guest != dom || vifs[i].dev_end != END_BACK ||
		    !vifs[i].has_dev)
			continue;
		seen++;
		way->vif = vifs[i];
		if (!way_read(way) || !is_listed(way))
			continue;
		way_read_token(way);
		set_path(way);
		way_find_own(way);
		num_ways++;
	}
	free(vifs);
	if (!seen)
		die(EXIT_NONE, "%s has no vif that this domain serves", guest);
	if (!num_ways)
		die(EXIT_NONE, "%s does not serve%s; run drb-bench --serve in it",
		    guest, only ? " at these vifs" : "");
}

/* The guest's own word on its end: its driver must be what its keys say. */
static void take_description(struct way *way, json_object *said)
{
	char text[64];

	peer_text(said, "driver", text, sizeof(text));
	if (strcmp(text, vif_driver_name(&way->vif, END_FRONT)))
		die(EXIT_FAIL, "%s: the guest's end has the driver %s, xenstore says %s",
		    way->name, text, vif_driver_name(&way->vif, END_FRONT));
	peer_text(said, "client_mac", text, sizeof(text));
	way_find_macs(way, text);
	way->conditions = json_object_get(json_object_object_get(said,
								 "conditions"));
}

static void ask_vifs(json_object *answer)
{
	json_object *list = json_object_object_get(answer, "vifs"), *said;
	size_t i, j, num;

	num = json_object_is_type(list, json_type_array) ?
		json_object_array_length(list) : 0;
	for (i = 0; i < num_ways; i++) {
		for (j = 0; j < num; j++) {
			said = json_object_array_get_idx(list, j);
			if (peer_number(said, "handle") == ways[i].vif.handle)
				break;
		}
		if (j == num)
			die(EXIT_FAIL, "%s: %s says nothing of it", ways[i].name,
			    guest);
		take_description(&ways[i], said);
	}
}

/* ---- conditions --------------------------------------------------------- */

static json_object *describe_way(const struct way *way)
{
	json_object *o = json_object_new_object();

	add_text(o, "path", way->path);
	json_object_object_add(o, "here", conditions_device(way->vif.dev));
	json_object_object_add(o, "guest", json_object_get(way->conditions));
	return o;
}

static json_object *gather_conditions(json_object *answer)
{
	json_object *all = json_object_new_object();
	json_object *vifs = json_object_new_object();
	char key[16];
	size_t i;

	json_object_object_add(all, "here", conditions_here());
	json_object_object_add(all, "guest",
			       json_object_get(json_object_object_get(answer,
								      "conditions")));
	json_object_object_add(all, "seconds", json_object_new_double(seconds));
	for (i = 0; i < num_ways; i++) {
		snprintf(key, sizeof(key), "%u", ways[i].vif.handle);
		json_object_object_add(vifs, key, describe_way(&ways[i]));
	}
	json_object_object_add(all, "vif", vifs);
	return all;
}

static json_object *about(void)
{
	json_object *o = json_object_new_object();
	time_t now = time(NULL);
	char date[32];

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	add_text(o, "guest", guest);
	add_text(o, "date", date);
	return o;
}

static json_object *start_raw(json_object *conditions)
{
	json_object *raw = json_object_new_object();
	json_object *list = json_object_new_array(), *o;
	size_t i;

	add_number(raw, "schema", 1);
	json_object_object_add(raw, "about", about());
	json_object_object_add(raw, "conditions", conditions);
	for (i = 0; i < num_ways; i++) {
		o = json_object_new_object();
		add_number(o, "handle", ways[i].vif.handle);
		add_text(o, "vif", ways[i].name);
		add_text(o, "path", ways[i].path);
		json_object_array_add(list, o);
	}
	json_object_object_add(raw, "vifs", list);
	json_object_object_add(raw, "samples", json_object_new_array());
	return raw;
}

/* ---- measuring ---------------------------------------------------------- */

/* Bursts crash the stock drivers. */
static bool is_taken(const struct cell *cell, const struct way *way)
{
	return !(cell->kind == PACKETS && cell->many > 1 &&
		 !strcmp(way->path, "stock")) &&
	       (!pattern || !regexec(&wanted, cell->name, 0, NULL, 0));
}

static bool cell_is_taken(const struct cell *cell)
{
	size_t i;

	for (i = 0; i < num_ways; i++)
		if (is_taken(cell, &ways[i]))
			return true;
	return false;
}

static void check_programs(json_object *conditions)
{
	bool any = false;
	size_t i;

	for (i = 0; i < num_cells; i++) {
		if (!cell_is_taken(&cells[i]))
			continue;
		any = true;
		sample_need(cells[i].kind,
			    json_object_object_get(conditions, "here"),
			    json_object_object_get(conditions, "guest"));
	}
	if (!any)
		die(EXIT_USAGE, "--cells: no cell matches '%s'", pattern);
}

static void measure_cell(const struct cell *cell, unsigned long round,
			 json_object *to)
{
	size_t i;

	for (i = 0; i < num_ways; i++) {
		json_object *sample;

		if (!is_taken(cell, &ways[i]))
			continue;
		peer_busy_with("%s on %s", cell->name, ways[i].name);
		fprintf(stderr, "round %lu of %lu: %s on %s (%s)\n", round,
			samples.value, cell->name, ways[i].name, ways[i].path);
		sample = sample_take(cell, &ways[i], seconds);
		add_number(sample, "round", round);
		json_object_array_add(to, sample);
	}
}

static void measure(json_object *to)
{
	unsigned long round;
	size_t i;

	for (round = 1; round <= samples.value; round++)
		for (i = 0; i < num_cells; i++)
			measure_cell(&cells[i], round, to);
}

/* ---- what must not be left behind --------------------------------------- */

static void abandon(void)
{
	pktgen_abandon();
	if (run_group)
		kill(-run_group, SIGKILL);
}

static void on_signal(int sig)
{
	static const char text[] = "drb-bench: interrupted; nothing is written\n";

	abandon();
	if (write(2, text, sizeof(text) - 1) < 0)
		_exit(EXIT_FAIL);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void take_signals(void)
{
	static const int all[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_NODEFER };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		sigaction(all[i], &action, NULL);
	atexit(abandon);
}

/* ---- the command -------------------------------------------------------- */

static void set_defaults(void)
{
	static char name[64];
	time_t now = time(NULL);

	if (!samples.given)
		samples.value = quick ? QUICK_SAMPLES : 5;
	if (!seconds)
		seconds = quick ? QUICK_SECONDS : 2;
	if (!samples.value)
		die(EXIT_USAGE, "--samples: at least one");
	if (pattern && regcomp(&wanted, pattern, REG_EXTENDED | REG_NOSUB))
		die(EXIT_USAGE, "--cells: '%s' is no regular expression", pattern);
	if (dir)
		return;
	strftime(name, sizeof(name), "drb-bench-%Y%m%d-%H%M%S", localtime(&now));
	dir = name;
}

/* Before measuring, not after. */
static void check_place(void)
{
	if (!access(dir, F_OK))
		die(EXIT_FAIL, "%s exists already", dir);
	if (mkdir(dir, 0777) || rmdir(dir))
		die(exit_code_of(errno), "%s: %s", dir, strerror(errno));
}

static void set_guest(const char *text, unsigned int *dom)
{
	*dom = domain_need(text);
	if (!domain_name(*dom, guest, sizeof(guest)))
		text_format(guest, sizeof(guest), "domain %u", *dom);
}

static int bench(const char *text)
{
	json_object *answer, *raw, *report;
	unsigned int dom;

	set_defaults();
	set_guest(text, &dom);
	if (geteuid())
		die(EXIT_PERM, "only root can measure: it sends packets by pktgen");
	check_place();
	find_ways(dom);
	take_signals();
	peer_connect(ways, num_ways, guest);
	peer_ask("conditions");
	answer = peer_answer(30000);
	ask_vifs(answer);
	raw = start_raw(gather_conditions(answer));
	check_programs(json_object_object_get(raw, "conditions"));
	measure(json_object_object_get(raw, "samples"));
	peer_leave();
	report = report_make(raw);
	report_write(dir, true, raw, report);
	if (as_json)
		out_json(report);
	else
		report_print(report);
	fprintf(stderr, "%s/report.html, report.md, report.json, raw.json\n", dir);
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	if (as_version) {
		printf("drb-bench %s\n", tool_build);
		return EXIT_OK;
	}
	if (as_server) {
		if (argc || samples.given || pattern || seconds || quick || dir ||
		    as_json)
			die(EXIT_USAGE, "--serve: only --vif and --port go with it");
		return serve_vifs(only, port.given && port.value ? port.value :
				  BENCH_PORT);
	}
	if (argc != 1)
		die(EXIT_USAGE, "which guest? see drb-bench --help");
	if (port.given)
		die(EXIT_USAGE, "--port: the guest says by itself where it serves");
	return bench(argv[0]);
}

const struct command measure_command = {
	.name = "",
	.args = "GUEST",
	.what = "Measure the vifs of a guest, from the domain that serves them, in turns.",
	.more = "In the guest: drb-bench --serve [--vif LIST] [--port N]\n"
		"drb-bench report DIR...     make the report again from raw samples\n"
		"drb-bench compare DIR DIR   compare runs taken under equal conditions\n",
	.opts = opts,
	.max_args = 1,
	.run = run,
};
