// SPDX-License-Identifier: GPL-2.0
/*
 * mem.c - frames: their owners, references and types, by the rules of Xen's
 * arch/x86/mm.c and common/page_alloc.c.
 */
#include "model.h"

struct page_info frame_table[FRAMES];
uint8_t frame_data[FRAMES][PAGE_SIZE] __attribute__((aligned(4096)));

/* Two stacks of free frames: ordinary ones and Xen's own. */
static struct {
	unsigned int nr;
	uint8_t mfn[FRAMES];
} heap, xenheap;

void mem_begin(void)
{
	unsigned int i;

	memset(frame_table, 0, sizeof(frame_table));
	memset(frame_data, 0, sizeof(frame_data));
	heap.nr = 0;
	xenheap.nr = 0;
	for (i = 1; i < FRAMES; i++)
		frame_table[i].free = true;
	for (i = HEAP_FRAMES; --i;)
		heap.mfn[heap.nr++] = i;
	for (i = FRAMES; --i >= HEAP_FRAMES;)
		xenheap.mfn[xenheap.nr++] = i;
}

static unsigned long count(const struct page_info *pg)
{
	return pg->count_info & PGC_count_mask;
}

static unsigned long types(const struct page_info *pg)
{
	return pg->u.inuse.type_info & PGT_count_mask;
}

/* ---- allocation ------------------------------------------------------------ */

unsigned int domain_adjust_tot_pages(struct domain *d, long pages)
{
	d->tot_pages += pages;
	demand(d->tot_pages < HEAP_FRAMES, "more pages than there are");
	return d->tot_pages;
}

int assign_pages(struct page_info *pg, unsigned int nr, struct domain *d,
		 unsigned int memflags)
{
	demand(nr == 1 && !pg->owner && !count(pg), "not a page to be assigned");
	if (d->is_dying)
		return -EINVAL;
	if (pg->count_info & PGC_extra)
		d->extra_pages++;
	if (pg->count_info & PGC_extra || !(memflags & MEMF_no_refcount))
		if (domain_adjust_tot_pages(d, 1) == 1)
			get_knownalive_domain(d);
	pg->owner = d;
	pg->count_info = (pg->count_info & PGC_extra) | PGC_allocated | 1;
	return 0;
}

/* Does an ordinary grant in use name the frame? */
bool named(unsigned long mfn)
{
	unsigned int i, ref;

	for (i = 0; i < DOMAINS; i++) {
		const struct domain *d = world.domain[i];

		for (ref = 0; d && ref < REFS; ref++) {
			struct active_view act = gt_active(d, ref);

			if (act.pin && !act.tag && act.mfn == mfn)
				return true;
		}
	}
	return false;
}

/* The model does not judge what becomes of a frame that a grant still names. */
static bool left_over(unsigned long mfn)
{
	unsigned int i;

	for (i = 0; i < DOMAINS; i++)
		if (world.domain[i] && world.domain[i]->m->iommu & FRAME(mfn))
			return true;
	return named(mfn);
}

/* Whatever may still have the frame in a TLB is flushed before it is reused. */
static struct page_info *take_frame(void)
{
	struct page_info *pg;
	unsigned int i;

	if (!heap.nr)
		return NULL;
	/* The frame freed last, mostly. */
	i = random_byte() < 64 && !world.quiet ? random_byte() % heap.nr :
	    heap.nr - 1;
	if (left_over(heap.mfn[i]))
		return NULL;
	pg = &frame_table[heap.mfn[i]];
	heap.mfn[i] = heap.mfn[--heap.nr];
	demand(pg->free && !pg->count_info && !types(pg), "the free list is bad");
	pg->free = false;
	pg->u.inuse.type_info = 0;
	pg->gfn = INVALID_M2P_ENTRY;
	flush_page(pg - frame_table);
	return pg;
}

static void give_frame(struct page_info *pg)
{
	unsigned int mfn = pg - frame_table;

	pg->owner = NULL;
	pg->count_info = 0;
	pg->u.inuse.type_info = 0;
	pg->free = true;
	if (mfn < HEAP_FRAMES)
		heap.mfn[heap.nr++] = mfn;
	else
		xenheap.mfn[xenheap.nr++] = mfn;
}

struct page_info *alloc_domheap_page(struct domain *d, unsigned int memflags)
{
	struct page_info *pg;

	interleave();
	if (chance(world.alloc_fails))
		return NULL;
	pg = take_frame();
	if (!pg || !d || memflags & MEMF_no_owner)
		return pg;
	if (memflags & MEMF_no_refcount)
		pg->count_info = PGC_extra;
	if (assign_pages(pg, 1, d, memflags)) {
		give_frame(pg);
		return NULL;
	}
	return pg;
}

void free_domheap_page(struct page_info *pg)
{
	struct domain *d = pg->owner;

	demand(!pg->free && !count(pg), "a page freed in use");
	demand(!types(pg), "BUG in free_domheap_pages: a page freed with a type");
	if (d) {
		if (pg->count_info & PGC_extra)
			d->extra_pages--;
		give_frame(pg);
		if (!domain_adjust_tot_pages(d, -1))
			put_domain(d);
	} else {
		give_frame(pg);
	}
}

void *alloc_xenheap_page(void)
{
	unsigned int mfn;

	if (!xenheap.nr || chance(world.alloc_fails))
		return NULL;
	mfn = xenheap.mfn[--xenheap.nr];
	frame_table[mfn].free = false;
	frame_table[mfn].count_info = PGC_xen_heap;
	frame_table[mfn].gfn = INVALID_M2P_ENTRY;
	return frame_data[mfn];
}

void free_xenheap_page(void *p)
{
	struct page_info *pg;

	if (!p)
		return;
	pg = virt_to_page(p);
	/* A domain that could not be created never had its grant table. */
	if (pg->owner && pg->owner == world.creating &&
	    count(pg) == 1 && test_and_clear_bit(_PGC_allocated, &pg->count_info))
		put_page(pg);
	demand(!pg->free && pg->count_info == PGC_xen_heap,
	       "a page of Xen's freed in use");
	give_frame(pg);
}

void share_xen_page_with_guest(struct page_info *pg, struct domain *d,
			       enum XENSHARE_flags flags)
{
	if (pg->owner == d)
		return;
	pg->u.inuse.type_info = (flags == SHARE_ro ? PGT_none :
				 PGT_writable_page) | PGT_validated | 1;
	pg->owner = d;
	demand(!(pg->count_info & ~PGC_xen_heap), "a shared page in use");
	if (d->is_dying)
		return;
	pg->count_info |= PGC_allocated | 1;
	if (!d->xenheap_pages++)
		get_knownalive_domain(d);
}

int steal_page(struct domain *d, struct page_info *pg, unsigned int memflags)
{
	demand(!memflags, "flags of stealing");
	if (paging_mode_external(d))
		return -EOPNOTSUPP;
	if (pg->owner != d || is_special_page(pg) || count(pg) != 1 ||
	    !(pg->count_info & PGC_allocated))
		return -EINVAL;
	demand(!(pg->u.inuse.type_info & (PGT_count_mask | PGT_pinned)),
	       "a stolen page has a type");
	if (d->iommu)
		iommu_legacy_unmap(NULL, _dfn(pg - frame_table), 1);
	pg->count_info = 0;
	pg->u.inuse.type_info = 0;
	pg->owner = NULL;
	if (!domain_adjust_tot_pages(d, -1))
		put_domain(d);
	return 0;
}

/* ---- references ------------------------------------------------------------ */

struct domain *page_get_owner_and_reference(struct page_info *pg)
{
	if (pg->free || !count(pg))
		return NULL;
	demand(count(pg) < 200, "ever more references");
	pg->count_info++;
	demand(pg->owner, "a page with references has no owner");
	return pg->owner;
}

bool get_page(struct page_info *pg, const struct domain *d)
{
	const struct domain *owner = page_get_owner_and_reference(pg);

	if (owner == d)
		return true;
	if (owner)
		put_page(pg);
	return false;
}

struct page_info *get_page_from_mfn(mfn_t mfn, struct domain *d)
{
	if (!mfn_valid(mfn) || !get_page(mfn_to_page(mfn), d))
		return NULL;
	return mfn_to_page(mfn);
}

static bool taken(const struct page_info *pg, bool write)
{
	frames_t f = FRAME(pg - frame_table);
	unsigned int i;

	for (i = 0; i < DOMAINS; i++) {
		const struct domain *d = world.domain[i];

		if (d && f & (write ? d->m->taken_w : d->m->taken))
			return true;
	}
	return false;
}

/* The last reference of a page that Xen shares leaves it allocated. */
static void last_reference(struct page_info *pg)
{
	struct domain *d = pg->owner;

	demand(!(pg->count_info & PGC_allocated), "an allocated page is freed");
	if (pg->count_info & PGC_xen_heap) {
		if (!--d->xenheap_pages)
			put_domain(d);
		return;
	}
	demand(!types(pg), "BUG in free_domheap_pages: a page freed with a type");
	demand(!taken(pg, false), "a page is freed ahead of a flush");
	if (d->iommu)
		iommu_legacy_unmap(NULL, _dfn(pg - frame_table), 1);
	free_domheap_page(pg);
}

void put_page(struct page_info *pg)
{
	demand(!pg->free && count(pg), "a page reference dropped twice");
	pg->count_info--;
	if (!count(pg))
		last_reference(pg);
}

void put_page_alloc_ref(struct page_info *pg)
{
	if (!test_and_clear_bit(_PGC_allocated, &pg->count_info))
		return;
	demand(count(pg) > 1 || pg->count_info & PGC_xen_heap,
	       "the allocation's reference is the last one");
	put_page(pg);
}

/* ---- types ----------------------------------------------------------------- */

/* A PV domain's IOMMU has its writable pages. */
static void own_iommu(struct page_info *pg, unsigned long old, unsigned long new)
{
	struct domain *d = pg->owner;
	unsigned long mfn = pg - frame_table;

	bool was = old == PGT_writable_page, is = new == PGT_writable_page;

	if (!d->iommu || was == is)
		return;
	if (is) {
		d->m->iommu |= FRAME(mfn);
		d->m->iommu_w |= FRAME(mfn);
	} else {
		iommu_legacy_unmap(NULL, _dfn(mfn), 1);
	}
}

bool get_page_type(struct page_info *pg, unsigned long type)
{
	unsigned long x = pg->u.inuse.type_info, old = x & PGT_type_mask;

	demand(!pg->free && count(pg), "a type of a page without a reference");
	if (!types(pg)) {
		if (old != type) {
			struct model *m = pg->owner->m;

			m->stale &= ~FRAME(pg - frame_table);
			m->stale_w &= ~FRAME(pg - frame_table);
			x &= ~(PGT_type_mask | PGT_validated);
			x |= type;
		}
	} else if (old != type || !(x & PGT_validated)) {
		return false;
	}
	pg->u.inuse.type_info = x + 1;
	own_iommu(pg, old, type);
	if (type == PGT_writable_page) {
		pg->u.inuse.type_info |= PGT_validated;
	} else if (!(x & PGT_validated)) {
		if (!l1_validate(pg)) {
			pg->u.inuse.type_info = 0;
			return false;
		}
		pg->u.inuse.type_info |= PGT_validated;
	}
	return true;
}

void put_page_type(struct page_info *pg)
{
	unsigned long x = pg->u.inuse.type_info;

	demand(!pg->free && types(pg), "a page type dropped twice");
	demand(x & PGT_validated || pg->owner->is_dying,
	       "BUG in _put_page_type: not validated");
	demand(!(x & PGT_locked) || types(pg) > 2,
	       "the last type of a locked page is dropped");
	demand(types(pg) > 1 || pg->owner->hvm || !taken(pg, true),
	       "the last type of a page is dropped ahead of a flush");
	if (types(pg) == 1 && (x & PGT_type_mask) == PGT_l1_page_table) {
		pg->u.inuse.type_info &= ~PGT_validated;
		l1_devalidate(pg);
	}
	pg->u.inuse.type_info--;
}

bool get_page_and_type(struct page_info *pg, struct domain *d,
		       unsigned long type)
{
	if (!get_page(pg, d))
		return false;
	if (get_page_type(pg, type))
		return true;
	put_page(pg);
	return false;
}

void put_page_and_type(struct page_info *pg)
{
	put_page_type(pg);
	put_page(pg);
}

bool page_lock(struct page_info *pg)
{
	unsigned long x;

	interleave();
	x = pg->u.inuse.type_info;
	demand(!world.locked_page, "two pages locked");
	demand(!(x & PGT_locked), "a page locked twice");
	if (!(x & PGT_validated) || !types(pg))
		return false;
	pg->u.inuse.type_info = (x + 1) | PGT_locked;
	world.locked_page = pg;
	world.locks++;
	return true;
}

void page_unlock(struct page_info *pg)
{
	demand(world.locked_page == pg, "a page not locked is unlocked");
	pg->u.inuse.type_info = (pg->u.inuse.type_info - 1) & ~PGT_locked;
	world.locked_page = NULL;
	world.locks--;
	interleave();
}
