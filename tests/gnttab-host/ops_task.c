// SPDX-License-Identifier: GPL-2.0
/*
 * ops_task.c - what domains and the toolstack do with tasks and domains.
 */
#include "ops.h"

#define MAX_REFS	5

void op_register(void)
{
	struct {
		struct xen_iotask_register op;
		grant_ref_t ref[MAX_REFS];
	} arg = {};
	struct domain *d = take_domain();
	unsigned int i, b = take();
	int rc;

	if (!d || world.no_tasks)
		return;
	arg.op.driver = take_id();
	arg.op.nr_refs = b < 250 ? 1 + b % MAX_REFS % (1 + b / 64) : b - 250;
	arg.op.flags = take() < 250 ? b & 1 : b;
	arg.op.pad = rarely() && rarely();
	for (i = 0; i < MAX_REFS; i++)
		arg.ref[i] = take_ref_for(d, arg.op.driver);
	if (arg.op.nr_refs > MAX_REFS)
		return;
	rc = hypercall(d, GNTTABOP_iotask_register, &arg, 1);
	say("d%u registers %u from ref %u for d%u flags %x: %d, task %x\n",
	    d->domain_id, arg.op.nr_refs, arg.ref[0], arg.op.driver,
	    arg.op.flags, rc, arg.op.id);
}

/* One of the tasks, or nearly. */
static void take_task(struct domain *d, struct xen_iotask_op *op)
{
	struct domain *target = d;
	unsigned int i, b = take();

	op->dom = DOMID_SELF;
	if (rarely() || (is_hardware_domain(d) && b & 1)) {
		op->dom = take_id();
		target = op->dom < DOMAINS ? world.domain[op->dom] : NULL;
	}
	op->id = b < 40 ? XEN_IOTASK_ALL : b;
	for (i = 0; b >= 50 && target && i < TASKS; i++) {
		struct task_view t = task_at(target, (b + i) % TASKS);

		if (t.nr)
			op->id = t.id;
	}
	op->pad = b == 255 && rarely();
}

static struct domain *target_of(struct domain *d, const struct xen_iotask_op *op)
{
	return op->dom == DOMID_SELF ? d :
	       op->dom < DOMAINS ? world.domain[op->dom] : NULL;
}

/* Is there a driver domain left from which something could not be taken? */
static bool driver_left(const struct domain *d)
{
	unsigned int slot;

	for (slot = 0; slot < 8; slot++) {
		struct task_view t = task_at(d, slot);
		const struct domain *xd = t.nr ? world.domain[t.driver] : NULL;

		if (xd && task_serial(xd) == t.serial && !xd->m->finished)
			return true;
	}
	return false;
}

void op_revoke(void)
{
	struct domain *d = take_domain(), *target;
	struct xen_iotask_op op = {};
	unsigned int slot;
	int rc;

	if (!d)
		return;
	take_task(d, &op);
	target = target_of(d, &op);
	rc = hypercall(d, GNTTABOP_iotask_revoke, &op, 1);
	say("d%u revokes d%u task %x: %d\n", d->domain_id, op.dom, op.id, rc);
	/* The driver domain may go meanwhile. */
	demand(rc != -EIO || world.interferes ||
	       (world.iommu_fails && driver_left(target)),
	       "revoking fails without a reason");
	if (rc || world.depth ||
	    target != target_of(d, &op))
		return;
	/* Nobody can have registered another one meanwhile, unless nested. */
	for (slot = 0; slot < 8 && !world.interferes; slot++) {
		struct task_view t = task_at(target, slot);

		demand(!t.nr || (t.id != op.id && op.id != XEN_IOTASK_ALL) ||
		       t.state == XEN_IOTASK_STATE_revoked,
		       "a task is not revoked though that succeeded");
	}
}

void op_drop(void)
{
	struct domain *d = take_domain();
	struct xen_iotask_op op = {};
	int rc;

	if (!d)
		return;
	take_task(d, &op);
	rc = hypercall(d, GNTTABOP_iotask_drop, &op, 1);
	say("d%u drops d%u task %x: %d\n", d->domain_id, op.dom, op.id, rc);
}

void op_query(void)
{
	struct domain *d = take_domain();
	struct xen_iotask_query q = {};
	unsigned int b = take();

	if (!d)
		return;
	q.dom = b < 128 ? take_id() : DOMID_SELF;
	q.index = b % 8;
	q.pad = b == 255;
	hypercall(d, GNTTABOP_iotask_query, &q, 1);
}

void op_policy(void)
{
	struct domain *d = take_domain();
	struct xen_iotask_policy p = {};
	unsigned int i, b = take();

	if (!d)
		return;
	p.flags = b & 1;
	p.dom = take_id();
	p.max_tasks = rarely() ? take() : 64u - 63 * rarely();
	p.max_refs = 128 - 127 * rarely();
	p.nr_drivers = b < 200 ? XEN_IOTASK_ANY_DRIVER : b % 3;
	for (i = 0; i < 3; i++)
		p.drivers[i] = take_id();
	hypercall(d, GNTTABOP_iotask_policy, &p, 1);
}

/* ---- domains --------------------------------------------------------------- */

/* The model does not judge what becomes of an ID that a mapping still names. */
static bool id_in_use(domid_t id)
{
	unsigned int i, h;

	for (i = 0; i < DOMAINS; i++) {
		const struct domain *d = world.domain[i];

		if (!d || d->m->released)
			continue;
		for (h = 0; h < gt_handles(d); h++)
			if (gt_handle(d, h).domid == id &&
			    gt_handle(d, h).flags & (GNTMAP_host_map |
						     GNTMAP_device_map))
				return true;
	}
	return false;
}

void op_create(void)
{
	unsigned int b = take();
	domid_t id = 1 + b % (DOMAINS - 1);
	struct vcpu *before = current;

	if (world.depth || world.domain[id] || id_in_use(id))
		return;
	current = NULL;
	say("d%u is created, type %x\n", id, b & 0xc0);
	domain_create(id, b & 0x80, b & 0x40);
	current = before;
}

void op_destroy(void)
{
	unsigned int b = take();
	domid_t id = 1 + b % (DOMAINS - 1);
	struct domain *d = world.domain[id];
	int rc;

	if (b >= 128 || !d || d->m->running || d->m->finished)
		return;
	rc = domain_kill(d);
	say("d%u is destroyed: %d\n", id, rc);
}

void op_crash(void)
{
	struct domain *d = take_domain();

	if (d && !is_hardware_domain(d))
		d->is_shutting_down = true;
}
