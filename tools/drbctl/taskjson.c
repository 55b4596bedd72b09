// SPDX-License-Identifier: GPL-2.0
/*
 * taskjson.c - I/O tasks and policies in words.
 */
#include <errno.h>

#include "domain.h"
#include "out.h"
#include "table.h"
#include "taskjson.h"
#include "vif.h"

static const char *state_name(uint32_t state)
{
	switch (state) {
	case XEN_IOTASK_STATE_active:
		return "active";
	case XEN_IOTASK_STATE_revoking:
		return "revoking";
	case XEN_IOTASK_STATE_revoked:
		return "revoked";
	}
	return "unknown";
}

/* A driver domain that is gone has no number any more. */
static void add_driver(json_object *o, domid_t driver)
{
	if (driver == DOMID_INVALID)
		add_text(o, "driver_domain", "gone");
	else
		add_domain(o, "driver_domain", driver);
}

static json_object *describe(unsigned int dom, const struct xen_iotask_query *op)
{
	json_object *o = json_object_new_object();

	add_domain(o, "guest", dom);
	add_number(o, "task", op->id);
	add_driver(o, op->driver);
	add_text(o, "direction",
		 op->flags & XEN_IOTASK_WRITE ? "to guest" : "from guest");
	add_text(o, "state", state_name(op->state));
	add_number(o, "refs", op->nr_refs);
	add_number(o, "mapped", op->mapped);
	add_number(o, "diverted", op->diverted);
	add_number(o, "maps", op->maps);
	add_number(o, "denied", op->denied);
	return o;
}

int tasks_describe(struct json_object *rows, unsigned int dom, domid_t driver)
{
	struct xen_iotask_query op = { 0 };
	unsigned int i;
	int err;

	for (i = 0; i < XEN_IOTASK_MAX_TASKS; i++) {
		err = table_query(dom, &op);
		if (err)
			return err == -ENOENT ? 0 : err;
		if (driver == DOMID_INVALID || op.driver == driver)
			json_object_array_add(rows, describe(dom, &op));
		op.index++;
	}
	return 0;
}

static json_object *drivers_of(const struct xen_iotask_policy *op)
{
	json_object *o, *driver, *list = json_object_new_array();
	unsigned int i;

	if (op->nr_drivers == XEN_IOTASK_ANY_DRIVER)
		json_object_array_add(list, json_object_new_string("any"));
	else
		for (i = 0; i < op->nr_drivers && i < XEN_IOTASK_MAX_DRIVERS; i++) {
			o = json_object_new_object();
			add_driver(o, op->drivers[i]);
			json_object_object_get_ex(o, "driver_domain", &driver);
			json_object_array_add(list, json_object_get(driver));
			json_object_put(o);
		}
	return list;
}

json_object *policy_describe(unsigned int dom, int *err)
{
	struct xen_iotask_policy op = { 0 };
	json_object *o;

	*err = table_policy(dom, &op);
	if (*err)
		return NULL;
	o = json_object_new_object();
	add_domain(o, "guest", dom);
	json_object_object_add(o, "drivers", drivers_of(&op));
	add_number(o, "tasks", op.tasks);
	add_number(o, "max_tasks", op.max_tasks);
	add_number(o, "refs", op.refs);
	add_number(o, "max_refs", op.max_refs);
	add_number(o, "denied", op.denied);
	add_number(o, "revoked", op.revoked);
	return o;
}
