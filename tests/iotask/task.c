// SPDX-License-Identifier: GPL-2.0
/* The operations of the I/O task table, well-formed or not. */
#include <linux/ktime.h>
#include "iotest.h"

static int iotask_op(unsigned int cmd, void *arg)
{
	return HYPERVISOR_grant_table_op(cmd, arg, 1);
}

int task_op(unsigned int cmd, domid_t dom, u32 id)
{
	struct xen_iotask_op op = { .dom = dom, .id = id };

	return iotask_op(cmd, &op);
}

struct registering {
	struct xen_iotask_register r;
	u32 ref[XEN_IOTASK_MAX_REFS + 1];
};

int task_register(domid_t driver, u16 flags, const u32 *refs, u32 nr, u32 *id)
{
	struct registering *a = kzalloc(sizeof(*a), GFP_KERNEL);
	int rc;

	if (!a)
		return -ENOMEM;
	a->r.driver = driver;
	a->r.flags = flags;
	a->r.nr_refs = nr;
	memcpy(a->ref, refs, nr * sizeof(*refs));
	rc = iotask_op(GNTTABOP_iotask_register, a);
	*id = a->r.id;
	kfree(a);
	return rc;
}

int task_query(struct xen_iotask_query *q)
{
	return iotask_op(GNTTABOP_iotask_query, q);
}

/* The references given, and behind the last one those that follow it. */
int cmd_register(struct iotest *t)
{
	struct registering *a = kzalloc(sizeof(*a), GFP_KERNEL);
	unsigned int i, last = t->nr - 5;
	u64 begin;
	int rc;

	if (!a || t->nr < 5) {
		kfree(a);
		return -EINVAL;
	}
	a->r.driver = t->arg[0];
	a->r.flags = t->arg[1];
	a->r.pad = t->arg[2];
	a->r.nr_refs = t->arg[3];
	for (i = 0; i < ARRAY_SIZE(a->ref); i++)
		a->ref[i] = i <= last ? t->arg[4 + i] : a->ref[i - 1] + 1;
	begin = ktime_get_ns();
	rc = iotask_op(GNTTABOP_iotask_register, a);
	say(t, "rc=%d id=%u ns=%llu", rc, a->r.id, ktime_get_ns() - begin);
	kfree(a);
	return 0;
}

static int one_op(struct iotest *t, unsigned int cmd)
{
	struct xen_iotask_op op = { .dom = t->arg[0], .id = t->arg[1], .pad = t->arg[2] };
	u64 begin = ktime_get_ns();
	int rc = iotask_op(cmd, &op);

	say(t, "rc=%d ns=%llu", rc, ktime_get_ns() - begin);
	return 0;
}

int cmd_revoke(struct iotest *t)
{
	return one_op(t, GNTTABOP_iotask_revoke);
}

int cmd_drop(struct iotest *t)
{
	return one_op(t, GNTTABOP_iotask_drop);
}

int cmd_query(struct iotest *t)
{
	struct xen_iotask_query q = {
		.dom = t->arg[0], .index = t->arg[1], .pad = t->arg[2]
	};
	int rc = task_query(&q);

	say(t, "rc=%d index=%u id=%u driver=%u flags=%u state=%u nr=%u mapped=%u ", rc,
	    q.index, q.id, q.driver, q.flags, q.state, q.nr_refs, q.mapped);
	say(t, "diverted=%u maps=%llu denied=%llu", q.diverted, q.maps, q.denied);
	return 0;
}

int cmd_policy(struct iotest *t)
{
	struct xen_iotask_policy p = {
		.dom = t->arg[0], .flags = t->arg[1], .max_tasks = t->arg[2],
		.max_refs = t->arg[3], .nr_drivers = t->arg[4]
	};
	unsigned int i;
	int rc;

	for (i = 0; i < XEN_IOTASK_MAX_DRIVERS; i++)
		p.drivers[i] = t->arg[5 + i];
	rc = iotask_op(GNTTABOP_iotask_policy, &p);
	say(t, "rc=%d max_tasks=%u max_refs=%u nr_drivers=%u driver=%u ", rc, p.max_tasks,
	    p.max_refs, p.nr_drivers, p.drivers[0]);
	say(t, "tasks=%u refs=%u denied=%llu revoked=%llu", p.tasks, p.refs, p.denied,
	    p.revoked);
	return 0;
}

/* Revoke everything, and put something new into the pages at once. */
int cmd_strike(struct iotest *t)
{
	u64 begin;
	int rc;

	if (!own_range(t->arg[1], t->arg[2]))
		return -EINVAL;
	phase_set(true);
	begin = ktime_get_ns();
	rc = task_op(GNTTABOP_iotask_revoke, DOMID_SELF, XEN_IOTASK_ALL);
	begin = ktime_get_ns() - begin;
	phase_set(false);
	own_fill(t->arg[0], t->arg[1], t->arg[2]);
	say(t, "rc=%d us=%llu", rc, begin / NSEC_PER_USEC);
	return 0;
}

/* Tasks of one reference each; with DROP never more than one at a time. */
int cmd_flood(struct iotest *t)
{
	u32 n, ref, id, ok = 0, full = 0, exist = 0, other = 0;
	int rc;

	for (n = 0; n < t->arg[0]; n++) {
		ref = own.first + n % own.nr;
		rc = task_register(t->arg[1], 0, &ref, 1, &id);
		ok += !rc;
		full += rc == -ENOSPC;
		exist += rc == -EEXIST;
		other += rc && rc != -ENOSPC && rc != -EEXIST;
		if (t->arg[2] && !rc)
			other += task_op(GNTTABOP_iotask_revoke, DOMID_SELF, id) ||
				 task_op(GNTTABOP_iotask_drop, DOMID_SELF, id);
		cond_resched();
	}
	say(t, "ok=%u full=%u exist=%u other=%u rc=%d", ok, full, exist, other, rc);
	return 0;
}

/* Any operation, with COUNT other than the one that is allowed. */
int cmd_raw(struct iotest *t)
{
	struct registering *a = kzalloc(sizeof(*a), GFP_KERNEL);

	if (!a)
		return -ENOMEM;
	say(t, "rc=%d", HYPERVISOR_grant_table_op(t->arg[0], a, t->arg[1]));
	kfree(a);
	return 0;
}
