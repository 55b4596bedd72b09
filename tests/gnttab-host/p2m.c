// SPDX-License-Identifier: GPL-2.0
/*
 * p2m.c - P2Ms of HVM domains, by the rules of Xen's arch/x86/mm/p2m.c, and
 * IOMMUs.
 *
 * Translations stay usable until the P2M is unlocked.  An HVM domain's IOMMU
 * follows its P2M, unless that fails; a PV domain's has
 * frames at their own addresses.
 */
#include "model.h"

void p2m_begin(struct domain *d)
{
	static const struct p2m_entry none = {
		.mfn = ~0UL, .type = p2m_invalid,
	};
	unsigned int i;

	d->p2m.domain = d;
	for (i = 0; i < GFNS; i++) {
		d->p2m.entry[i] = none;
		d->m->iommu_entry[i] = none;
	}
}

/* Nothing of it is in use any more. */
void p2m_end(struct domain *d)
{
	p2m_begin(d);
}

static void p2m_lock(struct p2m_domain *p2m)
{
	p2m->locked++;
	world.locks++;
}

static void p2m_unlock(struct p2m_domain *p2m)
{
	demand(p2m->locked, "a P2M not locked is unlocked");
	p2m->locked--;
	world.locks--;
	if (!p2m->locked)
		flush_domain(p2m->domain);
	interleave();
}

void p2m_batch_begin(struct p2m_domain *p2m)
{
	p2m_lock(p2m);
}

void p2m_batch_end(struct p2m_domain *p2m)
{
	p2m_unlock(p2m);
}

static mfn_t get_entry(struct p2m_domain *p2m, unsigned long gfn, p2m_type_t *t)
{
	if (gfn >= GFNS) {
		*t = p2m_invalid;
		return INVALID_MFN;
	}
	*t = p2m->entry[gfn].type;
	return _mfn(p2m->entry[gfn].mfn);
}

mfn_t get_gfn_type_access(struct p2m_domain *p2m, unsigned long gfn,
			  p2m_type_t *t, p2m_access_t *a, p2m_query_t q,
			  unsigned int *order)
{
	demand(!q && !order, "a query of another kind");
	p2m_lock(p2m);
	*a = gfn < GFNS ? p2m->entry[gfn].access : 0;
	return get_entry(p2m, gfn, t);
}

mfn_t get_gfn(struct domain *d, unsigned long gfn, p2m_type_t *t)
{
	if (!d->hvm) {
		*t = p2m_ram_rw;
		return _mfn(gfn);
	}
	p2m_lock(&d->p2m);
	return get_entry(&d->p2m, gfn, t);
}

void put_gfn(struct domain *d, unsigned long gfn)
{
	(void)gfn;
	if (d->hvm)
		p2m_unlock(&d->p2m);
}

/*
 * The IOMMU was not made to forget a frame.  That is excused where the domain
 * itself gives up an ordinary mapping; with a task it is the task's to see to.
 */
static void iommu_left(struct domain *d, unsigned long mfn)
{
	const struct page_info *pg = mfn < FRAMES ? &frame_table[mfn] : NULL;

	if (pg && current && current->domain == d &&
	    (pg->owner == d || !(pg->count_info & PGC_iotask) || named(mfn)))
		d->m->iommu_excused |= FRAME(mfn);
}

/*
 * Fails ahead of any change, or past it: then the IOMMU was not told, and the
 * domain has been crashed.
 */
int p2m_set_entry(struct p2m_domain *p2m, gfn_t gfn, mfn_t mfn,
		  unsigned int order, p2m_type_t t, p2m_access_t a)
{
	unsigned long g = gfn_x(gfn);
	struct domain *d = p2m->domain;
	struct p2m_entry *e;
	bool taken;

	demand(p2m->locked, "a P2M not locked is changed");
	demand(!order, "a large page");
	if (g >= GFNS || chance(world.iommu_fails))
		return -ENOMEM;
	e = &p2m->entry[g];
	taken = mfn_eq(mfn, INVALID_MFN) || p2m_is_grant(e->type);
	if (p2m_is_grant(e->type)) {
		d->m->taken |= FRAME(e->mfn);
		if (e->type == p2m_grant_map_rw)
			d->m->taken_w |= FRAME(e->mfn);
	}
	*e = (struct p2m_entry){ mfn_x(mfn), t, a };
	if (taken && chance(world.iommu_fails)) {
		iommu_left(d, d->m->iommu_entry[g].mfn);
		if (!is_hardware_domain(d))
			domain_crash(d);
		return -EIO;
	}
	d->m->iommu_entry[g] = *e;
	return 0;
}

static int remove_entry(struct p2m_domain *p2m, gfn_t gfn, mfn_t mfn)
{
	p2m_type_t t;
	mfn_t old = get_entry(p2m, gfn_x(gfn), &t);
	int rc;

	if (p2m_is_valid(t) && (!mfn_valid(mfn) || !mfn_eq(mfn, old)))
		return -EILSEQ;
	if (mfn_valid(mfn) && !p2m_is_special(t))
		set_gpfn_from_mfn(mfn_x(mfn), INVALID_M2P_ENTRY);
	rc = p2m_set_entry(p2m, gfn, INVALID_MFN, 0, p2m_invalid, 0);
	if (!rc || !mfn_valid(mfn))
		return rc;
	get_entry(p2m, gfn_x(gfn), &t);
	if (t != p2m_invalid && !p2m_is_special(t))
		set_gpfn_from_mfn(mfn_x(mfn), gfn_x(gfn));
	return rc;
}

int p2m_remove_page(struct domain *d, gfn_t gfn, mfn_t mfn, unsigned int order)
{
	int rc;

	demand(d->hvm && !order, "no P2M");
	p2m_lock(&d->p2m);
	rc = remove_entry(&d->p2m, gfn, mfn);
	p2m_unlock(&d->p2m);
	return rc;
}

/* A page of the domain's own is mapped once only. */
static int remove_alias(struct domain *d, gfn_t gfn, mfn_t mfn)
{
	unsigned long other = get_gpfn_from_mfn(mfn_x(mfn));
	p2m_type_t t;

	if (mfn_to_page(mfn)->owner != d || other == INVALID_M2P_ENTRY ||
	    other == gfn_x(gfn) || !mfn_eq(get_entry(&d->p2m, other, &t), mfn) ||
	    !p2m_is_ram(t))
		return 0;
	return remove_entry(&d->p2m, _gfn(other), mfn);
}

static int add_entry(struct domain *d, gfn_t gfn, mfn_t mfn, p2m_type_t t)
{
	struct p2m_domain *p2m = &d->p2m;
	p2m_type_t ot;
	mfn_t omfn = get_entry(p2m, gfn_x(gfn), &ot);
	int rc;

	if (p2m_is_special(ot)) {
		domain_crash(d);
		return -EPERM;
	}
	if (p2m_is_ram(ot))
		set_gpfn_from_mfn(mfn_x(omfn), INVALID_M2P_ENTRY);
	rc = remove_alias(d, gfn, mfn);
	if (!rc)
		rc = p2m_set_entry(p2m, gfn, mfn, 0, t, 0);
	if (!rc && !p2m_is_grant(t))
		set_gpfn_from_mfn(mfn_x(mfn), gfn_x(gfn));
	else if (rc && p2m_is_ram(ot) &&
		 mfn_eq(get_entry(p2m, gfn_x(gfn), &ot), omfn))
		set_gpfn_from_mfn(mfn_x(omfn), gfn_x(gfn));
	return rc;
}

int p2m_add_page(struct domain *d, gfn_t gfn, mfn_t mfn, unsigned int order,
		 p2m_type_t t)
{
	int rc;

	demand(d->hvm && !order && mfn_valid(mfn), "not a page to be mapped");
	p2m_lock(&d->p2m);
	rc = add_entry(d, gfn, mfn, t);
	p2m_unlock(&d->p2m);
	return rc;
}

int guest_physmap_add_page(struct domain *d, gfn_t gfn, mfn_t mfn,
			   unsigned int order)
{
	return d->hvm ? p2m_add_page(d, gfn, mfn, order, p2m_ram_rw) : 0;
}

int guest_physmap_remove_page(struct domain *d, gfn_t gfn, mfn_t mfn,
			      unsigned int order)
{
	return d->hvm ? p2m_remove_page(d, gfn, mfn, order) : 0;
}

int check_get_page_from_gfn(struct domain *d, gfn_t gfn, bool readonly,
			    p2m_type_t *t, struct page_info **pg)
{
	mfn_t mfn = _mfn(gfn_x(gfn));

	(void)readonly;
	*t = p2m_ram_rw;
	if (d->hvm)
		mfn = get_entry(&d->p2m, gfn_x(gfn), t);
	*pg = p2m_is_ram(*t) ? get_page_from_mfn(mfn, d) : NULL;
	return *pg ? 0 : -EINVAL;
}

/* ---- what domains do ------------------------------------------------------- */

/* XENMEM_decrease_reservation */
int guest_remove_page(struct domain *d, unsigned long gfn)
{
	struct page_info *pg;
	p2m_type_t t;
	mfn_t mfn = get_gfn(d, gfn, &t);
	int rc;

	pg = t == p2m_invalid ? NULL : get_page_from_mfn(mfn, d);
	if (!pg) {
		put_gfn(d, gfn);
		return -ENXIO;
	}
	rc = guest_physmap_remove_page(d, _gfn(gfn), mfn, 0);
	if (!rc)
		put_page_alloc_ref(pg);
	put_page(pg);
	put_gfn(d, gfn);
	return rc;
}

/* What is at gfn makes room for mfn. */
static int make_room(struct domain *d, unsigned long gfn, mfn_t mfn, mfn_t prev,
		     p2m_type_t t)
{
	if (t == p2m_mmio_direct)
		return -EPERM;
	if (!mfn_valid(prev))
		return 0;
	if (is_special_page(mfn_to_page(prev)))
		return p2m_remove_page(d, _gfn(gfn), prev, 0);
	return mfn_eq(mfn, prev) ? 0 : guest_remove_page(d, gfn);
}

static int add_one(struct domain *d, bool own, unsigned long idx,
		   unsigned long gfn, mfn_t mfn)
{
	unsigned long old;
	p2m_type_t t;
	mfn_t prev = get_gfn(d, gfn, &t);
	int rc;

	old = get_gpfn_from_mfn(mfn_x(mfn));
	rc = own && old != idx ? -EXDEV : make_room(d, gfn, mfn, prev, t);
	if (!rc && old != INVALID_M2P_ENTRY && old != gfn)
		rc = p2m_remove_page(d, _gfn(old), mfn, 0);
	if (!rc)
		rc = p2m_add_page(d, _gfn(gfn), mfn, 0, p2m_ram_rw);
	put_gfn(d, gfn);
	return rc;
}

/* XENMEM_add_to_physmap, of a page of one's own or of the grant table. */
int add_to_physmap(struct domain *d, bool table, unsigned long idx,
		   unsigned long gfn)
{
	struct page_info *pg;
	p2m_type_t t;
	mfn_t mfn;
	int rc;

	if (table) {
		rc = gnttab_map_frame_begin(d, idx, _gfn(gfn), &mfn);
		if (rc)
			return rc;
		rc = add_one(d, false, idx, gfn, mfn);
		gnttab_map_frame_end(d, mfn);
		return rc;
	}
	mfn = get_gfn(d, idx, &t);
	pg = get_page_from_mfn(mfn, d);
	rc = pg ? add_one(d, true, idx, gfn, mfn) : -EINVAL;
	put_gfn(d, idx);
	if (pg)
		put_page(pg);
	return rc;
}

/* ---- the IOMMU of PV domains ----------------------------------------------- */

static void set_iommu(struct domain *d, unsigned long mfn, unsigned int flags)
{
	d->m->iommu &= ~FRAME(mfn);
	d->m->iommu_w &= ~FRAME(mfn);
	if (flags)
		d->m->iommu |= FRAME(mfn);
	if (flags & IOMMUF_writable)
		d->m->iommu_w |= FRAME(mfn);
}

static void iommu_failed(struct domain *d, unsigned long mfn)
{
	iommu_left(d, mfn);
	if (!is_hardware_domain(d))
		domain_crash(d);
}

int iommu_legacy_map(struct domain *d, dfn_t dfn, mfn_t mfn, unsigned long nr,
		     unsigned int flags)
{
	demand(d->iommu && nr == 1 && dfn_x(dfn) == mfn_x(mfn), "not one page");
	demand(flags, "a mapping without rights");
	if (chance(world.iommu_fails)) {
		/* What was there before is unmapped, if that does not fail. */
		if (!chance(128))
			set_iommu(d, mfn_x(mfn), 0);
		iommu_failed(d, mfn_x(mfn));
		return -ENOMEM;
	}
	set_iommu(d, mfn_x(mfn), flags);
	return 0;
}

/* Without a domain: on behalf of the owner, and this never fails. */
int iommu_legacy_unmap(struct domain *d, dfn_t dfn, unsigned long nr)
{
	unsigned long mfn = dfn_x(dfn);

	demand(nr == 1, "not one page");
	if (!d) {
		set_iommu(frame_table[mfn].owner, mfn, 0);
		return 0;
	}
	demand(d->iommu, "no IOMMU");
	if (chance(world.iommu_fails)) {
		iommu_failed(d, mfn);
		return -ENOMEM;
	}
	set_iommu(d, mfn, 0);
	return 0;
}
