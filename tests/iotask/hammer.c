// SPDX-License-Identifier: GPL-2.0
/* Read and write through mappings, whatever happens to them meanwhile. */
#include <linux/jiffies.h>
#include "iotest.h"

struct tally {
	u64 reads, writes, secrets, zeros, overlap;
};

/* A slot of -1 is none: nothing overlaps. */
static bool revoking(u64 phase)
{
	return slot_range(phase, 1) && READ_ONCE(*slot_words(phase));
}

static void access_slot(struct tally *c, unsigned int i, u64 secret, u64 tag, unsigned int w)
{
	u64 *p = slot_words(i) + w % IOTEST_WORDS;
	u64 val = READ_ONCE(*p);

	c->reads++;
	c->secrets += val == secret;
	c->zeros += !val;
	if (slots[i].flags & GNTMAP_readonly)
		return;
	WRITE_ONCE(*p, tag);
	c->writes++;
}

/* Only mapped slots: others have nothing behind them. */
static void access_all(struct tally *c, struct iotest *t, unsigned int round)
{
	unsigned int i, first = t->arg[1], end = first + t->arg[2];

	for (i = first; i < end; i++) {
		bool before = revoking(t->arg[5]);

		if (!slots[i].mapped)
			continue;
		access_slot(c, i, t->arg[3], t->arg[4], round);
		if (before || revoking(t->arg[5]))
			c->overlap++;
	}
}

int cmd_hammer(struct iotest *t)
{
	ulong end = jiffies + msecs_to_jiffies(t->arg[0]);
	struct tally c = { 0 };
	unsigned int round = 0;

	if (!slot_range(t->arg[1], t->arg[2]))
		return -EINVAL;
	while (time_before(jiffies, end)) {
		access_all(&c, t, round++);
		cond_resched();
	}
	say(t, "reads=%llu writes=%llu secrets=%llu zeros=%llu overlap=%llu", c.reads,
	    c.writes, c.secrets, c.zeros, c.overlap);
	return 0;
}
