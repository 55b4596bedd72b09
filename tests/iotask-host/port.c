// SPDX-License-Identifier: GPL-2.0
/*
 * port.c - the primitives that port.h declares.
 */
#include "model.h"

struct world world;
struct guest_buffer *guest_buffer;
struct vcpu *current;

void broken(const char *what, const char *file, int line)
{
	fprintf(stderr, "INVARIANT: %s (%s:%d)\n", what, file, line);
	abort();
}

/* Steps of other CPUs, where nothing is locked. */
void interleave(void)
{
	struct frame *f = world.frame;

	demand(!world.locks, "a lock is held over a call");
	if (!world.concurrently || world.quiet || !f || world.elsewhere)
		return;
	world.elsewhere = true;
	world.concurrently();
	world.elsewhere = false;
}

bool happens(bool (*decide)(void))
{
	return decide && !world.quiet && decide();
}

/* Whether something fails that may, which makes the result hard to foresee. */
static bool fails(bool (*decide)(void))
{
	if (!happens(decide))
		return false;
	if (world.frame)
		world.frame->failed = true;
	return true;
}

int parse_bool(const char *s, const char *e)
{
	size_t n = e - s;

	if (n == 1 && (*s == '0' || *s == '1'))
		return *s == '1';
	if (!n || (n == 6 && !strncmp(s, "iotask", n)))
		return 1;
	return -1;
}

/* ---- locks --------------------------------------------------------------- */

void spin_lock_init(spinlock_t *lock)
{
	demand(!lock->ready, "a lock initialized twice");
	lock->ready = true;
}

void spin_lock(spinlock_t *lock)
{
	demand(lock->ready, "a lock not initialized");
	demand(!lock->held, "a lock taken twice");
	demand(!world.locks, "the table's lock is no leaf");
	lock->held = true;
	world.locks++;
}

void spin_unlock(spinlock_t *lock)
{
	demand(lock->held, "a lock not held is dropped");
	lock->held = false;
	world.locks--;
}

bool lock_is_held(const spinlock_t *lock)
{
	return lock->held;
}

/* ---- memory -------------------------------------------------------------- */

void *model_alloc(size_t size)
{
	void *p;

	interleave();
	if (fails(world.alloc_fails))
		return NULL;
	p = calloc(1, size);
	demand(p, "out of memory");
	world.allocs++;
	return p;
}

void xfree(void *p)
{
	demand(!world.locks, "freeing with a lock held");
	if (p)
		world.allocs--;
	free(p);
}

struct page_info *alloc_domheap_page(struct domain *d, unsigned int memflags)
{
	struct page_info *pg;

	interleave();
	demand(memflags == MEMF_no_refcount, "the page counts against a limit");
	if (fails(world.alloc_fails) || d->is_dying)
		return NULL;
	pg = calloc(1, sizeof(*pg));
	demand(pg, "out of memory");
	pg->owner = d;
	pg->refs = 1;
	pg->allocated = true;
	world.pages++;
	return pg;
}

static void put_page(struct page_info *pg)
{
	demand(pg->refs, "a page reference dropped twice");
	if (--pg->refs)
		return;
	demand(!pg->types && !pg->allocated, "a page freed in use");
	world.pages--;
	free(pg);
}

bool get_page_and_type(struct page_info *pg, struct domain *d, int type)
{
	demand(pg->owner == d && pg->refs, "not a page of the domain");
	demand(type == PGT_writable_page, "a page of some other type");
	pg->refs++;
	pg->types++;
	return true;
}

/* Does nothing if the domain's memory was freed before. */
void put_page_alloc_ref(struct page_info *pg)
{
	if (!pg->allocated)
		return;
	pg->allocated = false;
	put_page(pg);
}

void put_page_and_type(struct page_info *pg)
{
	put_sink(pg, true);
}

void put_sink(struct page_info *pg, bool writable)
{
	if (writable) {
		demand(pg->types, "a page type dropped twice");
		pg->types--;
	}
	put_page(pg);
}

void clear_domain_page(mfn_t mfn)
{
	interleave();
	mfn.pg->cleared = true;
}

size_t guest_access(void *guest, size_t at, void *xen, size_t size, bool write)
{
	struct guest_buffer *b = guest_buffer;
	uintptr_t offset = (uintptr_t)guest + at - (uintptr_t)b->base;

	interleave();
	if (fails(world.copy_fails) || offset > b->size ||
	    size > b->size - offset)
		return size;
	if (write)
		memcpy((char *)b->base + offset, xen, size);
	else
		memcpy(xen, (char *)b->base + offset, size);
	return 0;
}

/* ---- domains ------------------------------------------------------------- */

struct domain *find_domain(domid_t id)
{
	return id < DOMAINS ? world.domain[id] : NULL;
}

struct domain *find_serial(uint64_t serial)
{
	unsigned int i;

	for (i = 0; i < DOMAINS; i++)
		if (world.domain[i] && world.domain[i]->m->serial == serial)
			return world.domain[i];
	return NULL;
}

/* NULL once it can not access anything any more. */
struct domain *present(uint64_t serial)
{
	struct domain *d = find_serial(serial);

	return d && !d->m->gone ? d : NULL;
}

struct domain *next_domain(const struct domain *d)
{
	unsigned int i;

	for (i = d ? d->domain_id + 1 : 0; i < DOMAINS; i++)
		if (world.domain[i])
			return world.domain[i];
	return NULL;
}

void rcu_read_lock_domains(void)
{
	world.rcu++;
}

void rcu_read_unlock_domains(void)
{
	demand(world.rcu, "domains unlocked twice");
	world.rcu--;
}

/* It does not run any more, but still has what it has. */
void domain_crash(struct domain *d)
{
	const struct mtask *t = world.frame->revoking;

	demand(d->domain_id, "the hardware domain is ended");
	demand(!d->is_dying, "a dying domain is ended");
	demand(t && t->failed && t->driver == d->m->serial,
	       "a domain is ended for nothing");
	d->m->crashed = true;
}

struct domain *rcu_lock_domain_by_id(domid_t id)
{
	struct domain *d = find_domain(id);

	demand(!world.locks, "a lock is held over a call");
	if (d) {
		d->m->locked++;
		if (world.frame)
			world.frame->locked = d->m->serial;
		world.rcu++;
	}
	return d;
}

struct domain *rcu_lock_domain_by_any_id(domid_t id)
{
	if (id == DOMID_SELF)
		id = current->domain->domain_id;
	return rcu_lock_domain_by_id(id);
}

void rcu_unlock_domain(struct domain *d)
{
	demand(d->m->locked, "a domain unlocked twice");
	d->m->locked--;
	world.rcu--;
}

bool hypercall_preempt_check(void)
{
	interleave();
	if (!happens(world.preempt))
		return false;
	world.frame->preempted = true;
	return true;
}

/* ---- permissions: Xen's default, or with SILO ----------------------------- */

static int check_permission(enum xsm_default action, struct domain *caller,
			    struct domain *target)
{
	demand(caller == current->domain, "not the caller is asked about");
	if (action == XSM_HOOK || !caller->domain_id)
		return 0;
	return action == XSM_TARGET && caller == target ? 0 : -EPERM;
}

int xsm_iotask_register(enum xsm_default action, struct domain *d1,
			struct domain *d2)
{
	demand(action == XSM_HOOK, "the hook's default action");
	if (world.silo && d1->domain_id && d2->domain_id)
		return -EPERM;
	return check_permission(action, d1, d2);
}

int xsm_iotask_revoke(enum xsm_default action, struct domain *d1,
		      struct domain *d2)
{
	demand(action == XSM_TARGET, "the hook's default action");
	return check_permission(action, d1, d2);
}

int xsm_iotask_query(enum xsm_default action, struct domain *d1,
		     struct domain *d2)
{
	demand(action == XSM_TARGET, "the hook's default action");
	world.frame->asked = true;
	return check_permission(action, d1, d2);
}

int xsm_iotask_policy(enum xsm_default action, struct domain *d1,
		      struct domain *d2)
{
	demand(action == XSM_PRIV, "the hook's default action");
	return check_permission(action, d1, d2);
}
