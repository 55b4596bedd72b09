// SPDX-License-Identifier: GPL-2.0
/*
 * real_grant.c - Xen's common/grant_table.c, and what tests may see of it.
 */
#define PARAM gnttab_param
#include "port.h"
#include "radix-tree.h"
/* A domain may have Xen copy within one page. */
#define memcpy memmove
#include "grant_table.c"
#undef memcpy
_Static_assert(GNTTAB_UNMAP_BATCH_SIZE == 2, "small batches, see extract.sh");
#include "model.h"

unsigned int gt_refs(const struct domain *d)
{
	return nr_grant_entries(d->grant_table);
}

unsigned int gt_version(const struct domain *d)
{
	return d->grant_table->gt_version;
}

unsigned int gt_handles(const struct domain *d)
{
	return d->grant_table->maptrack_limit;
}

struct active_view gt_active(const struct domain *d, grant_ref_t ref)
{
	const struct active_grant_entry *act = &_active_entry(d->grant_table, ref);

	return (struct active_view) {
		.pin = act->pin,
		.domid = act->domid,
		.mfn = mfn_x(act->mfn),
		.tag = act->iotask,
	};
}

struct handle_view gt_handle(const struct domain *d, unsigned int handle)
{
	const struct grant_mapping *map = &maptrack_entry(d->grant_table, handle);

	return (struct handle_view) {
		.ref = map->ref,
		.flags = map->flags,
		.domid = map->domid,
	};
}

/* What a guest does: writes its own table, or reads there. */
void gt_write(const struct domain *d, grant_ref_t ref, uint16_t flags,
	      domid_t domid, unsigned long frame)
{
	struct grant_table *gt = d->grant_table;

	if (gt->gt_version == 1) {
		grant_entry_v1_t *e = &shared_entry_v1(gt, ref);

		e->frame = frame;
		e->domid = domid;
		e->flags = flags;
	} else {
		grant_entry_v2_t *e = &shared_entry_v2(gt, ref);

		memset(e, 0, sizeof(*e));
		if ((flags & GTF_type_mask) == GTF_transitive) {
			e->transitive.trans_domid = world.narrow ?
				3 - d->domain_id : frame % DOMAINS;
			e->transitive.gref = 8 + frame % 4;
		} else if (flags & GTF_sub_page) {
			e->sub_page.frame = frame;
			e->sub_page.page_off = 8;
			e->sub_page.length = 40;
		} else {
			e->full_page.frame = frame;
		}
		e->hdr.domid = domid;
		e->hdr.flags = flags;
	}
}

uint16_t gt_flags(const struct domain *d, grant_ref_t ref)
{
	struct grant_table *gt = d->grant_table;

	return gt->gt_version == 1 ? shared_entry_v1(gt, ref).flags :
	       shared_entry_v2(gt, ref).hdr.flags | status_entry(gt, ref);
}

domid_t gt_domid(const struct domain *d, grant_ref_t ref)
{
	return shared_entry_header(d->grant_table, ref)->domid;
}

unsigned long gt_frame(const struct domain *d, grant_ref_t ref)
{
	struct grant_table *gt = d->grant_table;

	return gt->gt_version == 1 ? shared_entry_v1(gt, ref).frame :
	       shared_entry_v2(gt, ref).full_page.frame;
}

/* Where d's IOMMU may reach mfn through grants: IOMMUF_*. */
unsigned int gt_iommu(const struct domain *d, unsigned long mfn)
{
	void **slot = radix_tree_lookup_slot(&d->grant_table->maptrack_tree, mfn);
	union maptrack_node node;

	if (!slot)
		return 0;
	node.raw = radix_tree_ptr_to_ulong(*slot);
	return (node.cnt.rd || node.cnt.wr ? IOMMUF_readable : 0) |
	       (node.cnt.wr ? IOMMUF_writable : 0);
}
