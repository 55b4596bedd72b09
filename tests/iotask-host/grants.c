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

/* Which frame it grants; at first each another one. */
void grant_frame(struct domain *d, grant_ref_t ref, unsigned int nr)
{
	if (!d->m->entry[ref].pin)
		d->m->entry[ref].nr = nr;
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
	       iotask_sink(ld, false) && iotask_sink(ld, true) &&
	       (flags & GNTMAP_host_map) && !(flags & GNTMAP_device_map) &&
	       ((flags & GNTMAP_readonly) || (t->flags & XEN_IOTASK_WRITE));
}

static void deny(struct domain *rd, struct entry *e)
{
	if (!e->tag)
		rd->m->policy.denied++;
	else if (e->task)
		e->task->denied++;
	else
		e->frame->denied++;
}

static bool admitted(struct domain *rd, struct domain *ld, struct entry *e,
		     unsigned int flags)
{
	const struct page_info *pg = NULL;
	bool okay = iotask_map_begin(rd, ld, e->tag, flags, &pg);

	demand(okay == admissible(ld, e, flags),
	       okay ? "a map that must not be" : "a map refused without reason");
	demand(!okay || pg == e->pg, "the wrong frame may be mapped");
	if (okay)
		e->task->maps++;
	else
		deny(rd, e);
	return okay;
}

/* A task's frame by the task's reference only, and that for no other one. */
static bool right_frame(struct domain *rd, struct entry *e)
{
	const struct page_info *pg = &rd->m->page[e->nr];

	if (e->tag ? pg == e->pg : !pg->entry)
		return true;
	iotask_deny(rd, e->tag);
	deny(rd, e);
	return false;
}

static int free_handle(struct domain *ld)
{
	unsigned int i;

	for (i = 0; i < MAPS; i++)
		if (ld->m->map[i].step == UNUSED)
			return i;
	return -1;
}

/* Before ld maps from a domain that has tasks; false if that is not to be. */
static bool make_sinks(struct domain *ld, struct domain *rd)
{
	unsigned int rcu = world.rcu;
	struct frame f;
	int rc = 0;

	frame_begin(&f, ld);
	rd->m->locked++;
	if (iotask_in_use(rd)) {
		rc = iotask_make_sinks(ld);
		demand(rc || (iotask_sink(ld, false) && iotask_sink(ld, true)),
		       "no sinks");
	}
	demand(!rc || (rc == -ENOMEM && (f.failed || ld->is_dying)),
	       "no sinks without reason");
	/* It may not have been in use then, but be now. */
	interleave();
	rd->m->locked--;
	frame_end(&f);
	demand(world.rcu == rcu, "a domain stays locked");
	return !rc && !rd->m->removed;
}

static void pin(struct domain *ld, struct domain *rd, struct entry *e,
		unsigned int handle, unsigned int flags)
{
	struct mmap *m = &ld->m->map[handle];

	*m = (struct mmap){
		.step = MAPPING, .task = e->tag, .rd = rd,
		.ref = e - rd->m->entry, .readonly = flags & GNTMAP_readonly,
		.flags = flags,
		.loc = ((uint64_t)ld->m->serial << 32) + handle * 8,
	};
	e->pin++;
	e->refs++;
	if (!e->tag)
		return;
	e->map = m;
	e->flags = flags;
	e->dma = true;
}

/* Returns a handle for map_end(), or -1 if the map is refused. */
int map_begin(struct domain *ld, domid_t id, grant_ref_t ref,
	      unsigned int flags)
{
	struct domain *rd = find_domain(id);
	struct entry *e;
	int handle;

	if (!rd || ref >= world.nr_grants || !make_sinks(ld, rd))
		return -1;
	handle = free_handle(ld);
	if (handle < 0)
		return -1;
	e = acquire(rd, ref);
	if (e->tag && !admitted(rd, ld, e, flags)) {
		handle = -1;
	} else if (e->granted != ld->domain_id || !e->full ||
		   !right_frame(rd, e)) {
		if (e->tag)
			iotask_unmapped(rd, e->tag);
		handle = -1;
	} else {
		pin(ld, rd, e, handle, flags);
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
		e->dma = false;
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

/* Whether there is something to be unmapped. */
bool unmap_begin(struct domain *ld, unsigned int handle)
{
	struct mmap *m = &ld->m->map[handle];
	struct entry *e;

	if (m->step == TAKEN)
		drop_taken(m);
	if (m->step != MAPPED || m->torn)
		return false;
	e = acquire(m->rd, m->ref);
	if (m->task)
		iotask_unmap_begin(m->rd, e->tag);
	m->step = UNMAPPING;
	release(e);
	return true;
}

/* Undone, but the IOMMU still lets devices at the frame. */
static void keep(struct domain *rd, struct mmap *m, struct entry *e)
{
	iotask_diverted(rd, e->tag, true);
	e->map = &taken;
	e->held = true;
	m->step = TAKEN;
}

void unmap_end(struct domain *ld, unsigned int handle)
{
	struct mmap *m = &ld->m->map[handle];
	struct entry *e;

	if (m->step != UNMAPPING)
		return;
	e = acquire(m->rd, m->ref);
	if (m->task && happens(world.iommu_fails))
		keep(m->rd, m, e);
	else
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
	bool okay;

	if (!rd || ref >= world.nr_grants)
		return false;
	e = acquire(rd, ref);
	okay = !e->tag && right_frame(rd, e);
	if (e->tag) {
		iotask_deny(rd, e->tag);
		deny(rd, e);
	}
	release(e);
	return okay;
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

/* Nor are there devices, nor what the IOMMU let them at. */
void release_devices(struct domain *ld)
{
	unsigned int i, j;

	for (i = 0; i < DOMAINS; i++) {
		struct domain *rd = world.domain[i];

		for (j = 0; rd && j < world.nr_grants; j++)
			if (rd->m->entry[j].dma &&
			    rd->m->entry[j].task->driver == ld->m->serial)
				rd->m->entry[j].dma = false;
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

static int tag_frame(struct domain *d, struct entry *e, iotask_tag_t tag)
{
	struct page_info *pg = &d->m->page[e->nr];

	if (pg->entry)
		return -EEXIST;
	pg->entry = e;
	pg->refs++;
	e->pg = pg;
	e->tag = tag;
	e->frame = world.frame;
	return 0;
}

int gnttab_iotask_tag(struct domain *d, grant_ref_t ref, domid_t driver,
		      iotask_tag_t tag, struct page_info **pg)
{
	struct entry *e;
	int rc;

	interleave();
	demand(tag, "an entry tagged with nothing");
	if (ref < RESERVED || ref >= world.nr_grants)
		return -EINVAL;
	e = acquire(d, ref);
	if (e->tag)
		rc = -EEXIST;
	else if (e->pin)
		rc = -EBUSY;
	else if (e->granted != driver || !e->full)
		rc = -EINVAL;
	else
		rc = tag_frame(d, e, tag);
	if (!rc)
		*pg = e->pg;
	release(e);
	return rc;
}

bool gnttab_iotask_exclusive(struct domain *d)
{
	unsigned int i;

	interleave();
	for (i = 0; i < world.nr_grants; i++) {
		const struct entry *e = &d->m->entry[i];

		if (e->pin && !e->tag && d->m->page[e->nr].entry)
			return false;
	}
	return true;
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

void gnttab_iotask_untag(struct domain *d, grant_ref_t ref,
			 struct page_info *pg)
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
	demand(!e->pin && !e->map && !e->dma, "a tag removed while mapped");
	demand(pg && pg == e->pg && pg->entry == e && pg->refs > 1,
	       "the wrong frame is let go");
	pg->entry = NULL;
	pg->refs--;
	e->pg = NULL;
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
		   struct iotask_mapping *out)
{
	struct mmap *m = e->map;

	demand(out->handle < MAPS && m == &xd->m->map[out->handle] &&
	       m->step == MAPPED && m->rd == rd,
	       "the wrong mapping is to be taken");
	demand(out->loc == m->loc && out->flags == m->flags,
	       "the wrong place of a mapping");
	if (happens(world.divert_fails)) {
		e->task->failed = YES;
		out->rc = -EILSEQ;
		return;
	}
	out->held = !m->torn;
	out->rc = 1;
	m->sink = into_sink(xd, m);
	m->step = TAKEN;
	e->map = &taken;
	e->held = out->held;
	iotask_diverted(rd, e->tag, out->held);
	e->task->diverted += out->held;
}

/* Taken by an earlier attempt, or undone, without what it held being let go. */
static void check_taken(const struct entry *e, const struct iotask_mapping *m)
{
	demand(e->pin == 1 && e->map == &taken, "what is not held is taken");
	demand(m->held == e->held && !((m->flags ^ e->flags) & GNTMAP_readonly),
	       "not what the mapping was");
}

static void divert_one(struct domain *rd, struct domain *xd, struct mtask *t,
		       struct iotask_mapping *m)
{
	struct entry *e = acquire(rd, m->ref);
	bool busy = e->map && (e->map->step == MAPPING ||
			       e->map->step == UNMAPPING);

	demand(e->task == t, "a reference of some other task");
	m->rc = 77;
	if (iotask_divert_begin(rd, e->tag, m)) {
		demand(e->map && !busy, "no mapping to be taken");
		divert(rd, xd, e, m);
	} else if (m->rc == 1) {
		check_taken(e, m);
	} else {
		demand(m->rc == (busy ? -ERESTART : 0) && (busy || !e->map),
		       "a mapping overlooked");
	}
	release(e);
}

/* What translations there are is flushed in here, too. */
void gnttab_iotask_divert(struct domain *rd, struct domain *xd,
			  struct iotask_mapping *m, unsigned int nr)
{
	struct mtask *t = rd->m->entry[m[0].ref].task;
	unsigned int i;

	interleave();
	demand(nr && nr <= BATCH, "a batch of a size not expected");
	demand(t && !t->hidden, "no task is being revoked");
	demand(t->driver == xd->m->serial, "not the driver domain");
	world.frame->revoking = t;
	if (t->state == XEN_IOTASK_STATE_active)
		t->state = XEN_IOTASK_STATE_revoking;
	for (i = 0; i < nr; i++)
		divert_one(rd, xd, t, &m[i]);
	interleave();
}

int gnttab_iotask_unmap_iommu(struct domain *xd, const struct page_info *pg,
			      bool readonly)
{
	struct entry *e = pg->entry;
	int rc = 0;

	interleave();
	demand(e && e->pg == pg && e->map == &taken, "no mapping was taken");
	demand(e->task->driver == xd->m->serial, "not the driver domain");
	demand(readonly == !!(e->flags & GNTMAP_readonly),
	       "not what the IOMMU allows");
	if (xd->m->unrecorded)
		rc = -ENOENT;
	else if (happens(world.iommu_fails))
		rc = -EIO;
	else
		e->dma = false;
	if (rc && !xd->m->gone)
		e->task->failed = YES;
	return rc;
}

void gnttab_iotask_release(struct domain *rd, const struct iotask_mapping *m)
{
	struct entry *e;

	interleave();
	e = acquire(rd, m->ref);
	demand(!e->dma, "released while devices can get at it");
	check_taken(e, m);
	e->pin--;
	e->refs -= m->held;
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
		    rd->m->entry[t->refs[i]].dma)
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
