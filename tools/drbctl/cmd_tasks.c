// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_tasks.c - drbctl tasks and revoke: Xen's I/O task table.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "domain.h"
#include "out.h"
#include "store.h"
#include "table.h"
#include "taskjson.h"
#include "text.h"

static bool as_json;

static const struct opt tasks_opts[] = {
	OPTION_FLAG("json", 'j', "print JSON", &as_json),
	{ 0 }
};

static const struct column task_columns[] = {
	{ "GUEST", "guest", false },
	{ "TASK", "task", true },
	{ "DRIVER DOMAIN", "driver_domain", false },
	{ "DIRECTION", "direction", false },
	{ "STATE", "state", false },
	{ "REFS", "refs", true },
	{ "MAPPED", "mapped", true },
	{ "DIVERTED", "diverted", true },
	{ "MAPS", "maps", true },
	{ "DENIED", "denied", true },
};

static const struct column total_columns[] = {
	{ "GUEST", "guest", false },
	{ "TASKS", "tasks", true },
	{ "OF", "max_tasks", true },
	{ "REFS", "refs", true },
	{ "OF", "max_refs", true },
	{ "DENIED", "denied", true },
	{ "REVOKED", "revoked", true },
	{ "DRIVERS", "drivers", false },
};

#define NUM(columns) (sizeof(columns) / sizeof((columns)[0]))

/* Whose tasks this domain may see: all, or its own and those of its guests. */
static size_t domains_to_ask(unsigned int *ids, size_t num)
{
	unsigned int self = domain_self();
	size_t n;

	if (domain_is_control())
		return domain_list(ids, num);
	n = store_numbers(ids, num - 1, DOMAIN_LAST,
			  store_path("/local/domain/%u/backend/vif", self));
	ids[n] = self;
	return n + 1;
}

/* A domain that goes away meanwhile is no error, and has no tasks. */
static void ask(unsigned int dom, bool alone, json_object *tasks,
		json_object *totals)
{
	int err = tasks_describe(tasks, dom, DOMID_INVALID);
	json_object *total;

	if (err && (alone || err != -ESRCH))
		die(exit_code_of(-err), "tasks of domain %u: %s", dom,
		    table_trouble(err));
	total = policy_describe(dom, &err);
	if (total)
		json_object_array_add(totals, total);
	else if (err != -EPERM && (alone || err != -ESRCH))
		die(exit_code_of(-err), "totals of domain %u: %s", dom,
		    table_trouble(err));
}

static void print_tasks(json_object *both)
{
	json_object *tasks = json_object_object_get(both, "tasks");
	json_object *totals = json_object_object_get(both, "domains");

	out_table(task_columns, NUM(task_columns), tasks);
	if (!json_object_array_length(totals))
		return;
	putchar('\n');
	out_table(total_columns, NUM(total_columns), totals);
}

static int run_tasks(int argc, char **argv)
{
	static unsigned int ids[DOMAINS_MAX + 1];
	json_object *both = json_object_new_object();
	json_object *tasks = json_object_new_array();
	json_object *totals = json_object_new_array();
	size_t i, num = 1;

	table_need();
	if (argc)
		ids[0] = domain_need(argv[0]);
	else
		num = domains_to_ask(ids, DOMAINS_MAX + 1);
	for (i = 0; i < num; i++)
		ask(ids[i], argc, tasks, totals);
	json_object_object_add(both, "tasks", tasks);
	json_object_object_add(both, "domains", totals);
	if (as_json)
		out_json(both);
	else
		print_tasks(both);
	json_object_put(both);
	return EXIT_OK;
}

const struct command tasks_command = {
	.name = "tasks",
	.args = "[DOMAIN]",
	.what = "show Xen's I/O task table, of one guest or all",
	.more = "A driver domain sees the tasks that it is the driver of, and a guest its own.\n",
	.opts = tasks_opts,
	.max_args = 1,
	.run = run_tasks,
};

static const struct opt revoke_opts[] = { { 0 } };

static uint32_t parse_task(const char *text)
{
	unsigned long id;

	if (!strcmp(text, "all"))
		return XEN_IOTASK_ALL;
	if (!text_number(text, XEN_IOTASK_ALL - 1, &id))
		die(EXIT_USAGE, "%s: neither the number of a task nor 'all'",
		    text);
	return id;
}

static int run_revoke(int argc, char **argv)
{
	uint32_t id = argc > 1 ? parse_task(argv[1]) : XEN_IOTASK_ALL;
	unsigned int dom;
	int err;

	table_need();
	dom = domain_need(argv[0]);
	err = table_revoke(dom, id);
	if (err)
		die(exit_code_of(-err), "revoking: %s", table_trouble(err));
	return EXIT_OK;
}

const struct command revoke_command = {
	.name = "revoke",
	.args = "DOMAIN [TASK|all]",
	.what = "take rings back from the driver domain",
	.more = "It does so at once, whatever the driver domain does.  The default is all tasks.\n"
		"The vifs stay down until they are detached and attached again.\n",
	.opts = revoke_opts,
	.min_args = 1,
	.max_args = 2,
	.run = run_revoke,
};
