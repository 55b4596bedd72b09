// SPDX-License-Identifier: GPL-2.0
/*
 * ops_memory.c - what domains do with memory of their own.
 */
#include "ops.h"

static l1_pgentry_t take_entry(const struct domain *d, l1_pgentry_t old)
{
	unsigned int b = take();
	unsigned long mfn;

	if (b < 100)
		return l1e_empty();
	if (b < 120) {
		/* Nothing but flags. */
		old.l1 ^= b & 1 ? _PAGE_AVAIL : b & 2 ? _PAGE_RW :
			  b & 4 ? _PAGE_USER : _PAGE_PRESENT;
		return old;
	}
	mfn = b < 240 ? take_frame_of(d) : 1 + take() % (FRAMES - 1);
	return l1e_from_mfn(_mfn(mfn), _PAGE_PRESENT | _PAGE_USER |
			    (b & 1 ? _PAGE_RW : 0));
}

/* A PV domain changes an entry of a page table, maybe of a grant. */
void op_entry(void)
{
	struct domain *d = take_domain();
	uint64_t addr;
	unsigned long mfn;
	l1_pgentry_t e;
	unsigned int i;
	int rc;

	if (!d || d->hvm)
		return;
	addr = take_entry_address(d);
	mfn = addr >> PAGE_SHIFT;
	i = PAGE_OFFSET(addr) / sizeof(l1_pgentry_t);
	if (!is_l1_table(&frame_table[mfn]))
		return;
	enter(d);
	e = take_entry(d, l1_of(mfn)[i]);
	rc = mod_l1_entry(d, mfn, i, e);
	say("d%u writes table %lu entry %u: frame %lu flags %x: %d\n",
	    d->domain_id, mfn, i, l1e_get_pfn(e), l1e_get_flags(e), rc);
	leave(d);
}

/* ... or an ordinary page, which may become a page table later. */
void op_scribble(void)
{
	struct domain *d = take_domain();
	const struct page_info *pg;
	unsigned long mfn;
	unsigned int i = take() % USED_ENTRIES;

	if (!d)
		return;
	mfn = take_frame_of(d);
	pg = &frame_table[mfn];
	if (pg->owner == d && !is_special_page(pg) && !is_l1_table(pg))
		l1_of(mfn)[i] = take_entry(d, l1e_empty());
}

void op_pin(void)
{
	struct domain *d = take_domain();
	const struct page_info *pg;
	unsigned long mfn;
	bool okay;

	if (!d || d->hvm)
		return;
	mfn = take_frame_of(d);
	pg = &frame_table[mfn];
	if (pg->owner != d || is_special_page(pg))
		return;
	if (often() && !is_l1_table(pg))
		clear_page(l1_of(mfn));
	enter(d);
	okay = l1_pin(d, mfn);
	say("d%u pins %lu: %d\n", d->domain_id, mfn, okay);
	leave(d);
}

void op_unpin(void)
{
	struct domain *d = take_domain();

	if (!d || d->hvm)
		return;
	enter(d);
	l1_unpin(d, take_frame_of(d));
	leave(d);
}

/* Another page table, or none, at a place. */
void op_hook(void)
{
	struct domain *d = take_domain();
	unsigned int b = take(), slot = b % TABLES;

	if (!d || d->hvm)
		return;
	enter(d);
	if (b < 40)
		l1_unhook(d, slot);
	else
		l1_hook(d, slot, take_frame_of(d));
	leave(d);
}

void op_decrease(void)
{
	struct domain *d = take_domain();
	unsigned long gfn;
	int rc;

	if (!d)
		return;
	gfn = d->hvm ? take() % GFNS : take_frame_of(d);
	enter(d);
	rc = guest_remove_page(d, gfn);
	say("d%u gives back %lu: %d\n", d->domain_id, gfn, rc);
	leave(d);
}

void op_populate(void)
{
	struct domain *d = take_domain();
	struct page_info *pg;
	unsigned int i, b = take();

	if (!d || domain_tot_pages(d) >= d->max_pages)
		return;
	for (i = 0; d->hvm && i < GFNS; i++)
		if (d->p2m.entry[(b + i) % GFNS].type == p2m_invalid)
			break;
	if (i == GFNS)
		return;
	enter(d);
	pg = alloc_domheap_page(d, 0);
	say("d%u gets page %ld\n", d->domain_id, pg ? pg - frame_table : 0);
	/* A page that can not be mapped stays the domain's all the same. */
	if (pg && d->hvm)
		guest_physmap_add_page(d, _gfn((b + i) % GFNS),
				       page_to_mfn(pg), 0);
	leave(d);
}

void op_flush(void)
{
	struct domain *d = take_domain();

	if (d)
		flush_domain(d);
}

void op_physmap(void)
{
	struct domain *d = take_domain();
	unsigned int b = take();

	if (!d || !d->hvm)
		return;
	enter(d);
	add_to_physmap(d, b >= 200, b >= 200 ? b % 3 : b % GFNS,
		       take() % GFNS);
	leave(d);
}
