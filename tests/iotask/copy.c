// SPDX-License-Identifier: GPL-2.0
/* The ways to get at a page without mapping it. */
#include "iotest.h"

static int copy_one(bool write, domid_t dom, grant_ref_t ref, struct page *local)
{
	struct gnttab_copy op = { .len = PAGE_SIZE, .status = 1 };
	struct gnttab_copy_ptr there = { .u.ref = ref, .domid = dom };
	struct gnttab_copy_ptr here = {
		.u.gmfn = xen_page_to_gfn(local), .domid = DOMID_SELF
	};

	op.flags = write ? GNTCOPY_dest_gref : GNTCOPY_source_gref;
	op.source = write ? here : there;
	op.dest = write ? there : here;
	if (HYPERVISOR_grant_table_op(GNTTABOP_copy, &op, 1))
		return 1;
	return op.status;
}

int cmd_copy(struct iotest *t)
{
	struct page *local = alloc_page(GFP_KERNEL | __GFP_ZERO);
	unsigned int i, w, ok = 0, equal = 0;
	int status = 0, rc;

	if (!local)
		return -ENOMEM;
	for (i = 0; i < t->arg[3]; i++) {
		u64 *p = page_address(local);

		memset64(p, t->arg[0] ? t->arg[4] : 0, IOTEST_WORDS);
		rc = copy_one(t->arg[0], t->arg[1], t->arg[2] + i, local);
		ok += !rc;
		status = rc ?: status;
		for (w = 0; w < IOTEST_WORDS; w++)
			equal += p[w] == t->arg[4];
	}
	__free_page(local);
	say(t, "ok=%u status=%d equal=%u", ok, status, equal);
	return 0;
}

/*
 * Give a page of ours away through a reference that is no offer to take one.
 * Xen takes it only when nothing maps it, and does not give it back.
 */
int cmd_transfer(struct iotest *t)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct gnttab_transfer op = {
		.domid = t->arg[0], .ref = t->arg[1], .status = 1
	};
	int rc;

	if (!xen_pv_domain() || !page)
		return -EINVAL;
	op.mfn = xen_page_to_gfn(page);
	rc = HYPERVISOR_update_va_mapping((ulong)page_address(page), __pte(0),
					  UVMF_INVLPG | UVMF_ALL);
	if (!rc)
		rc = HYPERVISOR_grant_table_op(GNTTABOP_transfer, &op, 1);
	say(t, "rc=%d status=%d", rc, op.status);
	return 0;
}

int cmd_swap(struct iotest *t)
{
	struct gnttab_swap_grant_ref op = {
		.ref_a = t->arg[0], .ref_b = t->arg[1], .status = 1
	};
	int rc = HYPERVISOR_grant_table_op(GNTTABOP_swap_grant_ref, &op, 1);

	say(t, "rc=%d status=%d", rc, op.status);
	return 0;
}

int cmd_setversion(struct iotest *t)
{
	struct gnttab_set_version op = { .version = t->arg[0] };

	say(t, "rc=%d", HYPERVISOR_grant_table_op(GNTTABOP_set_version, &op, 1));
	return 0;
}
