// SPDX-License-Identifier: GPL-2.0
/*
 * world.c - domains come and go, and execute hypercalls.
 */
#include "model.h"

struct frame last_frame;

void frame_begin(struct frame *f, struct domain *caller)
{
	memset(f, 0, sizeof(*f));
	f->outer = world.frame;
	f->caller = caller;
	world.frame = f;
	if (f->outer && !world.quiet)
		f->outer->nested = true;
	caller->m->running++;
}

void frame_end(struct frame *f)
{
	demand(!world.locks, "a lock is held at the end");
	f->caller->m->running--;
	if (!world.quiet)
		last_frame = *f;
	world.frame = f->outer;
}

/* One hypercall, its argument being at buf. */
long op(struct domain *caller, unsigned int cmd, void *buf, size_t size)
{
	struct guest_buffer guest = { buf, size, guest_buffer };
	struct vcpu vcpu = { caller }, *previous = current;
	unsigned int rcu = world.rcu;
	guest_handle_void arg = { buf };
	long rc;

	demand(!caller->is_dying && !caller->m->crashed, "a dead domain runs");
	guest_buffer = &guest;
	current = &vcpu;
	rc = do_iotask_op(cmd, arg, 1);
	current = previous;
	guest_buffer = guest.outer;
	demand(world.rcu == rcu, "a domain stays locked");
	return rc;
}

static void set_default_policy(struct policy *p)
{
	p->max_tasks = 64;
	p->max_refs = 64 * 258;
	p->nr_drivers = XEN_IOTASK_ANY_DRIVER;
}

struct domain *domain_create(domid_t id, bool hvm)
{
	struct domain *d = calloc(1, sizeof(*d));
	struct grants *m = calloc(1, sizeof(*m));
	unsigned int i;

	demand(d && m && id < DOMAINS && !world.domain[id], "no new domain");
	d->domain_id = id;
	d->m = m;
	m->hvm = hvm;
	m->serial = ++world.serial;
	for (i = 0; i < GRANTS; i++) {
		m->entry[i].granted = DOMID_INVALID;
		m->entry[i].nr = i;
		m->page[i].owner = d;
		m->page[i].refs = 1;
	}
	set_default_policy(&m->policy);
	if (iotask_init(d)) {
		free(m);
		free(d);
		return NULL;
	}
	world.domain[id] = d;
	return d;
}

/* A dead domain without tasks has nothing that anyone could look at. */
static void remove_dead(void)
{
	unsigned int i, j;

	for (i = 0; i < DOMAINS; i++) {
		struct domain *d = world.domain[i];

		if (!d || !d->m->dead || nr_tasks(d))
			continue;
		forget_plain(d);
		for (j = 0; j < GRANTS; j++)
			demand(d->m->page[j].refs == 1 && !d->m->page[j].entry,
			       "a frame is held for ever");
		world.domain[i] = NULL;
		d->m->removed = true;
		d->m->next = world.removed;
		world.removed = d;
	}
}

/* What remains of domains that nobody looks at any more. */
void reap(void)
{
	struct domain **p = &world.removed;

	remove_dead();
	while (*p) {
		struct domain *d = *p;

		if (d->m->locked) {
			p = &d->m->next;
			continue;
		}
		*p = d->m->next;
		iotask_destroy(d);
		demand(!d->iotask, "a table outlives its domain");
		free(d->m);
		free(d);
	}
}

/* On behalf of the toolstack; target may be NULL: all domains. */
static int teardown_step(struct domain *target, int (*fn)(struct domain *d),
			 struct domain *d, bool *nested)
{
	unsigned int rcu = world.rcu;
	struct frame f;
	int rc;

	frame_begin(&f, world.domain[0]);
	f.target = target;
	f.teardown = true;
	rc = fn(d);
	*nested = f.nested || world.frame->outer;
	frame_end(&f);
	demand(world.rcu == rcu, "a domain stays locked");
	return rc;
}

/* What d has granted: true if done, though not all may have been revoked. */
static bool tear_down(struct domain *d)
{
	bool nested;
	int rc;

	if (d->m->torn_down)
		return true;
	rc = teardown_step(d, iotask_teardown, d, &nested);
	sync_states(d);
	if (rc != -ERESTART && !nested)
		demand(!rc == !nr_tasks(d), "tasks are left, or an error");
	all_tried(d, nested && rc != -ERESTART ? -EAGAIN : rc);
	d->m->torn_down = rc != -ERESTART;
	return d->m->torn_down;
}

/* Some domains' memory is given back before the pages are let go. */
static void relinquish(struct domain *d)
{
	struct frame f;
	unsigned int i;

	release_mappings(d);
	d->m->unrecorded = true;
	frame_begin(&f, world.domain[0]);
	f.teardown = true;
	interleave();
	frame_end(&f);
	release_devices(d);
	if (d->iotask && d->m->serial % 2) {
		for (i = 0; i < 2; i++)
			if (iotask_sink(d, i))
				put_page_alloc_ref(iotask_sink(d, i));
	}
	d->m->gone = true;
}

/* Nothing but living driver domains keeps tasks of dying domains. */
static void check_gone(void)
{
	unsigned int i, j;

	for (i = 0; i < DOMAINS; i++) {
		struct domain *d = world.domain[i];

		for (j = 0; d && d->is_dying && j < d->m->slots; j++)
			demand(!d->m->task[j].used ||
			       present(d->m->task[j].driver),
			       "a task that nothing keeps is left");
	}
}

/* What others have granted to d. */
static bool leave(struct domain *d)
{
	unsigned int i;
	bool nested;
	int rc;

	if (!d->m->gone)
		relinquish(d);
	rc = teardown_step(NULL, iotask_driver_gone, d, &nested);
	demand(!rc || rc == -ERESTART, "a driver domain does not go");
	for (i = 0; i < DOMAINS; i++) {
		if (!world.domain[i] || !world.domain[i]->is_dying)
			continue;
		sync_states(world.domain[i]);
		all_tried(world.domain[i], -ERESTART);
	}
	if (!rc && !nested)
		check_gone();
	return !rc;
}

/* domain_kill(): true if done, else it has to be repeated. */
bool domain_kill(struct domain *d)
{
	if (d->m->dead)
		return true;
	d->is_dying = 1;
	finish_steps(d);
	if (!tear_down(d) || !leave(d))
		return false;
	d->m->dead = true;
	remove_dead();
	if (!world.frame)
		reap();
	return true;
}

void world_begin(const char *param)
{
	memset(&world, 0, sizeof(world));
	world.nr_grants = GRANTS;
	demand(!iotask_param(param), "the command line");
	demand(domain_create(0, false), "dom0");
}

/* All goes, and nothing is left. */
void world_end(void)
{
	unsigned int i;

	world.alloc_fails = NULL;
	world.copy_fails = NULL;
	world.preempt = NULL;
	world.divert_fails = NULL;
	world.iommu_fails = NULL;
	world.concurrently = NULL;
	check_world();
	for (i = 0; i < DOMAINS; i++)
		if (world.domain[i])
			finish_steps(world.domain[i]);
	for (i = DOMAINS; i--;)
		if (world.domain[i])
			demand(domain_kill(world.domain[i]),
			       "a domain does not go");
	reap();
	for (i = 0; i < DOMAINS; i++)
		demand(!world.domain[i], "a domain remains");
	demand(!world.removed && !world.rcu, "a domain is locked for ever");
	demand(!world.pages, "a page is lost");
	demand(!world.allocs, "memory is lost");
}
