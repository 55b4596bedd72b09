// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_check.c - drbctl check: is this domain ready for DRB?
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "cmd.h"
#include "domain.h"
#include "out.h"
#include "store.h"

static bool as_json, strict;

static const struct opt opts[] = {
	OPTION_FLAG("strict", 's', "let warnings fail as well", &strict),
	OPTION_FLAG("json", 'j', "print JSON", &as_json),
	{ 0 }
};

static json_object *reports;
static bool failed;

void report(const char *what, enum result result, const char *mend,
	    const char *fmt, ...)
{
	static const char * const names[] = { "ok", "warn", "fail" };
	enum result verdict = result == CHECK_WARN && strict ? CHECK_FAIL : result;
	json_object *o = json_object_new_object();
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add_text(o, "check", what);
	add_text(o, "result", names[verdict]);
	add_text(o, "level", names[result]);
	add_text(o, "found", text);
	add_text(o, "mend", mend ? mend : "");
	json_object_array_add(reports, o);
	failed = failed || verdict == CHECK_FAIL;
}

/* What is wrong and how to mend it, below each other. */
static void print_reports(void)
{
	size_t i;

	for (i = 0; i < json_object_array_length(reports); i++) {
		json_object *o = json_object_array_get_idx(reports, i);

		printf("%-4s  ", out_cell(o, "result"));
		printf("%-16s ", out_cell(o, "check"));
		printf("%s\n", out_cell(o, "found"));
		if (json_object_object_get(o, "mend"))
			printf("%24s> %s\n", "", out_cell(o, "mend"));
	}
}

static bool driver_registered(const char *bus)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/%s/drivers/vif", bus);
	if (!access(path, F_OK))
		return true;
	snprintf(path, sizeof(path), "/sys/bus/%s/drivers/vif-drb", bus);
	return !access(path, F_OK);
}

/*
 * Which end this domain is: of the vifs there are, or, while there is none, of
 * those it has drivers for; and dom0 is a driver domain unless others are.
 */
static void look_around(struct host *host)
{
	unsigned int self = domain_self();
	size_t i;

	host->control = domain_is_control();
	host->num = vif_list(&host->vifs);
	for (i = 0; i < host->num; i++) {
		host->front = host->front || host->vifs[i].guest == self;
		host->back = host->back || host->vifs[i].backend == self;
	}
	if (host->control)
		host->back = host->back || !host->num;
	else if (!host->num)
		host->back = driver_registered("xen-backend");
	if (!host->front && !host->back && !host->control)
		host->front = driver_registered("xen");
}

struct tally tally(const struct host *host, enum end end)
{
	unsigned int self = domain_self();
	struct tally t = { 0 };
	const struct vif *vif;
	enum driver driver;
	size_t i;

	for (i = 0; i < host->num; i++) {
		vif = &host->vifs[i];
		if ((end == END_BACK ? vif->backend : vif->guest) != self)
			continue;
		driver = end == END_BACK ? vif->back.driver : vif->front.driver;
		t.vifs++;
		t.wanted += vif->wanted;
		t.served += vif->wanted && driver == DRIVER_DRB;
	}
	return t;
}

bool unasked(const struct host *host, enum end end)
{
	struct tally t = tally(host, end);

	return t.vifs && !t.wanted;
}

static int run(int argc, char **argv)
{
	struct host host = { 0 };
	char version[128];

	(void)argc;
	(void)argv;
	reports = json_object_new_array();
	look_around(&host);
	check_hypervisor(&host);
	if (host.control) {
		check_updates(xen_version(version, sizeof(version)));
		check_iommu(&host);
	}
	if (host.back) {
		check_modules(&host, END_BACK);
		check_script(&host);
		check_privilege(&host);
		check_mappings(&host);
	}
	if (host.front)
		check_modules(&host, END_FRONT);
	check_asked(&host);
	check_bound(&host);
	check_grants(&host);
	if (as_json)
		out_json(reports);
	else
		print_reports();
	json_object_put(reports);
	free(host.vifs);
	return failed ? EXIT_FAIL : EXIT_OK;
}

const struct command check_command = {
	.name = "check",
	.args = "",
	.what = "say whether this domain is ready for DRB, and what to do",
	.more = "A line says fail for a defect, and warn for what somebody may have chosen or\n"
		"what may become a defect.  The exit code is 0 unless a line says fail.\n",
	.opts = opts,
	.run = run,
};
