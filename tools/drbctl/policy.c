// SPDX-License-Identifier: GPL-2.0
/*
 * policy.c - a policy by names made one by numbers, and given to Xen.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "domain.h"
#include "policy.h"
#include "table.h"
#include "text.h"

static const char *take_driver(struct policy *policy, const char *text,
			       size_t len, bool word)
{
	char *to = policy->drivers[policy->num_drivers];
	char name[POLICY_NAME];

	if (!len)
		return "a driver domain's name is empty";
	if (policy->num_drivers == XEN_IOTASK_MAX_DRIVERS)
		return "more than 8 driver domains";
	policy->num_drivers++;
	if (!text_format(name, sizeof(name), "%.*s", (int)len, text))
		return "a driver domain's name is too long";
	if (word)
		memcpy(to, name, sizeof(name));
	else
		text_word(to, POLICY_NAME, name);
	return NULL;
}

const char *policy_parse_drivers(struct policy *policy, const char *text,
				 bool words)
{
	const char *wrong;
	size_t len;

	policy->has_drivers = true;
	policy->any = !strcmp(text, "any");
	policy->num_drivers = 0;
	if (policy->any || !strcmp(text, "none"))
		return NULL;
	for (;; text += len + 1) {
		len = strcspn(text, ",");
		wrong = take_driver(policy, text, len, words);
		if (wrong || !text[len])
			return wrong;
	}
}

void policy_merge(struct policy *policy, const struct policy *more)
{
	if (more->has_drivers) {
		policy->has_drivers = true;
		policy->any = more->any;
		policy->num_drivers = more->num_drivers;
		memcpy(policy->drivers, more->drivers, sizeof(policy->drivers));
	}
	if (more->max_tasks.given)
		policy->max_tasks = more->max_tasks;
	if (more->max_refs.given)
		policy->max_refs = more->max_refs;
}

/* Xen takes each once; a name and a number may mean the same. */
static void add_driver(struct xen_iotask_policy *op, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < op->nr_drivers; i++)
		if (op->drivers[i] == id)
			return;
	op->drivers[op->nr_drivers++] = id;
}

/* As they were, but for those that are gone: nobody can be them again. */
static void keep_drivers(struct xen_iotask_policy *op)
{
	struct xen_iotask_policy old = *op;
	unsigned int i;

	if (op->nr_drivers == XEN_IOTASK_ANY_DRIVER)
		return;
	op->nr_drivers = 0;
	for (i = 0; i < old.nr_drivers && i < XEN_IOTASK_MAX_DRIVERS; i++)
		if (old.drivers[i] != DOMID_INVALID)
			add_driver(op, old.drivers[i]);
}

int policy_resolve(const struct policy *policy, unsigned int dom,
		   struct xen_iotask_policy *op, const char **missing)
{
	unsigned int i, id;
	int err;

	*missing = NULL;
	memset(op, 0, sizeof(*op));
	err = table_policy(dom, op);
	if (err)
		return err;
	if (policy->has_drivers)
		op->nr_drivers = policy->any ? XEN_IOTASK_ANY_DRIVER : 0;
	else
		keep_drivers(op);
	for (i = 0; policy->has_drivers && i < policy->num_drivers; i++) {
		if (domain_find_word(policy->drivers[i], &id))
			add_driver(op, id);
		else
			*missing = policy->drivers[i];
	}
	if (policy->max_tasks.given)
		op->max_tasks = policy->max_tasks.value;
	if (policy->max_refs.given)
		op->max_refs = policy->max_refs.value;
	op->flags = XEN_IOTASK_POLICY_SET;
	return 0;
}

static bool admitted(const struct xen_iotask_policy *op, domid_t driver)
{
	unsigned int i;

	if (op->nr_drivers == XEN_IOTASK_ANY_DRIVER)
		return true;
	for (i = 0; i < op->nr_drivers; i++)
		if (op->drivers[i] == driver)
			return true;
	return false;
}

/* Tasks registered before are not affected by a policy: they are ended. */
static int revoke_others(unsigned int dom, const struct xen_iotask_policy *op,
			 unsigned int *revoked)
{
	struct xen_iotask_query task = { 0 };
	unsigned int i;
	int err;

	for (i = 0; i < XEN_IOTASK_MAX_TASKS; i++, task.index++) {
		err = table_query(dom, &task);
		if (err)
			return err == -ENOENT ? 0 : err;
		if (admitted(op, task.driver) ||
		    task.state != XEN_IOTASK_STATE_active)
			continue;
		err = table_revoke(dom, task.id);
		if (err && err != -ENOENT)
			return err;
		++*revoked;
	}
	return 0;
}

int policy_set(unsigned int dom, struct xen_iotask_policy *op, bool revoke,
	       unsigned int *revoked)
{
	struct xen_iotask_policy wanted = *op;
	int err = table_policy(dom, op);

	*revoked = 0;
	if (err || !revoke)
		return err;
	return revoke_others(dom, &wanted, revoked);
}
