// SPDX-License-Identifier: GPL-2.0
/*
 * check.c - what is to hold after each step, whoever did what.
 *
 * What exists is counted: entries of page tables, handles, pins, tasks.  It is
 * compared with what frames and grant entries say.
 */
#include "model.h"

static struct {
	uint16_t refs[FRAMES], writable[FRAMES], l1[FRAMES];
	uint32_t pin[DOMAINS][REFS];
	/* HVM: handles and grant entries, by frame. */
	uint8_t handles[2][FRAMES], entries[2][FRAMES];
	/* PV domains that run: handles and entries of others' frames. */
	uint8_t pv_handles[FRAMES], pv_entries[FRAMES];
	frames_t task;			/* frames of tasks */
	frames_t mapped[DOMAINS], mapped_w[DOMAINS], device[DOMAINS];
} now;

static bool is_host(unsigned int flags)
{
	return flags & GNTMAP_host_map;
}

/* One that was crashed, or is being destroyed, has devices only, or not even. */
static bool runs(const struct domain *d)
{
	return !d->is_dying && (!d->is_shutting_down || is_hardware_domain(d));
}

/* ---- counting -------------------------------------------------------------- */

static void count_entry(const struct domain *d, l1_pgentry_t e)
{
	unsigned long mfn = l1e_get_pfn(e);
	const struct page_info *pg;

	if (!(l1e_get_flags(e) & _PAGE_PRESENT))
		return;
	demand(mfn < FRAMES, "an entry leads nowhere");
	pg = &frame_table[mfn];
	demand(!pg->free, "an entry leads to a free page");
	now.refs[mfn]++;
	now.mapped[d->domain_id] |= FRAME(mfn);
	now.pv_entries[mfn] += runs(d) && pg->owner != d;
	if (!(l1e_get_flags(e) & _PAGE_RW))
		return;
	now.mapped_w[d->domain_id] |= FRAME(mfn);
	if (pg->owner == d || !pg->owner->hvm)
		now.writable[mfn]++;
}

static void count_tables(void)
{
	unsigned int mfn, i;

	for (mfn = 1; mfn < HEAP_FRAMES; mfn++) {
		const struct page_info *pg = &frame_table[mfn];

		if (pg->free || !pg->owner)
			continue;
		if (pg->count_info & PGC_allocated)
			now.refs[mfn]++;
		if (pg->u.inuse.type_info & PGT_pinned) {
			now.refs[mfn]++;
			now.l1[mfn]++;
		}
		if (is_sink(pg->owner, pg)) {
			now.refs[mfn]++;
			now.writable[mfn]++;
		}
		if (!is_l1_table(pg))
			continue;
		for (i = 0; i < USED_ENTRIES; i++)
			count_entry(pg->owner, l1_of(mfn)[i]);
	}
	for (; mfn < FRAMES; mfn++) {
		if (!(frame_table[mfn].count_info & PGC_allocated))
			continue;
		now.refs[mfn]++;
		now.writable[mfn]++;
	}
}

static void count_handle(const struct domain *d, const struct handle_view *h)
{
	const struct domain *rd = h->domid < DOMAINS ? world.domain[h->domid] :
				  NULL;
	bool readonly = h->flags & GNTMAP_readonly;
	unsigned long mfn;

	/* A PV domain may have got rid of the entry. */
	if (!rd && !d->hvm && !(h->flags & GNTMAP_device_map))
		return;
	demand(rd, "a mapping outlives the granting domain");
	if (h->ref >= REFS)
		return;
	mfn = gt_active(rd, h->ref).mfn;
	demand(mfn && mfn < FRAMES, "a mapping of no frame");
	if (is_host(h->flags)) {
		now.pin[h->domid][h->ref] += readonly ? 0x100 : 1;
		now.pv_handles[mfn] += !d->hvm && runs(d) && d != rd;
		if (d->hvm) {
			now.refs[mfn]++;
			now.writable[mfn] += !readonly && (d == rd || !rd->hvm);
			now.handles[readonly][mfn]++;
		}
	}
	if (h->flags & GNTMAP_device_map) {
		now.pin[h->domid][h->ref] += readonly ? 0x1000000 : 0x10000;
		now.refs[mfn]++;
		now.writable[mfn] += !readonly;
	}
}

static void count_handles(const struct domain *d)
{
	unsigned int i, n = gt_handles(d);

	for (i = 0; i < n; i++) {
		struct handle_view h = gt_handle(d, i);

		if (h.flags & (GNTMAP_device_map | GNTMAP_host_map))
			count_handle(d, &h);
	}
}

static void count_p2m(const struct domain *d)
{
	unsigned int i;

	for (i = 0; i < GFNS; i++) {
		const struct p2m_entry *e = &d->p2m.entry[i];
		bool readonly = e->type == p2m_grant_map_ro;
		const struct page_info *pg;

		if (e->type == p2m_invalid)
			continue;
		pg = &frame_table[e->mfn];
		demand(!pg->free, "a P2M entry leads to a free page");
		if (!p2m_is_grant(e->type)) {
			demand(pg->owner == d, "a P2M entry of another's page");
			continue;
		}
		now.mapped[d->domain_id] |= FRAME(e->mfn);
		if (!readonly)
			now.mapped_w[d->domain_id] |= FRAME(e->mfn);
		if (!is_sink(d, pg))
			now.entries[readonly][e->mfn]++;
	}
	for (i = 0; i < GFNS; i++) {
		const struct p2m_entry *e = &d->m->iommu_entry[i];

		if (e->type != p2m_invalid)
			now.device[d->domain_id] |= FRAME(e->mfn);
	}
}

/* What a task holds on its frames, and what is left of mappings taken away. */
static void count_task_ref(const struct domain *rd, const struct task_view *t,
			   const struct ref_view *r)
{
	bool readonly = r->flags & GNTMAP_readonly;

	(void)t;
	demand(!(now.task & FRAME(r->mfn)), "a frame is part of two tasks");
	now.task |= FRAME(r->mfn);
	now.refs[r->mfn]++;
	now.writable[r->mfn] += !rd->hvm;
	if (r->diverted)
		now.pin[rd->domain_id][r->ref] += readonly ? 0x100 : 1;
	if (r->held) {
		now.refs[r->mfn]++;
		now.writable[r->mfn] += !readonly && !rd->hvm;
	}
}

/* What is done for each reference of each task. */
typedef void task_fn(const struct domain *rd, const struct task_view *t,
		     const struct ref_view *r);
static void for_tasks(const struct domain *rd, task_fn *fn);

static void count_all(void)
{
	unsigned int id, i;

	memset(&now, 0, sizeof(now));
	count_tables();
	for (id = 0; id < DOMAINS; id++) {
		const struct domain *d = world.domain[id];

		if (!d)
			continue;
		for (i = 0; i < TABLES; i++) {
			now.refs[d->m->table[i]]++;
			now.l1[d->m->table[i]]++;
		}
		if (!d->m->released)
			count_handles(d);
		if (d->hvm && !d->is_dying)
			count_p2m(d);
		if (!d->hvm)
			now.device[id] = d->m->iommu;
		for_tasks(d, count_task_ref);
	}
}

/* ---- comparing ------------------------------------------------------------- */

static void check_frame(unsigned int mfn)
{
	const struct page_info *pg = &frame_table[mfn];
	unsigned long type = pg->u.inuse.type_info & PGT_type_mask;
	unsigned long types = pg->u.inuse.type_info & PGT_count_mask;
	unsigned int expected = now.writable[mfn] + now.l1[mfn];

	if (pg->free) {
		demand(!now.refs[mfn] && !expected, "a free page is referred to");
		return;
	}
	if ((pg->count_info & PGC_count_mask) != now.refs[mfn] ||
	    types != expected)
		say("frame %u of d%u: %lu references, %u users; %lu types, %u\n",
		    mfn, pg->owner->domain_id, pg->count_info & PGC_count_mask,
		    now.refs[mfn], types, expected);
	demand((pg->count_info & PGC_count_mask) >= now.refs[mfn],
	       "fewer references than there are users");
	demand((pg->count_info & PGC_count_mask) == now.refs[mfn],
	       "more references than there are users");
	demand(types >= expected, "fewer type references than there are users");
	demand(types == expected, "more type references than there are users");
	demand(!now.writable[mfn] || type == PGT_writable_page,
	       "a writable page has another type");
	demand(!now.l1[mfn] || type == PGT_l1_page_table,
	       "a page table has another type");
	demand(!(pg->u.inuse.type_info & PGT_locked), "a page stays locked");
}

/* The model does not judge a frame that a mapping still names. */
static frames_t left_in_iommu(const struct domain *d, frames_t f)
{
	frames_t left = 0;
	unsigned int mfn;

	for (mfn = 1; f && d->iommu && mfn < HEAP_FRAMES; mfn++)
		if (f & FRAME(mfn) && gt_iommu(d, mfn))
			left |= FRAME(mfn);
	return left;
}

/* Frames that are free or page tables must not be reached by some. */
static void check_access(frames_t free, frames_t tables)
{
	unsigned int id;

	for (id = 0; id < DOMAINS; id++) {
		const struct domain *d = world.domain[id];
		frames_t excused;

		if (!d)
			continue;
		if (d->m->released)
			continue;
		excused = d->m->iommu_excused;
		excused |= left_in_iommu(d, now.device[id] & free);
		excused |= left_in_iommu(d, d->m->iommu_w & tables);
		demand(!(now.device[id] & free & ~excused),
		       "a device reaches a free page");
		demand(!(now.mapped_w[id] & tables),
		       "a page table is writable");
		demand(!(d->m->iommu_w & tables & ~excused),
		       "a device writes a page table");
		demand(!(d->m->taken_w & tables),
		       "a page table is writable through a stale translation");
	}
}

static void check_frames(void)
{
	frames_t free = 0, tables = 0;
	unsigned int mfn;

	for (mfn = 1; mfn < HEAP_FRAMES; mfn++) {
		check_frame(mfn);
		if (frame_table[mfn].free)
			free |= FRAME(mfn);
		else if (is_l1_table(&frame_table[mfn]))
			tables |= FRAME(mfn);
	}
	for (; mfn < FRAMES; mfn++)
		if (frame_table[mfn].count_info & PGC_allocated)
			check_frame(mfn);
	check_access(free, tables);
}

/* An entry of a grant has a handle, in a P2M of the same kind. */
static void check_grant_entries(void)
{
	unsigned int mfn;

	for (mfn = 1; mfn < HEAP_FRAMES; mfn++) {
		unsigned int r = now.entries[1][mfn], w = now.entries[0][mfn];

		demand(now.pv_entries[mfn] <= now.pv_handles[mfn],
		       "a page table entry without a handle");
		if (!r && !w)
			continue;
		demand(r + w <= now.handles[0][mfn] + now.handles[1][mfn],
		       "a P2M entry without a handle");
		demand(w <= now.handles[0][mfn],
		       "a writable P2M entry without such a handle");
	}
}

static void check_pins(const struct domain *d)
{
	unsigned int ref;

	for (ref = 0; ref < REFS; ref++) {
		uint32_t pin = gt_active(d, ref).pin;

		demand(pin == now.pin[d->domain_id][ref],
		       "pins are not as many as mappings");
	}
}

static void check_iommu(const struct domain *d)
{
	frames_t own = 0, foreign;
	unsigned int mfn;

	for (mfn = 1; mfn < HEAP_FRAMES; mfn++)
		if (frame_table[mfn].owner == d)
			own |= FRAME(mfn);
	foreign = d->m->iommu & ~own & ~d->m->iommu_excused;
	for (mfn = 1; foreign; mfn++) {
		unsigned int flags;

		if (!(foreign & FRAME(mfn)))
			continue;
		foreign &= ~FRAME(mfn);
		flags = gt_iommu(d, mfn);
		demand(flags, "the IOMMU has a page that is not mapped");
		demand(!(d->m->iommu_w & FRAME(mfn)) || flags & IOMMUF_writable,
		       "the IOMMU has a page writable");
	}
}

/* ---- tasks ----------------------------------------------------------------- */

/* The driver domain, if it is still there and able to access anything. */
static const struct domain *driver_of(const struct task_view *t)
{
	const struct domain *xd = t->driver < DOMAINS ? world.domain[t->driver] :
				  NULL;

	return xd && task_serial(xd) == t->serial && !xd->m->released ? xd : NULL;
}

static frames_t reached(const struct domain *d)
{
	frames_t f = d->is_dying ? 0 :
		     now.device[d->domain_id] & ~d->m->iommu_excused;

	return runs(d) ? f | now.mapped[d->domain_id] | d->m->stale |
			 d->m->taken : f;
}

static frames_t written(const struct domain *d)
{
	frames_t f = d->is_dying ? 0 : d->m->iommu_w & ~d->m->iommu_excused;

	return runs(d) ? f | now.mapped_w[d->domain_id] | d->m->taken_w : f;
}

/* Who can get at a frame of rd's, other than rd and one more domain? */
static const struct domain *reached_by(const struct domain *rd,
				       const struct domain *but, frames_t f)
{
	unsigned int id;

	for (id = 0; id < DOMAINS; id++) {
		const struct domain *d = world.domain[id];

		if (d && d != rd && d != but && reached(d) & f)
			return d;
	}
	return NULL;
}

static void check_mapped_ref(const struct domain *rd, const struct domain *xd,
			     const struct task_view *t,
			     const struct ref_view *r)
{
	struct handle_view h = gt_handle(xd, r->handle);

	demand(h.ref == r->ref && h.domid == rd->domain_id &&
	       h.flags & GNTMAP_host_map,
	       "a task has another mapping's handle");
	demand(h.flags & GNTMAP_readonly || t->flags & XEN_IOTASK_WRITE,
	       "a task for reading is mapped writable");
}

static void check_task_ref(const struct domain *rd, const struct task_view *t,
			   const struct ref_view *r)
{
	const struct domain *xd = driver_of(t);
	struct active_view act = gt_active(rd, r->ref);
	frames_t f = FRAME(r->mfn);
	const struct domain *d;

	demand(f && frame_table[r->mfn].owner == rd,
	       "a task has a frame that is not the domain's");
	demand(act.tag, "a reference of a task has no tag");
	demand(!act.pin || act.mfn == r->mfn,
	       "a task's reference is used for another frame");
	d = reached_by(rd, t->state == XEN_IOTASK_STATE_revoked ? NULL : xd, f);
	if (d)
		say("d%u reaches frame %lu of d%u, ref %u of task %x\n",
		    d->domain_id, r->mfn, rd->domain_id, r->ref, t->id);
	demand(!d || t->state != XEN_IOTASK_STATE_revoked,
	       "a frame is reached past the revocation");
	demand(!d, "a frame of a task is reached by another domain");
	if (!xd)
		return;
	if (r->mapped)
		check_mapped_ref(rd, xd, t, r);
	demand(t->flags & XEN_IOTASK_WRITE || !(written(xd) & f),
	       "a frame of a task for reading can be written");
}

static void for_tasks(const struct domain *rd, task_fn *fn)
{
	unsigned int slot, i, left = task_count(rd);

	for (slot = 0; left; slot++) {
		struct task_view t = task_at(rd, slot);

		if (!t.nr)
			continue;
		left--;
		for (i = 0; i < t.nr; i++) {
			struct ref_view r = task_ref(rd, slot, i);

			fn(rd, &t, &r);
		}
	}
}

/* Nobody uses a frame of a task through an ordinary grant. */
static void check_ordinary(const struct domain *rd)
{
	grant_ref_t ref;

	for (ref = 0; ref < REFS; ref++) {
		struct active_view act = gt_active(rd, ref);

		demand(!act.pin || act.tag ||
		       !(FRAME(act.mfn) & now.task) ||
		       frame_table[act.mfn].owner != rd,
		       "a frame of a task is in use by an ordinary grant");
	}
}

static void check_marks(void)
{
	unsigned int mfn;

	for (mfn = 1; mfn < HEAP_FRAMES; mfn++)
		demand(!(frame_table[mfn].count_info & PGC_iotask) ==
		       !(now.task & FRAME(mfn)),
		       "a frame is marked as part of a task, or not");
}

void check_world(void)
{
	unsigned int id;

	demand(!world.locks && !world.locked_page, "a lock is held at the end");
	count_all();
	check_frames();
	check_grant_entries();
	check_marks();
	for (id = 0; id < DOMAINS; id++) {
		const struct domain *d = world.domain[id];

		if (!d)
			continue;
		demand(!d->m->locked && !d->m->running, "a domain stays locked");
		check_pins(d);
		if (d->iommu)
			check_iommu(d);
		check_ordinary(d);
		for_tasks(d, check_task_ref);
	}
}

/* Past the end of all domains. */
void check_empty(void)
{
	unsigned int i;

	for (i = 0; i < DOMAINS; i++)
		demand(!world.domain[i], "a domain stays for ever");
	demand(!world.removed, "a domain is locked for ever");
	for (i = 1; i < FRAMES; i++)
		demand(frame_table[i].free, "a page is lost");
	demand(!world.allocs, "memory is lost");
}
