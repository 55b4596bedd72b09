// SPDX-License-Identifier: GPL-2.0
/*
 * What two domains can do together to a frame that is granted twice: a handle
 * given back where another mapping is, a mapping put where another one was, a
 * frame that becomes a page table or changes its owner.
 */
#include <linux/io.h>
#include <xen/mem-reservation.h>
#include "iotest.h"

/* ---- the guest ------------------------------------------------------------ */

/* Have the references of COUNT pages from PAGE on grant the frames from OF on. */
int cmd_again(struct iotest *t)
{
	u64 dom = t->arg[0], readonly = t->arg[1], page = t->arg[2], count = t->arg[3];
	u64 of = t->arg[4];
	unsigned int i;

	if (!own_range(page, count) || !own_range(of, count))
		return -EINVAL;
	for (i = 0; i < count; i++)
		gnttab_grant_foreign_access_ref(own.first + page + i, dom,
						xen_page_to_gfn(own.page[of + i]), readonly);
	say(t, "ref=%u", own.first + (u32)page);
	return 0;
}

static int set_pte_of(struct page *page, pgprot_t prot)
{
	return HYPERVISOR_update_va_mapping((ulong)page_address(page),
					    mk_pte(page, prot), UVMF_INVLPG | UVMF_ALL);
}

/* Can the page be an L1 page table?  Xen allows for it if nobody can write it. */
static bool can_be_table(struct page *page)
{
	struct mmuext_op op = {
		.cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = xen_page_to_gfn(page)
	};
	bool pinned;

	clear_page(page_address(page));
	if (set_pte_of(page, PAGE_KERNEL_RO))
		return false;
	pinned = !HYPERVISOR_mmuext_op(&op, 1, NULL, DOMID_SELF);
	op.cmd = MMUEXT_UNPIN_TABLE;
	if (pinned && HYPERVISOR_mmuext_op(&op, 1, NULL, DOMID_SELF))
		WARN_ON_ONCE(1);
	WARN_ON_ONCE(set_pte_of(page, PAGE_KERNEL));
	return pinned;
}

/* How many of the pages can be page tables; their content is zero then. */
int cmd_table(struct iotest *t)
{
	unsigned int i, ok = 0;

	if (!xen_pv_domain() || !own_range(t->arg[0], t->arg[1]))
		return -EINVAL;
	for (i = t->arg[0]; i < t->arg[0] + t->arg[1]; i++)
		ok += can_be_table(own.page[i]);
	say(t, "tables=%u", ok);
	return 0;
}

/* Give the frames behind the pages to Xen; nothing may look at them then. */
int cmd_give(struct iotest *t)
{
	unsigned int i, given = 0;
	xen_pfn_t frame;

	if (!own_range(t->arg[0], t->arg[1]))
		return -EINVAL;
	for (i = t->arg[0]; i < t->arg[0] + t->arg[1]; i++) {
		frame = xen_page_to_gfn(own.page[i]);
		xenmem_reservation_va_mapping_reset(1, &own.page[i]);
		given += xenmem_reservation_decrease(1, &frame) == 1;
	}
	say(t, "given=%u", given);
	return 0;
}

/* Have frames behind the pages again. */
int cmd_take(struct iotest *t)
{
	unsigned int i, taken = 0;
	xen_pfn_t frame;

	if (!own_range(t->arg[0], t->arg[1]))
		return -EINVAL;
	for (i = t->arg[0]; i < t->arg[0] + t->arg[1]; i++) {
		frame = page_to_xen_pfn(own.page[i]);
		if (xenmem_reservation_increase(1, &frame) != 1)
			continue;
		xenmem_reservation_va_mapping_update(1, &own.page[i], &frame);
		taken++;
	}
	say(t, "taken=%u", taken);
	return 0;
}

/* ---- the driver domain ---------------------------------------------------- */

/* A new slot whose place is that of page. */
static int slot_at(struct iotest *t, struct page *page)
{
	int i = slots_new(1);

	if (i < 0)
		return i;
	slots[i].own_page = slots[i].page;
	slots[i].page = page;
	slots[i].dom = t->arg[0];
	slots[i].flags = t->arg[1];
	slots[i].ref = t->arg[2];
	slots_map(i, 1);
	say(t, "slot=%u ok=%u status=%d", i, !slots[i].status, slots[i].status);
	return 0;
}

/* Map a reference where slot AT is, whatever is there. */
int cmd_mapat(struct iotest *t)
{
	if (!slot_range(t->arg[3], 1))
		return -EINVAL;
	return slot_at(t, slots[t->arg[3]].page);
}

/* Map a reference at the very first guest frame, which Linux does not use. */
int cmd_mapzero(struct iotest *t)
{
	return xen_pv_domain() ? -EINVAL : slot_at(t, pfn_to_page(0));
}

/* Unmap each slot's handle, but at the place of another slot, from AT on. */
int cmd_unmapat(struct iotest *t)
{
	u64 slot = t->arg[0], count = t->arg[1], at = t->arg[2];
	unsigned int i, ok = 0;

	if (!slot_range(slot, count) || !slot_range(at, count))
		return -EINVAL;
	for (i = 0; i < count; i++) {
		if (!slots[slot + i].mapped ||
		    slot_unmap_at(&slots[slot + i], &slots[at + i]))
			continue;
		/* The handle is gone, what is at its own place may not be. */
		slots[slot + i].mapped = false;
		ok++;
	}
	say(t, "ok=%u", ok);
	return 0;
}
