// SPDX-License-Identifier: GPL-2.0
/*
 * The driver domain's side: others' references mapped, unmapped and moved.
 * Without the P2M entries that Linux makes beside: nothing here does DMA.
 */
#include <linux/io.h>
#include <linux/uaccess.h>
#include "iotest.h"

struct slot slots[IOTEST_SLOTS];
static unsigned int nr_slots;

bool slot_range(u64 first, u64 count)
{
	return first < nr_slots && count <= nr_slots - first;
}

u64 *slot_words(unsigned int i)
{
	return page_address(slots[i].page);
}

/* The address of the PTE, for those that ask for it to be changed. */
static u64 pte_address(struct page *page)
{
	unsigned int level;

	return arbitrary_virt_to_machine(lookup_address((ulong)page_address(page),
							&level)).maddr;
}

static u64 host_addr(const struct slot *s)
{
	if (!(s->flags & GNTMAP_host_map))
		return 0;
	if (s->flags & GNTMAP_contains_pte)
		return pte_address(s->page);
	if (xen_feature(XENFEAT_auto_translated_physmap))
		return page_to_phys(s->page);
	return (ulong)page_address(s->page);
}

/* The first of COUNT new slots, each with an empty page. */
int slots_new(unsigned int count)
{
	int first = nr_slots;

	for (; nr_slots < first + count; nr_slots++) {
		if (nr_slots == IOTEST_SLOTS)
			return -ENOSPC;
		memset(&slots[nr_slots], 0, sizeof(*slots));
		if (gnttab_alloc_pages(1, &slots[nr_slots].page))
			return -ENOMEM;
	}
	return first;
}

static void map_batch(struct slot *s, unsigned int count)
{
	static struct gnttab_map_grant_ref op[IOTEST_BATCH];
	unsigned int i;

	for (i = 0; i < count; i++) {
		op[i].host_addr = host_addr(&s[i]);
		op[i].flags = s[i].flags;
		op[i].ref = s[i].ref;
		op[i].dom = s[i].dom;
		op[i].status = 1;
	}
	if (HYPERVISOR_grant_table_op(GNTTABOP_map_grant_ref, op, count))
		WARN_ON_ONCE(1);
	for (i = 0; i < count; i++) {
		s[i].status = op[i].status;
		s[i].handle = op[i].handle;
		s[i].dev = op[i].dev_bus_addr;
		s[i].mapped = !op[i].status;
	}
}

void slots_map(unsigned int first, unsigned int count)
{
	unsigned int n;

	for (; count; first += n, count -= n) {
		n = min_t(unsigned int, count, IOTEST_BATCH);
		map_batch(&slots[first], n);
	}
}

/* Unmap the slot's handle as if it had been mapped at another slot's place. */
int slot_unmap_at(struct slot *s, const struct slot *at)
{
	struct gnttab_unmap_grant_ref op = {
		.host_addr = host_addr(at), .handle = s->handle, .status = 1
	};

	if (s->flags & GNTMAP_device_map)
		op.dev_bus_addr = s->dev;
	if (HYPERVISOR_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1))
		WARN_ON_ONCE(1);
	return op.status;
}

static int unmap_one(struct slot *s)
{
	return slot_unmap_at(s, s);
}

/* How many mapped ones could not be unmapped. */
unsigned int slots_unmap(unsigned int first, unsigned int count)
{
	unsigned int i, bad = 0;

	for (i = first; i < first + count; i++) {
		if (!slots[i].mapped)
			continue;
		slots[i].status = unmap_one(&slots[i]);
		slots[i].mapped = slots[i].status;
		bad += slots[i].mapped;
	}
	return bad;
}

/* How many are okay, and the status of the others: 1 if they differ. */
static void say_status(struct iotest *t, unsigned int first, unsigned int count)
{
	unsigned int i, ok = 0;
	int status = 0;

	for (i = first; i < first + count; i++) {
		if (!slots[i].status)
			ok++;
		else if (!status || status == slots[i].status)
			status = slots[i].status;
		else
			status = 1;
	}
	say(t, "slot=%u ok=%u status=%d", first, ok, status);
}

int cmd_map(struct iotest *t)
{
	int i, count = t->arg[3], first = slots_new(count);

	if (first < 0)
		return first;
	for (i = 0; i < count; i++) {
		slots[first + i].dom = t->arg[0];
		slots[first + i].flags = t->arg[1];
		slots[first + i].ref = t->arg[2] + i;
	}
	slots_map(first, count);
	say_status(t, first, count);
	return 0;
}

int cmd_unmap(struct iotest *t)
{
	if (!slot_range(t->arg[0], t->arg[1]))
		return -EINVAL;
	slots_unmap(t->arg[0], t->arg[1]);
	say_status(t, t->arg[0], t->arg[1]);
	return 0;
}

/* Unmap what is no longer mapped. */
int cmd_stale(struct iotest *t)
{
	unsigned int i;

	if (!slot_range(t->arg[0], t->arg[1]))
		return -EINVAL;
	for (i = t->arg[0]; i < t->arg[0] + t->arg[1]; i++)
		slots[i].status = unmap_one(&slots[i]);
	say_status(t, t->arg[0], t->arg[1]);
	return 0;
}

/*
 * Unmap slot TO, and have put in its place what is mapped at slot FROM: an
 * ordinary mapping given away to get another one to where Xen never put it.
 */
int cmd_move(struct iotest *t)
{
	struct slot *from = &slots[t->arg[0]], *to = &slots[t->arg[1]];
	struct gnttab_unmap_and_replace op = {
		.host_addr = host_addr(to), .new_addr = host_addr(from),
		.handle = to->handle, .status = 1
	};
	int rc;

	if (!slot_range(t->arg[0], 1) || !slot_range(t->arg[1], 1))
		return -EINVAL;
	rc = HYPERVISOR_grant_table_op(GNTTABOP_unmap_and_replace, &op, 1);
	if (!op.status)
		to->mapped = false;
	say(t, "rc=%d status=%d", rc, op.status);
	return 0;
}

/* Clear the PTE behind the grant table's back, and do not even flush. */
int cmd_zap(struct iotest *t)
{
	unsigned int i;
	int rc = 0;

	if (!xen_pv_domain() || !slot_range(t->arg[0], t->arg[1]))
		return -EINVAL;
	for (i = t->arg[0]; i < t->arg[0] + t->arg[1]; i++)
		rc |= HYPERVISOR_update_va_mapping((ulong)slot_words(i), __pte(0), 0);
	say(t, "rc=%d", rc);
	return 0;
}

int cmd_look(struct iotest *t)
{
	u32 equal = 0, zero = 0, other = 0, fault = 0;
	unsigned int i, w;
	u64 val;

	if (!slot_range(t->arg[0], t->arg[1]))
		return -EINVAL;
	for (i = t->arg[0]; i < t->arg[0] + t->arg[1]; i++)
		for (w = 0; w < IOTEST_WORDS; w++)
			if (copy_from_kernel_nofault(&val, slot_words(i) + w, sizeof(val)))
				fault++;
			else if (val == t->arg[2])
				equal++;
			else if (!val)
				zero++;
			else
				other++;
	say(t, "equal=%u zero=%u other=%u fault=%u", equal, zero, other, fault);
	return 0;
}

/* False: there is nothing mapped to be written. */
static bool put_word(u64 *to, u64 val)
{
	pagefault_disable();
	__put_kernel_nofault(to, &val, u64, fault);
	pagefault_enable();
	return true;

fault:
	pagefault_enable();
	return false;
}

/* Whether or not there should be something mapped. */
int cmd_poke(struct iotest *t)
{
	unsigned int i, w;

	if (!slot_range(t->arg[0], t->arg[1]))
		return -EINVAL;
	for (i = t->arg[0]; i < t->arg[0] + t->arg[1]; i++)
		for (w = 0; w < IOTEST_WORDS && !(slots[i].flags & GNTMAP_readonly); w++)
			if (!put_word(slot_words(i) + w, t->arg[2]))
				break;
	return 0;
}

/* Unmap all, and give the pages back: not those with something behind them. */
int cmd_forget(struct iotest *t)
{
	unsigned int i, lost = 0;

	slots_unmap(0, nr_slots);
	for (i = 0; i < nr_slots; i++) {
		if (slots[i].mapped)
			lost++;
		else
			gnttab_free_pages(1, slots[i].own_page ? &slots[i].own_page :
					  &slots[i].page);
	}
	nr_slots = 0;
	say(t, "lost=%u", lost);
	return 0;
}
