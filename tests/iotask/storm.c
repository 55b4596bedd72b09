// SPDX-License-Identifier: GPL-2.0
/*
 * The race: a guest grants, registers, revokes and uses its pages again, over
 * and over, while the driver domain maps and unmaps the same references.
 */
#include <linux/delay.h>
#include <linux/random.h>
#include "iotest.h"

#define PUBLIC	0x5055424c49435055ULL

/* The scripts' way to end a storm or siege and still get its answer. */
static bool stopping;

/* One round of the guest's, and what it must not see. */
struct storm {
	domid_t driver;
	u32 count;		/* the first half may be read, the second written */
	u64 secret;
	u32 refs[IOTEST_OWN];
	u32 registered, late;
	int rc;
	u64 live, diverted, changed, busy;
};

/* Until the driver domain, which unmaps as often as it maps, lets go. */
static void storm_end(unsigned int first, unsigned int count)
{
	unsigned int i, tries;

	for (i = first; i < first + count; i++)
		for (tries = 0; own_end(i, 1) && tries < 10000; tries++)
			usleep_range(50, 100);
}

/* Anything but success is remembered: it must be the one for no such thing. */
static void storm_note(struct storm *s, int rc)
{
	if (rc)
		s->rc = rc;
}

/* What is mapped already can not be registered; then it is granted anew. */
static void storm_register(struct storm *s, u16 flags, unsigned int first, unsigned int count)
{
	u32 id;
	int rc;

	own_grant(s->driver, false, first, count);
	while ((rc = task_register(s->driver, flags, s->refs + first, count, &id)) == -EBUSY) {
		s->late++;
		storm_end(first, count);
		own_grant(s->driver, false, first, count);
	}
	s->registered += !rc;
	storm_note(s, rc);
}

/* Both tasks' mappings, and how many of them a revoke has replaced. */
static void storm_count(u64 *mapped, u64 *diverted)
{
	struct xen_iotask_query q = { .dom = DOMID_SELF };

	while (!task_query(&q)) {
		*mapped += q.mapped;
		*diverted += q.diverted;
		q.index++;
	}
}

static void storm_round(struct storm *s)
{
	u32 half = s->count / 2;
	u64 unused = 0;

	own_fill(PUBLIC, 0, s->count);
	storm_register(s, 0, 0, half);
	storm_register(s, XEN_IOTASK_WRITE, half, half);
	usleep_range(1, 1 + get_random_u32() % 8000);
	storm_count(&s->live, &unused);
	phase_set(true);
	storm_note(s, task_op(GNTTABOP_iotask_revoke, DOMID_SELF, XEN_IOTASK_ALL));
	phase_set(false);
	storm_count(&unused, &s->diverted);
	own_fill(s->secret, 0, s->count);
	usleep_range(1, 1 + get_random_u32() % 1000);
	s->changed += own_differ(s->secret, 0, s->count);
	s->busy += own_end(0, s->count);
	storm_end(0, s->count);
	storm_note(s, task_op(GNTTABOP_iotask_drop, DOMID_SELF, XEN_IOTASK_ALL));
	/* What is granted next is no secret. */
	own_fill(PUBLIC, 0, s->count);
}

int cmd_storm(struct iotest *t)
{
	struct storm *s = kzalloc(sizeof(*s), GFP_KERNEL);
	u64 rounds = t->arg[0];
	unsigned int i;

	if (!s || !own_range(0, t->arg[2] + 1)) {
		kfree(s);
		return -EINVAL;
	}
	s->driver = t->arg[1];
	s->count = t->arg[2];
	s->secret = t->arg[3];
	for (i = 0; i < s->count; i++)
		s->refs[i] = own.first + i;
	WRITE_ONCE(stopping, false);
	while (rounds-- && !READ_ONCE(stopping) && !fatal_signal_pending(current)) {
		storm_round(s);
		cond_resched();
	}
	say(t, "rc=%d registered=%u late=%u live=%llu diverted=%llu changed=%llu busy=%llu",
	    s->rc, s->registered, s->late, s->live, s->diverted, s->changed, s->busy);
	kfree(s);
	return 0;
}

int cmd_stop(struct iotest *t)
{
	WRITE_ONCE(stopping, true);
	return 0;
}

/* The driver domain's half. */
struct siege {
	u64 ok, denied, empty, gone, unmap, reads, secrets, overlap;
	int bad;		/* a status that should never be */
};

static void siege_access(struct siege *s, struct slot *slot, struct iotest *t)
{
	u64 *p = page_address(slot->page), *phase = slot_words(t->arg[6]);
	u64 before = READ_ONCE(*phase);

	s->reads++;
	s->secrets += READ_ONCE(*p) == t->arg[4];
	if (!(slot->flags & GNTMAP_readonly))
		WRITE_ONCE(*p, t->arg[5]);
	s->overlap += before || READ_ONCE(*phase);
}

static void siege_round(struct siege *s, unsigned int first, struct iotest *t)
{
	unsigned int i, pass, count = t->arg[3];
	u64 ok = s->ok;

	slots_map(first, count);
	for (pass = 0; pass < 3; pass++)
		for (i = first; i < first + count; i++)
			if (slots[i].mapped)
				siege_access(s, &slots[i], t);
	for (i = first; i < first + count; i++) {
		s->ok += slots[i].mapped;
		if (slots[i].status == GNTST_permission_denied)
			s->denied++;
		else if (slots[i].status == GNTST_general_error)
			s->empty++;
		else if (slots[i].status == GNTST_bad_domain ||
			 slots[i].status == GNTST_bad_page ||
			 slots[i].status == GNTST_bad_gntref)
			s->gone++;
		else if (slots[i].status)
			s->bad = slots[i].status;
	}
	s->unmap += slots_unmap(first, count);
	/* Refused all: let the guest get on, so that most attempts are others. */
	if (ok == s->ok)
		usleep_range(100, 200);
}

int cmd_siege(struct iotest *t)
{
	unsigned int i, count = t->arg[3];
	struct siege s = { 0 };
	int first = slots_new(count);

	if (first < 0 || !slot_range(t->arg[6], 1))
		return -EINVAL;
	for (i = 0; i < count; i++) {
		slots[first + i].dom = t->arg[1];
		slots[first + i].ref = t->arg[2] + i;
		slots[first + i].flags = GNTMAP_host_map |
					 (i < count / 2 ? GNTMAP_readonly : 0);
	}
	WRITE_ONCE(stopping, false);
	/* An empty entry is no attempt. */
	while (s.ok + s.denied < t->arg[0] && !READ_ONCE(stopping) &&
	       !fatal_signal_pending(current)) {
		siege_round(&s, first, t);
		cond_resched();
	}
	say(t, "ok=%llu denied=%llu empty=%llu gone=%llu bad=%d ", s.ok, s.denied, s.empty,
	    s.gone, s.bad);
	say(t, "unmap=%llu reads=%llu secrets=%llu overlap=%llu", s.unmap, s.reads, s.secrets,
	    s.overlap);
	return 0;
}
