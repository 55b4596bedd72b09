// SPDX-License-Identifier: GPL-2.0
/*
 * grants.c - a model of the grant table: pins, page references, mappings, and
 * the functions of Xen's grant_table.c that the I/O task table calls.
 */
#include "model.h"

/* Of an entry whose mapping was taken: the handle may serve another one now. */
static struct mmap taken = { .step = TAKEN };

static struct entry *acquire(struct domain *rd, grant_ref_t ref)
{
	struct entry *e = &rd->m->entry[ref];

	demand(!world.locks, "an entry is locked within the table's lock");
	demand(ref < world.nr_grants, "a reference out of range");
	demand(!e->locked, "an entry is locked twice");
	e->locked = true;
	return e;
}

static void release(struct entry *e)
{
	demand(e->locked, "an entry not locked is released");
	e->locked = false;
}

/* ---- what the granting domain does ---------------------------------------- */

void grant(struct domain *d, grant_ref_t ref, domid_t to, bool full)
{
	struct entry *e = &d->m->entry[ref];

	if (e->pin)
		return;
	e->granted = to;
	e->full = full;
}

bool grant_end(struct domain *d, grant_ref_t ref)
{
	struct entry *e = &d->m->entry[ref];

	if (e->pin)
		return false;
	e->granted = DOMID_INVALID;
	return true;
}

/* ---- what the driver domain does ------------------------------------------ */

/* What the header promises of maps. */
static bool admissible(const struct domain *ld, const struct entry *e,
		       unsigned int flags)
{
	const struct mtask *t = e->task;

	return t && !t->hidden && t->state == XEN_IOTASK_STATE_active &&
	       t->driver == ld->m->serial && !e->map &&
	       (flags & GNTMAP_host_map) && !(flags & GNTMAP_device_map) &&
	       ((flags & GNTMAP_readonly) || (t->flags & XEN_IOTASK_WRITE));
}

static void deny(struct entry *e)
{
	if (e->task)
		e->task->denied++;
	else
		e->frame->denied++;
}

static bool admitted(struct domain *rd, struct domain *ld, struct entry *e,
		     unsigned int flags)
{
	bool okay = iotask_map_begin(rd, ld, e->tag, flags);

	demand(okay == admissible(ld, e, flags),
	       okay ? "a map that must not be" : "a map refused without reason");
	if (okay)
		e->task->maps++;
	else
		deny(e);
	return okay;
}

static int free_handle(struct domain *ld)
{
	unsigned int i;

	for (i = 0; i < MAPS; i++)
		if (ld->m->map[i].step == UNUSED)
			return i;
	return -1;
}

/* Returns a handle for map_end(), or -1 if the map is refused. */
int map_begin(struct domain *ld, domid_t id, grant_ref_t ref,
	      unsigned int flags)
{
	struct domain *rd = find_domain(id);
	int handle = free_handle(ld);
	struct entry *e;
	bool task;

	if (!rd || handle < 0 || ref >= world.nr_grants)
		return -1;
	e = acquire(rd, ref);
	task = e->tag;
	if (task && !admitted(rd, ld, e, flags)) {
		handle = -1;
	} else if (e->granted != ld->domain_id || !e->full) {
		if (task)
			iotask_unmapped(rd, e->tag);
		handle = -1;
	} else {
		struct mmap *m = &ld->m->map[handle];

		*m = (struct mmap){
			.step = MAPPING, .task = task, .rd = rd, .ref = ref,
			.readonly = flags & GNTMAP_readonly, .flags = flags,
			.loc = ((uint64_t)ld->m->serial << 32) + handle * 8,
		};
		e->pin++;
		e->refs++;
		if (task)
			e->map = m;
	}
	release(e);
	return handle;
}

static void unpin(struct domain *rd, struct mmap *m, struct entry *e)
{
	demand(e->pin && (m->torn || e->refs), "a mapping of what is not held");
	e->pin--;
	e->refs -= !m->torn;
	if (m->task) {
		iotask_unmapped(rd, e->tag);
		e->map = NULL;
	}
	m->step = UNUSED;
}

void map_end(struct domain *ld, unsigned int handle, bool fail)
{
	struct mmap *m = &ld->m->map[handle];
	struct entry *e;

	if (m->step != MAPPING)
		return;
	e = acquire(m->rd, m->ref);
	if (fail) {
		unpin(m->rd, m, e);
	} else {
		if (m->task)
			iotask_map_end(m->rd, e->tag, handle, m->flags, m->loc);
		m->step = MAPPED;
	}
	release(e);
}

/* A handle whose mapping was taken: it leads to a page of ld's own. */
static void drop_taken(struct mmap *m)
{
	if (m->sink)
		put_sink(m->sink, !m->readonly);
	m->sink = NULL;
	m->step = UNUSED;
}

static void may_unmap(struct mmap *m, struct entry *e, bool replace)
{
	uint64_t loc = ~0;

	demand(iotask_unmap_allowed(m->rd, e->tag, replace, &loc) == !replace,
	       "replacing a mapping");
	demand(replace || loc == m->loc, "a mapping elsewhere");
	if (replace)
		deny(e);
}

/* Whether there is something to be unmapped. */
bool unmap_begin(struct domain *ld, unsigned int handle, bool replace)
{
	struct mmap *m = &ld->m->map[handle];
	struct entry *e;

	if (m->step == TAKEN)
		drop_taken(m);
	if (m->step != MAPPED || m->torn)
		return false;
	e = acquire(m->rd, m->ref);
	if (m->task)
		may_unmap(m, e, replace);
	if (!replace && m->task)
		iotask_unmap_begin(m->rd, e->tag);
	if (!replace)
		m->step = UNMAPPING;
	release(e);
	return !replace;
}

void unmap_end(struct domain *ld, unsigned int handle)
{
	struct mmap *m = &ld->m->map[handle];
	struct entry *e;

	if (m->step != UNMAPPING)
		return;
	e = acquire(m->rd, m->ref);
	unpin(m->rd, m, e);
	release(e);
}

/* A PV domain overwrites the mapping itself, which drops what it held. */
void tear(struct domain *ld, unsigned int handle)
{
	struct mmap *m = &ld->m->map[handle];

	if (m->step != MAPPED || m->torn || ld->m->hvm)
		return;
	m->torn = true;
	m->rd->m->entry[m->ref].refs--;
}

/* Grant copy, and whatever else a task excludes. */
bool copy(domid_t id, grant_ref_t ref)
{
	struct domain *rd = find_domain(id);
	struct entry *e;
	bool task;

	if (!rd || ref >= world.nr_grants)
		return false;
	e = acquire(rd, ref);
	task = e->tag;
	if (task) {
		iotask_deny(rd, e->tag);
		deny(e);
	}
	release(e);
	return !task;
}

/* What ld's CPUs are doing comes to its end. */
void finish_steps(struct domain *ld)
{
	unsigned int i;

	for (i = 0; i < MAPS; i++) {
		map_end(ld, i, false);
		unmap_end(ld, i);
	}
}

/* gnttab_release_mappings(); ld is dying, its page tables are gone then. */
void release_mappings(struct domain *ld)
{
	unsigned int i;

	for (i = 0; i < MAPS; i++) {
		struct mmap *m = &ld->m->map[i];
		struct entry *e;

		if (m->step == TAKEN)
			drop_taken(m);
		if (m->step == UNUSED)
			continue;
		e = acquire(m->rd, m->ref);
		unpin(m->rd, m, e);
		release(e);
	}
}

/* Mappings of rd's grants outside of tasks: rd does not go before they do. */
void forget_plain(struct domain *rd)
{
	unsigned int i, j;

	for (i = 0; i < DOMAINS; i++) {
		struct domain *ld = world.domain[i];

		for (j = 0; ld && j < MAPS; j++) {
			struct mmap *m = &ld->m->map[j];

			if (m->rd != rd || m->step == UNUSED ||
			    m->step == TAKEN)
				continue;
			demand(!m->task, "a task's mapping outlives its domain");
			unpin(rd, m, &rd->m->entry[m->ref]);
		}
	}
}

/* ---- what the table calls -------------------------------------------------- */

int gnttab_iotask_tag(struct domain *d, grant_ref_t ref, domid_t driver,
		      iotask_tag_t tag)
{
	struct entry *e;
	int rc = 0;

	interleave();
	demand(tag, "an entry tagged with nothing");
	if (ref < RESERVED || ref >= world.nr_grants)
		return -EINVAL;
	e = acquire(d, ref);
	if (e->tag) {
		rc = -EEXIST;
	} else if (e->pin) {
		rc = -EBUSY;
	} else if (e->granted != driver || !e->full) {
		rc = -EINVAL;
	} else {
		e->tag = tag;
		e->frame = world.frame;
	}
	release(e);
	return rc;
}

/* The last reference of a task being dropped takes the task along. */
static void untagged(struct domain *d, struct mtask *t)
{
	demand(t->tagged, "more tags than references");
	if (--t->tagged)
		return;
	d->m->policy.denied += t->denied;
	free(t->refs);
	t->refs = NULL;
	t->used = false;
}

void gnttab_iotask_untag(struct domain *d, grant_ref_t ref)
{
	struct mtask *t = d->m->entry[ref].task;
	struct entry *e;

	if (t) {
		/* That does both, and nobody could look in between. */
		if (world.frame->teardown && !t->hidden)
			now_revoked(d, t);
		demand(t->state == XEN_IOTASK_STATE_revoked,
		       "a task dropped unrevoked");
		t->hidden = true;
	}
	interleave();
	e = acquire(d, ref);
	demand(e->tag, "a tag removed twice");
	demand(!e->pin && !e->map, "a tag removed while mapped");
	e->tag = 0;
	if (e->task)
		untagged(d, e->task);
	e->task = NULL;
	e->frame = NULL;
	release(e);
}

/* What replaces the mapping is the driver domain's own. */
static struct page_info *into_sink(struct domain *xd, const struct mmap *m)
{
	struct page_info *pg = iotask_sink(xd, m->readonly);

	demand(pg && pg->owner == xd && pg->refs && pg->cleared &&
	       pg != iotask_sink(xd, !m->readonly), "no page to divert to");
	if (m->torn || xd->m->hvm)
		return NULL;
	pg->refs++;
	pg->types += !m->readonly;
	return pg;
}

static void divert(struct domain *rd, struct domain *xd, struct entry *e,
		   grant_handle_t handle, struct iotask_mapping *out)
{
	struct mmap *m = &xd->m->map[handle];

	demand(m == e->map && m->step == MAPPED && m->rd == rd,
	       "the wrong mapping is to be taken");
	out->readonly = m->readonly;
	out->live = !m->torn;
	m->sink = into_sink(xd, m);
	m->step = TAKEN;
	e->map = &taken;
	iotask_diverted(rd, e->tag, out->live);
	e->task->diverted += out->live;
	e->stale = true;
}

int gnttab_iotask_divert(struct domain *rd, struct domain *xd, grant_ref_t ref,
			 struct iotask_mapping *m)
{
	grant_handle_t handle = ~0U;
	unsigned int flags = ~0U;
	uint64_t loc = 0;
	struct entry *e;
	int rc;

	interleave();
	e = acquire(rd, ref);
	demand(e->task && !e->task->hidden, "no task is being revoked");
	demand(e->task->driver == xd->m->serial, "not the driver domain");
	world.frame->revoking = e->task;
	if (e->task->state == XEN_IOTASK_STATE_active)
		e->task->state = XEN_IOTASK_STATE_revoking;
	rc = iotask_divert_begin(rd, e->tag, &handle, &flags, &loc);
	if (rc > 0) {
		demand(e->map && handle < MAPS && loc == e->map->loc &&
		       flags == e->map->flags, "the wrong place of a mapping");
		divert(rd, xd, e, handle, m);
	} else {
		bool busy = e->map && (e->map->step == MAPPING ||
				       e->map->step == UNMAPPING);

		demand(rc == (busy ? -ERESTART : 0), "a mapping overlooked");
	}
	release(e);
	return rc;
}

/* A flush is for every mapping taken until then. */
void gnttab_iotask_flush(const struct domain *xd)
{
	unsigned int i, j;

	interleave();
	for (i = 0; i < DOMAINS; i++) {
		struct domain *rd = world.domain[i];

		for (j = 0; rd && j < world.nr_grants; j++)
			if (rd->m->entry[j].stale &&
			    rd->m->entry[j].task->driver == xd->m->serial)
				rd->m->entry[j].stale = false;
	}
}

void gnttab_iotask_release(struct domain *rd, struct domain *xd,
			   grant_ref_t ref, const struct iotask_mapping *m)
{
	struct entry *e;

	interleave();
	(void)xd;
	e = acquire(rd, ref);
	demand(!e->stale, "released with stale translations left");
	demand(e->pin == 1 && e->map, "released what is not held");
	e->pin--;
	e->refs -= m->live;
	e->map = NULL;
	iotask_released(rd, e->tag);
	release(e);
}

/* ---- what to look at ------------------------------------------------------- */

unsigned int mapped(const struct domain *rd, const struct mtask *t)
{
	unsigned int i, n = 0;

	for (i = 0; i < t->nr; i++)
		n += !!rd->m->entry[t->refs[i]].map;
	return n;
}

/* Whether the driver domain can get at any frame of the task. */
bool reachable(const struct domain *rd, const struct mtask *t)
{
	unsigned int i;

	for (i = 0; i < t->nr; i++)
		if (rd->m->entry[t->refs[i]].map ||
		    rd->m->entry[t->refs[i]].stale)
			return true;
	return false;
}

bool held(const struct domain *rd, const struct mtask *t)
{
	unsigned int i;

	for (i = 0; i < t->nr; i++)
		if (rd->m->entry[t->refs[i]].pin ||
		    rd->m->entry[t->refs[i]].refs)
			return true;
	return false;
}

bool in_transit(const struct domain *rd, const struct mtask *t)
{
	unsigned int i;

	for (i = 0; i < t->nr; i++) {
		const struct mmap *m = rd->m->entry[t->refs[i]].map;

		if (m && (m->step == MAPPING || m->step == UNMAPPING))
			return true;
	}
	return false;
}
