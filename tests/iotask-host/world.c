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

	demand(!caller->is_dying, "a dying domain runs");
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
	for (i = 0; i < GRANTS; i++)
		m->entry[i].granted = DOMID_INVALID;
	set_default_policy(&m->policy);
	if (iotask_init(d)) {
		free(m);
		free(d);
		return NULL;
	}
	world.domain[id] = d;
	return d;
}

/* What remains of domains that nobody looks at any more. */
void reap(void)
{
	struct domain **p = &world.removed;

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

/* Some domains' memory is given back before the pages are let go. */
static void relinquish(struct domain *d)
{
	unsigned int i;

	release_mappings(d);
	forget_plain(d);
	if (d->iotask && d->m->serial % 2) {
		for (i = 0; i < 2; i++)
			if (iotask_sink(d, i))
				put_page_alloc_ref(iotask_sink(d, i));
	}
	iotask_release_sinks(d);
}

/* domain_kill(): true if done, else it has to be repeated. */
bool domain_kill(struct domain *d)
{
	struct frame f;
	unsigned int i;
	int rc;

	d->is_dying = 1;
	finish_steps(d);
	frame_begin(&f, world.domain[0]);
	f.target = d;
	f.teardown = true;
	rc = iotask_teardown(d);
	frame_end(&f);
	if (rc) {
		demand(rc == -ERESTART, "teardown fails");
		sync_states(d);
		return false;
	}
	if (!f.nested && !world.frame)
		demand(!nr_tasks(d), "tasks are left");
	for (i = 0; i < XEN_IOTASK_MAX_TASKS; i++)
		if (d->m->task[i].used && !d->m->task[i].hidden)
			demand(false, "teardown leaves a task");
	relinquish(d);
	world.domain[d->domain_id] = NULL;
	d->m->removed = true;
	d->m->next = world.removed;
	world.removed = d;
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
	demand(!world.removed && !world.rcu, "a domain is locked for ever");
	demand(!world.pages, "a page is lost");
	demand(!world.allocs, "memory is lost");
}
