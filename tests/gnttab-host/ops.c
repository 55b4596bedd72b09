// SPDX-License-Identifier: GPL-2.0
/*
 * ops.c - one step: who does what.
 */
#include "ops.h"

/* ---- choices --------------------------------------------------------------- */

bool often(void)
{
	return take() < 200;
}

bool rarely(void)
{
	return take() < 20;
}

/* Somebody with a CPU to run on; NULL: nobody. */
struct domain *take_domain(void)
{
	unsigned int i, b = take();

	if (world.narrow && b < 240)
		b = 1 + b % 2;
	for (i = 0; i < DOMAINS; i++) {
		struct domain *d = world.domain[(b + i) % DOMAINS];

		if (alive(d) && d->m->running < VCPUS)
			return d;
	}
	return NULL;
}

domid_t take_id(void)
{
	unsigned int b = take();

	if (world.narrow && b < 240)
		return 1 + b % 2;
	return b < 250 ? b % DOMAINS : b % 2 ? DOMID_SELF : 77;
}

/* Reserved ones are used, too, if rarely. */
grant_ref_t take_ref(void)
{
	unsigned int b = take();

	return b < 240 ? 8 + b % (world.narrow ? 4 : REFS - 8) : b < 253 ? b % 8 : 1000;
}

/* Mostly one that is granted to that domain. */
grant_ref_t take_ref_for(const struct domain *rd, domid_t to)
{
	grant_ref_t ref = take_ref();
	unsigned int i;

	if (!rd || !often())
		return ref;
	for (i = 0; i < REFS - 8; i++) {
		grant_ref_t r = 8 + (ref + i) % (REFS - 8);

		if (gt_flags(rd, r) && gt_domid(rd, r) == to)
			return r;
	}
	return ref;
}

unsigned long take_frame_of(const struct domain *d)
{
	unsigned int i, b = take();

	for (i = 0; i < HEAP_FRAMES; i++) {
		unsigned long mfn = 1 + (b + i) % (HEAP_FRAMES - 1);

		if (frame_table[mfn].owner == d)
			return mfn;
	}
	return 1 + b % (HEAP_FRAMES - 1);
}

/* The machine address of an entry of a page table, for GNTMAP_contains_pte. */
uint64_t take_entry_address(const struct domain *d)
{
	unsigned int b = take();
	unsigned long mfn = d->m->table[b % TABLES];

	if (!mfn || (b >= 192 && !world.narrow))
		mfn = take_frame_of(d);
	else if (world.narrow)
		b &= 0x18;
	return (mfn << PAGE_SHIFT) +
	       b / 8 % USED_ENTRIES * sizeof(l1_pgentry_t);
}

uint64_t take_address(const struct domain *d)
{
	unsigned int b = take();

	if (b == 255)
		return 1ul << 40;
	if (d->hvm && world.narrow && b < 240)
		return (uint64_t)(8 + b % 3) % GFNS << PAGE_SHIFT;
	if (d->hvm)
		return (uint64_t)(b % GFNS) << PAGE_SHIFT;
	if (world.narrow)
		b &= 0x18 | (b >> 7);
	return (uint64_t)(b % TABLES * ENTRIES + b / 8 % USED_ENTRIES) <<
	       PAGE_SHIFT;
}

struct mapping *take_mapping(struct domain *d)
{
	unsigned int i, b = take();

	for (i = 0; i < MAPPINGS; i++) {
		struct mapping *m = &d->m->map[(b + i) % MAPPINGS];

		if (m->used)
			return m;
	}
	return NULL;
}

void enter(struct domain *d)
{
	current = d->vcpu[d->m->running++];
}

void leave(struct domain *d)
{
	d->m->running--;
	current = NULL;
}

/* ---- steps ----------------------------------------------------------------- */

void step(void)
{
	static void (*const ops[])(void) = {
		op_entry, op_entry, op_entry, op_scribble, op_pin, op_pin,
		op_unpin, op_hook, op_decrease, op_decrease, op_populate,
		op_populate, op_flush, op_physmap,
		op_grant, op_grant, op_grant, op_grant, op_grant, op_end,
		op_end, op_map, op_map, op_map, op_map, op_map, op_map,
		op_map, op_unmap, op_unmap, op_unmap, op_unmap, op_replace,
		op_copy, op_copy, op_transfer, op_swap, op_version, op_table,
		op_cache, op_register, op_register, op_register, op_revoke,
		op_revoke, op_drop, op_drop, op_query, op_policy, op_create,
		op_destroy,
	};
	/* What matters most to somebody who is in the middle of a hypercall. */
	static void (*const nested[])(void) = {
		op_entry, op_hook, op_grant, op_map, op_unmap, op_register,
		op_revoke, op_drop,
	};
	unsigned int b = take() % (ARRAY_SIZE(ops) + 1);
	struct vcpu *before = current;

	_Static_assert(ARRAY_SIZE(ops) < 64, "more operations than bits");
	world.steps++;
	if (world.depth && often()) {
		nested[b % ARRAY_SIZE(nested)]();
		current = before;
		return;
	}
	while (b < ARRAY_SIZE(ops) && !(world.ops >> b & 1))
		b++;
	if (b < ARRAY_SIZE(ops))
		ops[b]();
	else if (rarely())
		op_crash();
	current = before;
}
