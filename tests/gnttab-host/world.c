// SPDX-License-Identifier: GPL-2.0
/*
 * world.c - domains come and go, and execute hypercalls.
 */
#include "model.h"

static struct domain io = { .domain_id = DOMID_IO };
struct domain *dom_io = &io;

/* ---- who is there ---------------------------------------------------------- */

bool alive(const struct domain *d)
{
	return d && !d->is_dying && !d->is_shutting_down;
}

struct domain *next_domain(const struct domain *d)
{
	unsigned int i = d ? d->domain_id + 1 : 0;

	while (i < DOMAINS && !world.domain[i])
		i++;
	return i < DOMAINS ? world.domain[i] : NULL;
}

void rcu_lock_domain(struct domain *d)
{
	d->m->locked++;
}

struct domain *rcu_lock_domain_by_id(domid_t id)
{
	struct domain *d;

	interleave();
	d = id < DOMAINS ? world.domain[id] : NULL;
	if (d)
		rcu_lock_domain(d);
	return d;
}

struct domain *rcu_lock_domain_by_any_id(domid_t id)
{
	return rcu_lock_domain_by_id(id == DOMID_SELF ?
				     current->domain->domain_id : id);
}

void rcu_unlock_domain(struct domain *d)
{
	demand(d->m->locked, "a domain unlocked twice");
	d->m->locked--;
	interleave();
}

void put_domain(struct domain *d)
{
	demand(d->refcnt, "a domain put too often");
	if (--d->refcnt)
		return;
	demand(d->is_dying == DOMDYING_dead, "a domain is gone while it lives");
	demand(world.domain[d->domain_id] == d, "a domain gone twice");
	world.domain[d->domain_id] = NULL;
	d->m->next = world.removed;
	world.removed = d;
}

/*
 * The hardware domain is nobody else's to crash, unless it asks for a page where
 * it can not have one.
 */
void model_domain_crash(struct domain *d)
{
	demand(!is_hardware_domain(d) || world.transferring ||
	       (current && current->domain == d),
	       "the hardware domain is crashed by another one");
	d->is_shutting_down = true;
}

/* ---- creation -------------------------------------------------------------- */

static void populate(struct domain *d)
{
	unsigned int i;

	for (i = 0; i < 6; i++) {
		struct page_info *pg = alloc_domheap_page(d, 0);

		if (pg && d->hvm)
			guest_physmap_add_page(d, _gfn(i), page_to_mfn(pg), 0);
		if (!pg || d->hvm || i >= TABLES)
			continue;
		memset(frame_data[pg - frame_table], 0, PAGE_SIZE);
		l1_hook(d, i, pg - frame_table);
	}
}

struct domain *domain_create(domid_t id, bool hvm, bool iommu)
{
	struct domain *d = calloc(1, sizeof(*d));
	unsigned int i;

	demand(d && id < DOMAINS && !world.domain[id], "no new domain");
	d->m = calloc(1, sizeof(*d->m));
	demand(d->m, "out of memory");
	d->domain_id = id;
	d->hvm = hvm;
	d->iommu = iommu && !hvm;
	d->max_pages = 14;
	d->refcnt = 1;
	d->max_vcpus = VCPUS;
	d->dirty_cpumask = (struct cpumask *)d;
	spin_lock_init(&d->page_alloc_lock);
	p2m_begin(d);
	for (i = 0; i < VCPUS; i++) {
		d->vcpu[i] = &d->vcpus[i];
		d->vcpus[i].domain = d;
		d->vcpus[i].vcpu_id = i;
		grant_table_init_vcpu(&d->vcpus[i]);
	}
	world.creating = d;
	i = grant_table_init(d, 2, 4, 2);
	world.creating = NULL;
	if (i) {
		demand(d->refcnt == 1 && !d->grant_table, "half a domain");
		free(d->m);
		free(d);
		return NULL;
	}
	/* It does not run yet. */
	d->is_shutting_down = true;
	world.domain[id] = d;
	populate(d);
	d->is_shutting_down = false;
	return d;
}

/* Others interfere at one point of what follows, mostly. */
static void set_ambush(void)
{
	if (!world.depth && world.interferes && !world.quiet)
		world.ambush = random_byte() % 48;
}

/* ---- destruction ----------------------------------------------------------- */

static void relinquish_page(struct domain *d, struct page_info *pg)
{
	if (pg->owner != d || !get_page(pg, d))
		return;
	if (test_and_clear_bit(_PGT_pinned, &pg->u.inuse.type_info))
		put_page_and_type(pg);
	put_page_alloc_ref(pg);
	put_page(pg);
}

static void relinquish(struct domain *d)
{
	unsigned int i;

	for (i = 0; i < TABLES; i++)
		l1_unhook(d, i);
	if (d->hvm)
		p2m_end(d);
	for (i = FRAMES; --i;)
		relinquish_page(d, &frame_table[i]);
	flush_domain(d);
}

/* As domain_teardown() and what domain_kill() does next, without locks. */
static int teardown(struct domain *d)
{
	struct model *m = d->m;
	int rc;

	if (m->progress == 0) {
		/* The toolstack takes devices away first. */
		m->iommu = 0;
		m->iommu_w = 0;
		flush_domain(d);
		memset(m->map, 0, sizeof(m->map));
		m->progress = 1;
	}
	if (m->progress == 1) {
		rc = iotask_teardown(d);
		if (rc == -ERESTART)
			return rc;
		m->progress = 2;
	}
	if (m->progress == 2) {
		rc = gnttab_release_mappings(d);
		if (rc)
			return rc;
		m->released = true;
		m->progress = 3;
		relinquish(d);
	}
	return iotask_driver_gone(d);
}

/* domain_kill(); anything but 0 means that it has to be repeated. */
int domain_kill(struct domain *d)
{
	struct model *m = d->m;
	int rc;

	demand(!m->running, "a domain is destroyed as it runs");
	d->is_dying = DOMDYING_dying;
	d->is_shutting_down = true;
	m->locked++;
	m->running++;
	set_ambush();
	rc = teardown(d);
	m->running--;
	m->locked--;
	if (rc) {
		demand(rc == -ERESTART, "a domain can not be destroyed");
		return rc;
	}
	m->finished = true;
	d->is_dying = DOMDYING_dead;
	put_domain(d);
	return 0;
}

/* What remains of domains that nobody looks at any more. */
void reap(void)
{
	struct domain **p = &world.removed;

	while (*p) {
		struct domain *d = *p;

		if (d->m->locked || d->m->running) {
			p = &d->m->next;
			continue;
		}
		*p = d->m->next;
		grant_table_destroy(d);
		demand(!d->iotask, "a table outlives its domain");
		free(d->m);
		free(d);
	}
}

/* ---- hypercalls ------------------------------------------------------------ */

/* Some vCPU that is not in a hypercall executes one, continuing it at times. */
long hypercall(struct domain *d, unsigned int cmd, void *buf,
	       unsigned int count)
{
	struct vcpu *before = current;
	guest_handle_void arg = { buf };
	unsigned int i;
	long rc;

	if (d->m->running >= VCPUS)
		return -EAGAIN;
	current = d->vcpu[d->m->running++];
	set_ambush();
	for (i = 0; i < 4; i++) {
		world.continued = false;
		rc = do_grant_table_op(cmd, arg, count);
		if (rc != -ERESTART || !world.continued)
			break;
		cmd = world.cmd;
		arg.p = world.arg;
		count = world.count;
		if (!alive(d))
			break;
		interleave();
	}
	d->m->running--;
	current = before;
	return rc;
}

/* ---- the whole ------------------------------------------------------------- */

void world_begin(void)
{
	static bool begun;

	if (!begun) {
		radix_begin();
		demand(iotask_param("2") == -EINVAL &&
		       iotask_param("max-tasks=1x") == -EINVAL &&
		       iotask_param("max-refs=1x") == -EINVAL &&
		       !iotask_param("1,max-tasks=64,max-refs=128"),
		       "the command line");
		begun = true;
	}
	memset(&world, 0, sizeof(world));
	current = NULL;
	mem_begin();
}

/* All goes, one way or the other, and nothing is left. */
void world_end(void)
{
	unsigned int i, n, first = random_byte() % DOMAINS;

	world.quiet = true;
	for (n = 0; n < DOMAINS; n++) {
		i = first & 1 ? (first + n) % DOMAINS :
		    (first - n) % DOMAINS;
		if (world.domain[i] && !world.domain[i]->m->finished)
			demand(!domain_kill(world.domain[i]),
			       "a domain does not go");
		check_world();
	}
	reap();
	check_empty();
}
