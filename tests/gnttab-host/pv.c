// SPDX-License-Identifier: GPL-2.0
/*
 * pv.c - L1 page tables of PV domains and their TLBs, by the rules of Xen's
 * arch/x86/mm.c.
 *
 * A translation stays usable until the domain's TLBs are flushed.  Those that
 * the grant table code has taken out of a page table are kept apart ("taken"):
 * Xen has to flush for them, whereas a domain that overwrites an entry of its
 * own is itself to see to it.
 */
#include "model.h"

/* Changes of these alone leave what an entry holds as it is. */
#define UNCOUNTED_FLAGS \
	(_PAGE_NX | _PAGE_AVAIL | _PAGE_GLOBAL | _PAGE_DIRTY | \
	 _PAGE_ACCESSED | _PAGE_USER)

l1_pgentry_t *l1_of(unsigned long mfn)
{
	return map_domain_page(_mfn(mfn));
}

bool is_l1_table(const struct page_info *pg)
{
	unsigned long x = pg->u.inuse.type_info;

	return (x & PGT_type_mask) == PGT_l1_page_table && x & PGT_validated &&
	       x & PGT_count_mask;
}

/* ---- TLBs ------------------------------------------------------------------ */

void flush_domain(struct domain *d)
{
	struct model *m = d->m;

	m->stale = 0;
	m->stale_w = 0;
	m->taken = 0;
	m->taken_w = 0;
}

void arch_flush_tlb_mask(const struct cpumask *mask)
{
	flush_domain((struct domain *)mask);
	interleave();
}

/* On all CPUs, as when a frame is allocated. */
void flush_page(unsigned long mfn)
{
	unsigned int i;

	for (i = 0; i < DOMAINS; i++) {
		struct domain *d = world.domain[i];

		if (!d)
			continue;
		d->m->stale &= ~FRAME(mfn);
		d->m->stale_w &= ~FRAME(mfn);
		d->m->taken &= ~FRAME(mfn);
		d->m->taken_w &= ~FRAME(mfn);
	}
}

static void becomes_stale(struct domain *d, l1_pgentry_t e, bool taken)
{
	frames_t f = FRAME(l1e_get_pfn(e));

	if (!(l1e_get_flags(e) & _PAGE_PRESENT))
		return;
	d->m->stale |= f;
	if (taken)
		d->m->taken |= f;
	if (l1e_get_flags(e) & _PAGE_RW) {
		d->m->stale_w |= f;
		if (taken)
			d->m->taken_w |= f;
	}
}

/* ---- how Xen writes an entry ----------------------------------------------- */

static void check_entry(const intpte_t *p, mfn_t table)
{
	demand((uintptr_t)p / PAGE_SIZE ==
	       (uintptr_t)map_domain_page(table) / PAGE_SIZE,
	       "an entry of another table");
	demand(mfn_to_page(table) == world.locked_page &&
	       is_l1_table(world.locked_page), "no locked page table");
}

/* What a new mapping overwrites, or what is moved, is not Xen's to flush for. */
void paging_write_guest_entry(struct vcpu *v, intpte_t *p, intpte_t new,
			      mfn_t table)
{
	check_entry(p, table);
	becomes_stale(v->domain, l1e_from_intpte(*p),
		      !(new & _PAGE_PRESENT) && !world.moving);
	*p = new;
}

intpte_t paging_cmpxchg_guest_entry(struct vcpu *v, intpte_t *p, intpte_t old,
				    intpte_t new, mfn_t table)
{
	intpte_t was = *p;

	check_entry(p, table);
	demand(v, "no vCPU");
	if (was == old) {
		becomes_stale(v->domain, l1e_from_intpte(was), true);
		*p = new;
	}
	return was;
}

/* Only what is an entry of a used table is mapped. */
l1_pgentry_t *map_guest_l1e(unsigned long linear, mfn_t *gl1mfn)
{
	unsigned long page = linear >> PAGE_SHIFT, slot = page / ENTRIES;
	struct model *m = current->domain->m;

	demand(!current->domain->hvm, "an L1 table of an HVM domain");
	if (slot >= TABLES || !m->table[slot])
		return NULL;
	*gl1mfn = _mfn(m->table[slot]);
	return l1_of(m->table[slot]) + page % ENTRIES;
}

/* ---- what entries hold ----------------------------------------------------- */

static bool get_page_from_l1e(l1_pgentry_t l1e, struct domain *d)
{
	struct page_info *pg;

	if (!mfn_valid(l1e_get_mfn(l1e)))
		return false;
	pg = l1e_get_page(l1e);
	if (!get_page(pg, d))
		return false;
	if (!(l1e_get_flags(l1e) & _PAGE_RW) ||
	    get_page_type(pg, PGT_writable_page))
		return true;
	put_page(pg);
	return false;
}

void put_page_from_l1e(l1_pgentry_t l1e, struct domain *d)
{
	struct page_info *pg;

	if (!(l1e_get_flags(l1e) & _PAGE_PRESENT))
		return;
	pg = l1e_get_page(l1e);
	demand(!pg->free && pg->owner, "an entry leads to a free page");
	if (l1e_get_flags(l1e) & _PAGE_RW &&
	    (pg->owner == d || !paging_mode_external(pg->owner)))
		put_page_and_type(pg);
	else
		put_page(pg);
}

/* Whatever a table held before it became one is not what it ought to map. */
bool l1_validate(struct page_info *pg)
{
	l1_pgentry_t *l1 = l1_of(pg - frame_table);
	unsigned int i;

	for (i = 0; i < ENTRIES; i++) {
		if (!(l1e_get_flags(l1[i]) & _PAGE_PRESENT))
			continue;
		if (!get_page_from_l1e(l1[i], pg->owner))
			break;
	}
	if (i == ENTRIES)
		return true;
	while (i--)
		put_page_from_l1e(l1[i], pg->owner);
	return false;
}

void l1_devalidate(struct page_info *pg)
{
	l1_pgentry_t *l1 = l1_of(pg - frame_table);
	struct domain *d = pg->owner;
	unsigned int i;

	for (i = 0; i < ENTRIES; i++) {
		becomes_stale(d, l1[i], false);
		put_page_from_l1e(l1[i], d);
	}
}

/* ---- what domains do ------------------------------------------------------- */

/* MMU_NORMAL_PT_UPDATE of an entry of one's own. */
int mod_l1_entry(struct domain *d, unsigned long table, unsigned int i,
		 l1_pgentry_t nl1e)
{
	l1_pgentry_t *p = l1_of(table) + i, ol1e = *p;
	struct page_info *pg = mfn_to_page(_mfn(table));

	if (!is_l1_table(pg) || pg->owner != d)
		return -EINVAL;
	if (l1e_get_flags(nl1e) & _PAGE_PRESENT) {
		l1e_add_flags(nl1e, _PAGE_USER);
		if (!((ol1e.l1 ^ nl1e.l1) & ~(intpte_t)UNCOUNTED_FLAGS)) {
			*p = nl1e;
			return 0;
		}
		if (!get_page_from_l1e(nl1e, d))
			return -EBUSY;
	}
	becomes_stale(d, ol1e, false);
	*p = nl1e;
	put_page_from_l1e(ol1e, d);
	return 0;
}

bool l1_pin(struct domain *d, unsigned long mfn)
{
	struct page_info *pg = mfn_to_page(_mfn(mfn));

	if (pg->owner != d || pg->u.inuse.type_info & PGT_pinned ||
	    is_special_page(pg) || !get_page_and_type(pg, d, PGT_l1_page_table))
		return false;
	pg->u.inuse.type_info |= PGT_pinned;
	return true;
}

bool l1_unpin(struct domain *d, unsigned long mfn)
{
	struct page_info *pg = mfn_to_page(_mfn(mfn));

	if (pg->owner != d ||
	    !test_and_clear_bit(_PGT_pinned, &pg->u.inuse.type_info))
		return false;
	put_page_and_type(pg);
	return true;
}

void l1_unhook(struct domain *d, unsigned int slot)
{
	unsigned long old = d->m->table[slot];

	if (!old)
		return;
	d->m->table[slot] = 0;
	put_page_and_type(mfn_to_page(_mfn(old)));
}

/* As an L2 entry would be written. */
bool l1_hook(struct domain *d, unsigned int slot, unsigned long mfn)
{
	struct page_info *pg = mfn_to_page(_mfn(mfn));

	if (pg->owner != d || is_special_page(pg) ||
	    !get_page_and_type(pg, d, PGT_l1_page_table))
		return false;
	l1_unhook(d, slot);
	d->m->table[slot] = mfn;
	return true;
}
