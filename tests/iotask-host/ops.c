// SPDX-License-Identifier: GPL-2.0
/*
 * ops.c - the operations of the public header, each with the result it must
 * have, unless something failed or happened meanwhile.
 */
#include "model.h"

static bool foreseeable(void)
{
	return !last_frame.failed && !last_frame.nested;
}

static struct domain *target_of(struct domain *caller, domid_t id)
{
	return id == DOMID_SELF ? caller : find_domain(id);
}

static bool permitted(const struct domain *caller, const struct domain *d)
{
	return caller == d || !caller->domain_id;
}

struct mtask *find_task(struct domain *d, uint32_t id)
{
	unsigned int slot = id & 0xff;
	struct mtask *t;

	if (slot >= XEN_IOTASK_MAX_TASKS)
		return NULL;
	t = &d->m->task[slot];
	return t->used && !t->hidden && t->id == id ? t : NULL;
}

unsigned int nr_tasks(const struct domain *d)
{
	unsigned int i, n = 0;

	for (i = 0; i < d->m->slots; i++)
		n += d->m->task[i].used;
	return n;
}

unsigned int nr_refs(const struct domain *d)
{
	unsigned int i, n = 0;

	for (i = 0; i < d->m->slots; i++)
		n += d->m->task[i].used ? d->m->task[i].nr : 0;
	return n;
}

/* ---- register -------------------------------------------------------------- */

static bool driver_admitted(const struct policy *p, uint64_t serial)
{
	unsigned int i;

	if (p->nr_drivers == XEN_IOTASK_ANY_DRIVER)
		return true;
	for (i = 0; i < p->nr_drivers; i++)
		if (p->drivers[i] == serial)
			return true;
	return false;
}

static bool same_frame(const struct domain *d, grant_ref_t a, grant_ref_t b)
{
	return d->m->entry[a].nr == d->m->entry[b].nr;
}

/* Some other reference, in use, grants the same frame. */
static bool used_otherwise(const struct domain *d, grant_ref_t ref)
{
	unsigned int i;

	for (i = 0; i < world.nr_grants; i++)
		if (i != ref && d->m->entry[i].pin && !d->m->entry[i].tag &&
		    same_frame(d, i, ref))
			return true;
	return false;
}

static int expect_refs(struct domain *d, domid_t driver,
		       const grant_ref_t *refs, unsigned int nr)
{
	unsigned int i, j;

	for (i = 0; i < nr; i++) {
		const struct entry *e;

		if (refs[i] < RESERVED || refs[i] >= world.nr_grants)
			return -EINVAL;
		e = &d->m->entry[refs[i]];
		for (j = 0; j < i; j++)
			if (refs[j] == refs[i])
				return -EEXIST;
		if (e->tag)
			return -EEXIST;
		if (e->pin)
			return -EBUSY;
		if (e->granted != driver || !e->full)
			return -EINVAL;
		if (d->m->page[e->nr].entry)
			return -EEXIST;
		for (j = 0; j < i; j++)
			if (same_frame(d, refs[j], refs[i]))
				return -EEXIST;
	}
	for (i = 0; i < nr; i++)
		if (used_otherwise(d, refs[i]))
			return -EBUSY;
	return 0;
}

static bool well_formed(const struct xen_iotask_register *op)
{
	return op->nr_refs && op->nr_refs <= XEN_IOTASK_MAX_REFS && !op->pad &&
	       !(op->flags & ~XEN_IOTASK_WRITE);
}

static int expect_register(struct domain *d,
			   const struct xen_iotask_register *op,
			   const grant_ref_t *refs, size_t given)
{
	struct domain *xd = find_domain(op->driver);
	const struct policy *p = &d->m->policy;

	if (op->driver == DOMID_SELF || op->driver == d->domain_id)
		return -EINVAL;
	if (!xd)
		return -ESRCH;
	if (world.silo && d->domain_id && xd->domain_id)
		return -EPERM;
	if (!well_formed(op))
		return -EINVAL;
	if (op->nr_refs > given)
		return -EFAULT;
	if (!driver_admitted(p, xd->m->serial))
		return -EACCES;
	if (nr_tasks(d) >= p->max_tasks ||
	    nr_refs(d) + op->nr_refs > p->max_refs)
		return -ENOSPC;
	return expect_refs(d, op->driver, refs, op->nr_refs);
}

static void registered(struct domain *d, uint64_t driver,
		       const struct xen_iotask_register *op,
		       const grant_ref_t *refs)
{
	struct mtask *t = &d->m->task[op->id & 0xff];
	unsigned int i;

	demand((op->id & 0xff) < XEN_IOTASK_MAX_TASKS && !t->used,
	       "two tasks in one place");
	*t = (struct mtask){
		.used = true, .id = op->id, .driver = driver,
		.domid = op->driver, .flags = op->flags, .nr = op->nr_refs,
		.tagged = op->nr_refs, .state = XEN_IOTASK_STATE_active,
		.denied = last_frame.denied,
		.refs = calloc(op->nr_refs, sizeof(*refs)),
	};
	memcpy(t->refs, refs, t->nr * sizeof(*refs));
	if (d->m->slots <= (op->id & 0xff))
		d->m->slots = (op->id & 0xff) + 1;
	for (i = 0; i < t->nr; i++) {
		struct entry *e = &d->m->entry[refs[i]];

		demand(e->tag && e->pg && !e->task,
		       "a reference without its tag");
		e->task = t;
		e->frame = NULL;
	}
}

/* The guest's memory holds given references, which may be too few. */
int do_register(struct domain *d, const struct xen_iotask_register *op_in,
		const grant_ref_t *refs, size_t given, uint32_t *id)
{
	int rc, want = expect_register(d, op_in, refs, given);
	size_t size = sizeof(*op_in) + given * sizeof(*refs);
	struct xen_iotask_register *buf = malloc(size);
	bool exact = !world.frame;
	struct frame f;

	*buf = *op_in;
	memcpy(buf + 1, refs, given * sizeof(*refs));
	frame_begin(&f, d);
	rc = op(d, GNTTABOP_iotask_register, buf, size);
	frame_end(&f);
	demand(!exact || !foreseeable() || rc == want, "result of registering");
	demand(rc || well_formed(op_in), "registering something malformed");
	demand(rc <= 0 && rc != -ERESTART, "a result not allowed");
	if (rc)
		d->m->policy.denied += last_frame.denied;
	else
		registered(d, last_frame.locked, buf, refs);
	if (!rc && id)
		*id = buf->id;
	free(buf);
	return rc;
}

/* ---- revoke and drop -------------------------------------------------------- */

void now_revoked(struct domain *d, struct mtask *t)
{
	demand(!reachable(d, t), "mapped, though revoked");
	demand(!held(d, t), "held, though revoked");
	if (t->state == XEN_IOTASK_STATE_revoked)
		return;
	t->state = XEN_IOTASK_STATE_revoked;
	d->m->policy.revoked++;
}

static bool query_slot(struct domain *d, unsigned int slot,
		       struct xen_iotask_query *q)
{
	bool quiet = world.quiet;
	struct frame f;
	long rc;

	memset(q, 0, sizeof(*q));
	q->dom = d->domain_id;
	q->index = slot;
	world.quiet = true;
	frame_begin(&f, world.domain[0]);
	rc = op(world.domain[0], GNTTABOP_iotask_query, q, sizeof(*q));
	frame_end(&f);
	world.quiet = quiet;
	demand(!rc || rc == -ENOENT, "asking in vain");
	return !rc;
}

/* An operation was interrupted: how far did it get?  No state goes back. */
void sync_states(struct domain *d)
{
	struct xen_iotask_query q;
	unsigned int i;

	/* Nobody is left to ask. */
	if (world.domain[0]->is_dying)
		return;
	for (i = 0; i < d->m->slots; i++) {
		struct mtask *t = &d->m->task[i];

		if (!t->used || t->hidden)
			continue;
		demand(query_slot(d, i, &q) && q.id == t->id, "a task is gone");
		demand(q.state >= t->state, "a state goes back");
		if (q.state == XEN_IOTASK_STATE_revoked)
			now_revoked(d, t);
		t->state = q.state;
	}
}

/* An error that is clear beforehand, or 0. */
static int expect_end(struct domain *caller, struct domain *d, uint16_t pad,
		      uint32_t id)
{
	if (pad)
		return -EINVAL;
	if (!d)
		return -ESRCH;
	if (!permitted(caller, d))
		return -EPERM;
	if (id != XEN_IOTASK_ALL && !find_task(d, id))
		return -ENOENT;
	return 0;
}

static int end_op(struct domain *caller, unsigned int cmd, domid_t dom,
		  uint16_t pad, uint32_t id)
{
	struct xen_iotask_op *buf = calloc(1, sizeof(*buf));
	struct frame f;
	int rc;

	buf->dom = dom;
	buf->pad = pad;
	buf->id = id;
	frame_begin(&f, caller);
	f.target = target_of(caller, dom);
	rc = op(caller, cmd, buf, sizeof(*buf));
	frame_end(&f);
	free(buf);
	return rc;
}

/* Whether another CPU may be at it, or a mapping be half made. */
static bool may_restart(struct domain *d, const struct mtask *t)
{
	return last_frame.preempted || last_frame.nested || world.frame ||
	       !t || in_transit(d, t);
}

static bool any_in_transit(struct domain *d)
{
	unsigned int i;

	for (i = 0; i < d->m->slots; i++)
		if (d->m->task[i].used && in_transit(d, &d->m->task[i]))
			return true;
	return false;
}

/* The driver domain does not go on, unless it is the hardware domain. */
static void check_ended(const struct mtask *t)
{
	const struct domain *xd = find_serial(t->driver);

	demand(!xd || !xd->domain_id || xd->is_dying || xd->m->crashed,
	       "revoking fails, and the driver domain goes on");
}

/* All of d's tasks were tried, or with -ERESTART only some: rc is the result. */
void all_tried(struct domain *d, int rc)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < d->m->slots; i++) {
		struct mtask *t = &d->m->task[i];

		if (!t->used || t->hidden)
			continue;
		if (rc && rc != -EIO) {
			t->failed = t->failed ? MAYBE : NO;
			continue;
		}
		if (t->state == XEN_IOTASK_STATE_revoked)
			continue;
		demand(rc && t->failed, "not all is revoked");
		check_ended(t);
		t->failed = NO;
		any = true;
	}
	demand(rc != -EIO || any, "an error for nothing");
}

static void revoked(struct domain *d, struct mtask *t, int rc)
{
	if (!rc) {
		now_revoked(d, t);
		demand(t->failed != YES || !present(t->driver),
		       "a failure goes unnoticed");
	} else if (rc == -EIO) {
		demand(t->failed, "an error for nothing");
		check_ended(t);
		t->failed = NO;
	} else if (rc == -ERESTART) {
		demand(may_restart(d, t), "to be repeated for nothing");
	}
}

/* With nothing else going on meanwhile. */
static void all_revoked(struct domain *d, int rc)
{
	sync_states(d);
	if (rc == -ERESTART)
		demand(last_frame.preempted || world.frame || any_in_transit(d),
		       "all to be repeated for nothing");
	/* What another CPU is registering or dropping was not tried. */
	all_tried(d, world.frame ? -ERESTART : rc);
}

static void check_revoke(struct domain *d, uint32_t id, int rc)
{
	struct mtask *t = find_task(d, id);

	demand(!rc || rc == -ERESTART || rc == -EIO ||
	       (rc == -ENOENT && last_frame.nested), "result of revoking");
	if (last_frame.nested) {
		if (!rc && t)
			now_revoked(d, t);
		all_tried(d, -ERESTART);
	} else if (id == XEN_IOTASK_ALL) {
		all_revoked(d, rc);
	} else {
		revoked(d, t, rc);
		sync_states(d);
	}
}

int do_revoke(struct domain *caller, domid_t dom, uint16_t pad, uint32_t id)
{
	struct domain *d = target_of(caller, dom);
	int want = expect_end(caller, d, pad, id);
	int rc = end_op(caller, GNTTABOP_iotask_revoke, dom, pad, id);

	if (want && foreseeable())
		demand(rc == want, "result of revoking");
	if (want == -EINVAL || want == -EPERM)
		demand(rc && !last_frame.revoking, "revoked all the same");
	if (d && d->m->removed)
		d = target_of(caller, dom);
	if (last_frame.nested && d)
		sync_states(d);
	if (d && (want || last_frame.failed))
		all_tried(d, -ERESTART);
	if (want || last_frame.failed || !d)
		return rc;
	check_revoke(d, id, rc);
	return rc;
}

static int expect_drop(struct domain *d, uint32_t id)
{
	const struct mtask *t = find_task(d, id);

	if (id == XEN_IOTASK_ALL)
		return 0;
	return t->state == XEN_IOTASK_STATE_revoked ? 0 : -EBUSY;
}

/* The task itself goes from the model as its tags are removed. */
int do_drop(struct domain *caller, domid_t dom, uint16_t pad, uint32_t id)
{
	struct domain *d = target_of(caller, dom);
	int want = expect_end(caller, d, pad, id);
	unsigned int i;
	int rc;

	if (!want)
		want = expect_drop(d, id);
	rc = end_op(caller, GNTTABOP_iotask_drop, dom, pad, id);
	if (rc == -ERESTART)
		demand(id == XEN_IOTASK_ALL &&
		       (last_frame.preempted || last_frame.nested),
		       "to be repeated for nothing");
	else if (foreseeable())
		demand(rc == want, "result of dropping");
	if (d && d->m->removed)
		return rc;
	if (!rc && id != XEN_IOTASK_ALL)
		demand(!find_task(d, id), "still there, though dropped");
	for (i = 0; !rc && id == XEN_IOTASK_ALL && foreseeable() &&
	     i < d->m->slots; i++)
		demand(!d->m->task[i].used || world.frame ||
		       d->m->task[i].state != XEN_IOTASK_STATE_revoked,
		       "not all is dropped");
	return rc;
}

/* ---- query and policy -------------------------------------------------------- */

static struct mtask *next_task(struct domain *d, uint32_t slot, uint64_t driver)
{
	for (; slot < d->m->slots; slot++) {
		struct mtask *t = &d->m->task[slot];

		if (t->used && !t->hidden && (!driver || t->driver == driver))
			return t;
	}
	return NULL;
}

static bool describes(const struct xen_iotask_query *q, struct domain *d,
		      const struct mtask *t)
{
	return q->id == t->id && q->index == (t->id & 0xff) &&
	       q->driver == (present(t->driver) ? t->domid : DOMID_INVALID) &&
	       q->flags == t->flags && q->state == t->state &&
	       q->nr_refs == t->nr && q->mapped == mapped(d, t) &&
	       q->diverted == t->diverted && q->maps == t->maps &&
	       q->denied == t->denied;
}

int do_query(struct domain *caller, struct xen_iotask_query *q)
{
	struct xen_iotask_query *buf = malloc(sizeof(*buf));
	struct domain *d = target_of(caller, q->dom);
	struct mtask *t = NULL;
	bool serves = false;
	struct frame f;
	int rc, want;

	if (d) {
		serves = caller->domain_id &&
			 next_task(d, 0, caller->m->serial);
		t = next_task(d, q->index, serves ? caller->m->serial : 0);
	}
	want = q->pad ? -EINVAL : !d ? -ESRCH :
	       !serves && !permitted(caller, d) ? -EPERM : t ? 0 : -ENOENT;
	*buf = *q;
	frame_begin(&f, caller);
	rc = op(caller, GNTTABOP_iotask_query, buf, sizeof(*buf));
	frame_end(&f);
	if (foreseeable()) {
		demand(rc == want, "result of asking");
		demand(last_frame.asked == (d && !q->pad && !serves),
		       "who serves a task is asked about, or others are not");
		demand(rc || describes(buf, d, t), "an answer that is wrong");
	}
	if (rc)
		demand(!memcmp(buf, q, sizeof(*q)) || last_frame.failed,
		       "an answer in spite of an error");
	*q = *buf;
	free(buf);
	return rc;
}

static int expect_set(struct domain *caller, const struct xen_iotask_policy *p,
		      struct policy *set)
{
	unsigned int i, j;

	if (p->max_tasks > XEN_IOTASK_MAX_TASKS ||
	    p->max_refs > XEN_IOTASK_MAX_TASKS * XEN_IOTASK_MAX_REFS)
		return -EINVAL;
	set->max_tasks = p->max_tasks;
	set->max_refs = p->max_refs;
	set->nr_drivers = p->nr_drivers;
	if (p->nr_drivers == XEN_IOTASK_ANY_DRIVER)
		return 0;
	if (p->nr_drivers > XEN_IOTASK_MAX_DRIVERS)
		return -EINVAL;
	for (i = 0; i < p->nr_drivers; i++) {
		struct domain *xd = target_of(caller, p->drivers[i]);

		if (!xd)
			return -ESRCH;
		set->drivers[i] = xd->m->serial;
		set->domids[i] = xd->domain_id;
		for (j = 0; j < i; j++)
			if (set->drivers[j] == set->drivers[i])
				return -EINVAL;
	}
	return 0;
}

static void check_policy(struct domain *d, const struct xen_iotask_policy *p)
{
	const struct policy *m = &d->m->policy;
	uint64_t denied = m->denied;
	unsigned int i;

	for (i = 0; i < d->m->slots; i++)
		denied += d->m->task[i].used ? d->m->task[i].denied : 0;
	demand(p->max_tasks == m->max_tasks && p->max_refs == m->max_refs &&
	       p->nr_drivers == m->nr_drivers, "the wrong policy");
	for (i = 0; m->nr_drivers <= XEN_IOTASK_MAX_DRIVERS &&
	     i < m->nr_drivers; i++)
		demand(p->drivers[i] == (present(m->drivers[i]) ?
					 m->domids[i] : DOMID_INVALID),
		       "the wrong driver domain");
	demand(p->revoked == m->revoked, "revoked tasks miscounted");
	if (world.frame)
		return;		/* that one may have a task half made */
	demand(p->tasks == nr_tasks(d), "tasks miscounted");
	demand(p->refs == nr_refs(d), "references miscounted");
	demand(p->denied == denied, "denials miscounted");
}

static int policy_op(struct domain *caller, struct xen_iotask_policy *p)
{
	struct xen_iotask_policy *buf = malloc(sizeof(*buf));
	struct frame f;
	int rc;

	*buf = *p;
	frame_begin(&f, caller);
	rc = op(caller, GNTTABOP_iotask_policy, buf, sizeof(*buf));
	frame_end(&f);
	*p = *buf;
	free(buf);
	return rc;
}

/* Who can say what was set, and naming whom, back to where it began. */
static void reset_policy(struct domain *d)
{
	struct xen_iotask_policy p = {
		.flags = XEN_IOTASK_POLICY_SET, .max_tasks = 64,
		.max_refs = 64 * 258, .nr_drivers = XEN_IOTASK_ANY_DRIVER,
	};
	bool quiet = world.quiet;

	if (!d)
		return;
	p.dom = d->domain_id;
	world.quiet = true;
	demand(!policy_op(world.domain[0], &p), "no policy");
	world.quiet = quiet;
	d->m->policy.max_tasks = p.max_tasks;
	d->m->policy.max_refs = p.max_refs;
	d->m->policy.nr_drivers = p.nr_drivers;
}

int do_policy(struct domain *caller, struct xen_iotask_policy *p)
{
	bool set = p->flags & XEN_IOTASK_POLICY_SET;
	struct domain *d = target_of(caller, p->dom);
	struct policy new;
	int rc, want = 0;

	if (d)
		new = d->m->policy;
	if (p->flags & ~XEN_IOTASK_POLICY_SET)
		want = -EINVAL;
	else if (!d)
		want = -ESRCH;
	else if (set ? caller->domain_id : !permitted(caller, d))
		want = -EPERM;
	else if (set)
		want = expect_set(caller, p, &new);
	rc = policy_op(caller, p);
	/* Upon a fault when answering it is set all the same. */
	if (foreseeable())
		demand(rc == want, "result of the policy");
	if (foreseeable() && !world.frame && rc)
		return rc;
	if (!foreseeable() || world.frame) {
		if (set && !caller->domain_id)
			reset_policy(target_of(caller, p->dom));
		return rc;
	}
	new.denied = d->m->policy.denied;
	new.revoked = d->m->policy.revoked;
	d->m->policy = new;
	check_policy(d, p);
	return rc;
}

/* ---- everything --------------------------------------------------------------- */

static void check_tasks(struct domain *d)
{
	struct xen_iotask_query q;
	struct mtask *t;
	uint32_t slot = 0;

	while ((t = next_task(d, slot, 0))) {
		demand(query_slot(d, slot, &q) && describes(&q, d, t),
		       "a task that is not as it should be");
		slot = (t->id & 0xff) + 1;
	}
	demand(!query_slot(d, slot, &q), "one task too many");
}

static void check_tags(struct domain *d)
{
	unsigned int i, j;

	for (i = 0; i < world.nr_grants; i++)
		demand(!d->m->entry[i].tag == !d->m->entry[i].task,
		       "a tag without task");
	for (i = 0; i < d->m->slots; i++) {
		struct mtask *t = &d->m->task[i];

		for (j = 0; t->used && j < t->nr; j++)
			demand(d->m->entry[t->refs[j]].task == t,
			       "a task without tag");
	}
}

void check_world(void)
{
	struct xen_iotask_policy p;
	unsigned int i;

	demand(!world.frame, "not all has ended");
	world.quiet = true;
	for (i = 0; i < DOMAINS; i++) {
		struct domain *d = world.domain[i];

		if (!d)
			continue;
		check_tasks(d);
		check_tags(d);
		memset(&p, 0, sizeof(p));
		p.dom = i;
		demand(!policy_op(world.domain[0], &p), "no policy");
		check_policy(d, &p);
		demand(iotask_in_use(d) == !!nr_tasks(d), "use miscounted");
	}
	world.quiet = false;
}
