// SPDX-License-Identifier: GPL-2.0
/*
 * map.c - map a queue's pages once, with no more rights than its direction
 * needs.  All values come from a guest that is not trusted.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <asm/xen/page.h>

#include "drb_back.h"

#define DRBB_UNMAPPED	((grant_handle_t)~0u)

static int drbb_map_alloc(struct drbb_map *m, unsigned int nr)
{
	unsigned int i;

	m->page = kvcalloc(nr, sizeof(*m->page), DRB_GFP);
	m->addr = kvcalloc(nr, sizeof(*m->addr), DRB_GFP);
	m->handle = kvcalloc(nr, sizeof(*m->handle), DRB_GFP);
	m->unmap = kvcalloc(nr, sizeof(*m->unmap), DRB_GFP);
	if (!m->page || !m->addr || !m->handle || !m->unmap ||
	    gnttab_alloc_pages(nr, m->page))
		return -ENOMEM;
	m->nr = nr;
	/* They come in descending order; copies like ascending addresses. */
	for (i = 0; i < nr / 2; i++)
		swap(m->page[i], m->page[nr - 1 - i]);
	for (i = 0; i < nr; i++) {
		m->addr[i] = page_address(m->page[i]);
		m->handle[i] = DRBB_UNMAPPED;
	}
	return 0;
}

/* Unmap pages first to last, all mapped, at once.  True: all are unmapped. */
static bool drbb_unmap_run(struct drbb_map *m, unsigned int first,
			   unsigned int last)
{
	struct gnttab_unmap_grant_ref *op = m->unmap + first;
	unsigned int i, nr = last - first;
	bool ok;

	for (i = 0; i < nr; i++)
		gnttab_set_unmap_op(&op[i], (unsigned long)m->addr[first + i],
				    GNTMAP_host_map, m->handle[first + i]);
	ok = !gnttab_unmap_refs(op, NULL, m->page + first, nr);
	for (i = 0; i < nr; i++)
		ok &= op[i].status == GNTST_okay;
	return ok;
}

/* Unmap what is mapped of m, and free it.  Idempotent. */
static void drbb_unmap(struct drbb_map *m)
{
	unsigned int first, last;
	bool ok = true;

	for (first = 0; first < m->nr; first = last + 1) {
		for (last = first; last < m->nr; last++)
			if (m->handle[last] == DRBB_UNMAPPED)
				break;
		if (last > first)
			ok &= drbb_unmap_run(m, first, last);
	}
	/* A page that still shows the guest's must never be used again. */
	if (m->nr && ok)
		gnttab_free_pages(m->nr, m->page);
	else if (m->nr)
		pr_warn("drb: unmapping failed, %u pages are lost\n", m->nr);
	kvfree(m->page);
	kvfree(m->addr);
	kvfree(m->handle);
	kvfree(m->unmap);
	*m = (struct drbb_map){ };
}

/* Bit i of the rights: may the page be written? */
typedef bool (*drbb_writable_fn)(const struct drbb_ring *ring, unsigned int i);

static int drbb_map_refs(struct drbb_map *m, const struct drbb_ring *ring,
			 domid_t guest, const grant_ref_t *ref, unsigned int nr,
			 drbb_writable_fn writable)
{
	struct gnttab_map_grant_ref *op;
	unsigned int i;
	int err = 0;

	if (drbb_map_alloc(m, nr))
		return -ENOMEM;
	op = kvcalloc(nr, sizeof(*op), DRB_GFP);
	if (!op)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		gnttab_set_map_op(&op[i], (unsigned long)m->addr[i],
				  GNTMAP_host_map |
				  (writable(ring, i) ? 0 : GNTMAP_readonly),
				  ref[i], guest);
	if (gnttab_map_refs(op, NULL, m->page, nr))
		err = -EIO;
	/* A failure in the middle leaves the others mapped: note each one. */
	for (i = 0; i < nr; i++) {
		if (op[i].status == GNTST_okay)
			m->handle[i] = op[i].handle;
		else
			err = -EACCES;
	}
	kvfree(op);
	return err;
}

static bool drbb_info_writable(const struct drbb_ring *ring, unsigned int i)
{
	return false;
}

/* ctrl and RX pages are written here, TX pages only read. */
static bool drbb_data_writable(const struct drbb_ring *ring, unsigned int i)
{
	return i == 0 || i > ring->tx_pages;
}

static bool drbb_pages_ok(u32 pages)
{
	return is_power_of_2(pages) && pages >= DRB_MIN_RING_PAGES &&
	       pages <= DRB_MAX_RING_PAGES;
}

/* Copy what the info page says into private memory, once, and check it. */
static int drbb_read_info(struct drbb_ring *ring, grant_ref_t *ref,
			  const char **why)
{
	const struct drb_info *info = ring->info.addr[0];
	u32 tx = READ_ONCE(info->tx_pages);
	u32 rx = READ_ONCE(info->rx_pages);
	unsigned int i;

	if (READ_ONCE(info->magic) != DRB_MAGIC) {
		*why = "info page without DRB magic";
		return -EPROTO;
	}
	if (READ_ONCE(info->version) != DRB_VERSION) {
		*why = "info page of an unknown version";
		return -EPROTONOSUPPORT;
	}
	if (!drbb_pages_ok(tx) || !drbb_pages_ok(rx)) {
		*why = "ring size out of range";
		return -EINVAL;
	}
	ring->tx_pages = tx;
	ring->rx_pages = rx;
	for (i = 0; i < 1 + tx + rx; i++)
		ref[i] = READ_ONCE(info->gref[i]);
	return 0;
}

static int drbb_map_data(struct drbb_ring *ring, domid_t guest,
			 const char **why)
{
	grant_ref_t *ref = kvcalloc(DRB_INFO_GREFS, sizeof(*ref), DRB_GFP);
	int err;

	if (!ref)
		return -ENOMEM;
	err = drbb_read_info(ring, ref, why);
	if (!err) {
		*why = "mapping the ring pages";
		err = drbb_map_refs(&ring->data, ring, guest, ref,
				    1 + ring->tx_pages + ring->rx_pages,
				    drbb_data_writable);
	}
	kvfree(ref);
	return err;
}

/*
 * Map all pages of the queue whose info page the guest granted as info.  All
 * or nothing: on failure *why says what was wrong and nothing stays mapped.
 */
int drbb_ring_map(struct drbb_ring *ring, domid_t guest, grant_ref_t info,
		  const char **why)
{
	int err;

	*why = "mapping the info page";
	err = drbb_map_refs(&ring->info, ring, guest, &info, 1,
			    drbb_info_writable);
	if (!err)
		err = drbb_map_data(ring, guest, why);
	if (err)
		drbb_ring_unmap(ring);
	return err;
}

void drbb_ring_unmap(struct drbb_ring *ring)
{
	drbb_unmap(&ring->data);
	drbb_unmap(&ring->info);
}
