// SPDX-License-Identifier: GPL-2.0
/* The guest's side: pages of its own, granted and taken back. */
#include "iotest.h"

/*
 * Where the kernel's variables gnttab_shared and grstatus are, which it does
 * not export: asking it whether a grant is in use is only possible by ending
 * it, and prints a warning if it is; which is no failure here.
 */
static ulong shared;
module_param(shared, ulong, 0);
static ulong status;
module_param(status, ulong, 0);

struct own own;

int grant_version(void)
{
	struct gnttab_get_version v = { .dom = DOMID_SELF };

	if (HYPERVISOR_grant_table_op(GNTTABOP_get_version, &v, 1))
		return 1;
	return v.version;
}

u16 grant_in_use(grant_ref_t ref)
{
	u16 flags;

	if (grant_version() == 2)
		flags = (*(grant_status_t **)status)[ref];
	else
		flags = (*(struct grant_entry_v1 **)shared)[ref].flags;
	return flags & (GTF_reading | GTF_writing);
}

/* Linux has no use for these, but a malicious kernel would. */
void grant_transitive(grant_ref_t ref, domid_t dom, domid_t of, grant_ref_t to)
{
	union grant_entry_v2 *e = &(*(union grant_entry_v2 **)shared)[ref];

	e->transitive.trans_domid = of;
	e->transitive.gref = to;
	e->transitive.hdr.domid = dom;
	/* The entry is valid from here on. */
	wmb();
	e->hdr.flags = GTF_transitive;
}

bool own_range(u64 first, u64 count)
{
	return first < own.nr && count <= own.nr - first;
}

void own_fill(u64 word, unsigned int first, unsigned int count)
{
	unsigned int i;

	for (i = first; i < first + count; i++)
		memset64(page_address(own.page[i]), word, IOTEST_WORDS);
}

/* How many words are not as filled. */
unsigned int own_differ(u64 word, unsigned int first, unsigned int count)
{
	unsigned int i, w, n = 0;

	for (i = first; i < first + count; i++) {
		const u64 *p = page_address(own.page[i]);

		for (w = 0; w < IOTEST_WORDS; w++)
			n += READ_ONCE(p[w]) != word;
	}
	return n;
}

void own_grant(domid_t dom, bool readonly, unsigned int first, unsigned int count)
{
	unsigned int i;

	for (i = first; i < first + count; i++)
		gnttab_grant_foreign_access_ref(own.first + i, dom,
						xen_page_to_gfn(own.page[i]), readonly);
}

/* As gnttab_end_foreign_access_ref() does, but silently where it can not. */
static bool grant_end(grant_ref_t ref)
{
	union grant_entry_v2 *v2 = *(union grant_entry_v2 **)shared + ref;
	struct grant_entry_v1 *v1 = *(struct grant_entry_v1 **)shared + ref;
	u16 flags;

	if (grant_version() == 2) {
		WRITE_ONCE(v2->hdr.flags, 0);
		/* Nobody can begin to use it; does somebody still? */
		mb();
		return !grant_in_use(ref);
	}
	flags = READ_ONCE(v1->flags) & ~(GTF_reading | GTF_writing);
	return cmpxchg(&v1->flags, flags, 0) == flags;
}

/* How many could not be ended. */
unsigned int own_end(unsigned int first, unsigned int count)
{
	unsigned int i, busy = 0;

	for (i = first; i < first + count; i++)
		busy += !grant_end(own.first + i);
	return busy;
}

/* The last page of all. */
void phase_set(bool revoking)
{
	u64 *p = page_address(own.page[own.nr - 1]);

	/* Not in the eyes of another CPU before what came before it, */
	smp_mb();
	WRITE_ONCE(*p, revoking);
	/* nor after what comes behind it. */
	smp_mb();
}

int cmd_alloc(struct iotest *t)
{
	unsigned int nr = t->arg[0];
	int rc;

	if (own.nr || !nr || nr > IOTEST_OWN)
		return -EINVAL;
	rc = gnttab_alloc_grant_reference_seq(nr, &own.first);
	if (rc)
		return rc;
	for (; own.nr < nr; own.nr++) {
		own.page[own.nr] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!own.page[own.nr])
			return -ENOMEM;
	}
	return cmd_refs(t);
}

int cmd_refs(struct iotest *t)
{
	say(t, "ref=%u nr=%u", own.first, own.nr);
	return 0;
}

int cmd_grant(struct iotest *t)
{
	if (!own_range(t->arg[2], t->arg[3]))
		return -EINVAL;
	own_grant(t->arg[0], t->arg[1], t->arg[2], t->arg[3]);
	say(t, "ref=%u", own.first + (u32)t->arg[2]);
	return 0;
}

int cmd_fill(struct iotest *t)
{
	if (!own_range(t->arg[1], t->arg[2]))
		return -EINVAL;
	own_fill(t->arg[0], t->arg[1], t->arg[2]);
	return 0;
}

int cmd_check(struct iotest *t)
{
	if (!own_range(t->arg[1], t->arg[2]))
		return -EINVAL;
	say(t, "changed=%u", own_differ(t->arg[0], t->arg[1], t->arg[2]));
	return 0;
}

int cmd_used(struct iotest *t)
{
	unsigned int i, used = 0;

	if (!own_range(t->arg[0], t->arg[1]))
		return -EINVAL;
	for (i = 0; i < t->arg[1]; i++)
		used += !!grant_in_use(own.first + t->arg[0] + i);
	say(t, "used=%u", used);
	return 0;
}

int cmd_end(struct iotest *t)
{
	unsigned int busy;

	if (!own_range(t->arg[0], t->arg[1]))
		return -EINVAL;
	busy = own_end(t->arg[0], t->arg[1]);
	say(t, "ended=%u busy=%u", (u32)t->arg[1] - busy, busy);
	return 0;
}

/* What another domain still has mapped is left to it for good. */
int cmd_free(struct iotest *t)
{
	unsigned int i, lost = 0;

	for (i = 0; i < own.nr; i++) {
		if (own_end(i, 1)) {
			lost++;
			continue;
		}
		gnttab_free_grant_reference(own.first + i);
		__free_page(own.page[i]);
	}
	own.nr = 0;
	say(t, "lost=%u", lost);
	return 0;
}

/* Grant a frame that may be anybody's. */
int cmd_foreign(struct iotest *t)
{
	if (!own_range(t->arg[1], 1))
		return -EINVAL;
	gnttab_grant_foreign_access_ref(own.first + t->arg[1], t->arg[0], t->arg[2], 0);
	say(t, "ref=%u", own.first + (u32)t->arg[1]);
	return 0;
}

int cmd_transitive(struct iotest *t)
{
	if (grant_version() != 2 || !own_range(t->arg[0], 1))
		return -EINVAL;
	grant_transitive(own.first + t->arg[0], t->arg[1], t->arg[2], t->arg[3]);
	say(t, "ref=%u", own.first + (u32)t->arg[0]);
	return 0;
}

int own_init(void)
{
	return shared && status ? 0 : -EINVAL;
}

void own_exit(void)
{
	struct iotest *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (t)
		cmd_free(t);
	kfree(t);
}
