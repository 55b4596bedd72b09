// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_policy.c - drbctl policy: who may serve a guest, and how much it may
 * register.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "domain.h"
#include "out.h"
#include "policy.h"
#include "table.h"
#include "taskjson.h"
#include "text.h"

static struct opt_number max_tasks, max_refs;
static bool as_json, save, forget, revoke, by_uuid;
static const char *drivers, *file = POLICY_FILE;

static const struct opt opts[] = {
	{ "drivers", 'd', OPT_TEXT, "LIST",
	  "admit these driver domains; or any, or none", &drivers, 0 },
	{ "max-tasks", 't', OPT_NUMBER, "N", "let it have so many tasks, at most 127",
	  &max_tasks, XEN_IOTASK_MAX_TASKS },
	{ "max-refs", 'r', OPT_NUMBER, "N", "let its tasks have so many references, at most 65024",
	  &max_refs, XEN_IOTASK_MAX_TASKS * XEN_IOTASK_MAX_REFS },
	OPTION_FLAG("revoke", 'R',
		    "revoke tasks of driver domains not admitted", &revoke),
	OPTION_FLAG("save", 's', "save the setting for the next time it is created",
		    &save),
	OPTION_FLAG("forget", 'f', "forget what was saved", &forget),
	OPTION_FLAG("uuid", 'u', "save or forget by UUID instead of name",
		    &by_uuid),
	{ "file", 'F', OPT_TEXT, "FILE", "use this file (" POLICY_FILE ")",
	  &file, 0 },
	OPTION_FLAG("json", 'j', "print JSON", &as_json),
	{ 0 }
};

/* What the options ask for; false: nothing is to be set. */
static bool wanted(struct policy *policy)
{
	const char *wrong = NULL;

	memset(policy, 0, sizeof(*policy));
	policy->max_tasks = max_tasks;
	policy->max_refs = max_refs;
	if (drivers)
		wrong = policy_parse_drivers(policy, drivers, false);
	if (wrong)
		die(EXIT_USAGE, "--drivers: %s", wrong);
	return drivers || max_tasks.given || max_refs.given;
}

/* By hand a name that means nobody is a mistake. */
static void set_by_hand(unsigned int dom, const struct policy *policy)
{
	struct xen_iotask_policy op;
	unsigned int revoked;
	const char *missing;
	int err;

	err = policy_resolve(policy, dom, &op, &missing);
	if (!err && missing)
		die(EXIT_NONE, "--drivers: %s: no such domain; nothing was set",
		    missing);
	if (!err)
		err = policy_set(dom, &op, revoke, &revoked);
	if (err)
		die(exit_code_of(-err), "setting the policy: %s",
		    table_trouble(err));
}

/* Under which name a guest's policy is kept: one that may be yet to come. */
static void key_of(char key[TEXT_MAX], const char *guest)
{
	char uuid[UUID_LEN];
	unsigned int dom;

	text_word(key, TEXT_MAX, guest);
	if (!domain_find(guest, &dom)) {
		if (by_uuid)
			die(EXIT_NONE, "%s: no such domain; give its UUID in place of its name",
			    guest);
		return;
	}
	if (!by_uuid && domain_word(dom, key, TEXT_MAX))
		return;
	if (!domain_uuid(dom, uuid))
		die(EXIT_NONE, "%s: it has no name or UUID to save by", guest);
	text_format(key, TEXT_MAX, "%s", uuid);
}

static void keep(const char *guest, const struct policy *policy)
{
	struct policy all = { 0 };
	char key[TEXT_MAX];

	if (!policy_file_usable(file))
		die(EXIT_FAIL, "%s: no regular file; what is saved has not been changed",
		    file);
	key_of(key, guest);
	policy_load(file, "", key, &all);
	policy_merge(&all, policy);
	if (!policy_save(file, key, forget ? NULL : &all))
		die(errno == EACCES || errno == EPERM ? EXIT_PERM : EXIT_FAIL,
		    "%s: %s; what is saved has not been changed", file,
		    strerror(errno));
}

static void print(unsigned int dom)
{
	char uuid[UUID_LEN], word[TEXT_MAX];
	struct policy saved;
	json_object *o;
	int err;

	o = policy_describe(dom, &err);
	if (!o)
		die(exit_code_of(-err), "asking for the policy: %s",
		    table_trouble(err));
	domain_word(dom, word, sizeof(word));
	domain_uuid(dom, uuid);
	add_bool(o, "saved", policy_load(file, uuid, word, &saved));
	if (as_json)
		out_json(o);
	else
		out_lines(o);
	json_object_put(o);
}

/* What the service does when the domain appears, once and by hand. */
static int apply(const char *guest)
{
	unsigned int dom, revoked;
	struct xen_iotask_policy op;
	char uuid[UUID_LEN], word[TEXT_MAX];
	struct policy policy;
	const char *missing;
	int err;

	table_need();
	dom = domain_need(guest);
	domain_word(dom, word, sizeof(word));
	domain_uuid(dom, uuid);
	if (!policy_load(file, uuid, word, &policy))
		die(EXIT_NONE, "%s: %s has no policy for it", guest, file);
	err = policy_resolve(&policy, dom, &op, &missing);
	if (!err)
		err = policy_set(dom, &op, true, &revoked);
	if (err)
		die(exit_code_of(-err), "setting the policy: %s",
		    table_trouble(err));
	if (missing)
		warn("%s: driver domain %s does not exist; apply again when it does",
		     guest, missing);
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct policy policy;
	bool set = wanted(&policy);
	unsigned int dom;

	if (argc == 2) {
		if (strcmp(argv[0], "apply") || set || save || forget)
			die(EXIT_USAGE, "policy apply DOMAIN takes no other option than --file");
		return apply(argv[1]);
	}
	if ((save && !set) || (forget && (set || save)) || (revoke && !set) ||
	    (by_uuid && !save && !forget))
		die(EXIT_USAGE, "these options do not go together; see drbctl policy --help");
	if (forget) {
		keep(argv[0], &policy);
		return EXIT_OK;
	}
	/* A guest that is yet to come has no policy but a saved one. */
	if (save && !domain_find(argv[0], &dom)) {
		keep(argv[0], &policy);
		return EXIT_OK;
	}
	table_need();
	dom = domain_need(argv[0]);
	if (set)
		set_by_hand(dom, &policy);
	if (save)
		keep(argv[0], &policy);
	if (!set)
		print(dom);
	return EXIT_OK;
}

const struct command policy_command = {
	.name = "policy",
	.args = "[apply] DOMAIN",
	.what = "show or set who may serve a guest, and its limits",
	.more = "Without options it shows the policy.  A setting holds for tasks registered from\n"
		"then on, until the guest is gone.  --save keeps it, \"apply\" sets what was saved.\n",
	.opts = opts,
	.min_args = 1,
	.max_args = 2,
	.run = run,
};
