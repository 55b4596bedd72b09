// SPDX-License-Identifier: GPL-2.0
/* Single words of a mapped page: for who plays the backend of a ring. */
#include "iotest.h"

static u32 *word_at(struct iotest *t)
{
	u64 slot = t->arg[0], index = t->arg[1];

	if (!slot_range(slot, 1) || index >= PAGE_SIZE / sizeof(u32))
		return NULL;
	return (u32 *)slot_words(slot) + index;
}

int cmd_peek(struct iotest *t)
{
	u32 *word = word_at(t);

	if (!word)
		return -EINVAL;
	say(t, "value=%u", READ_ONCE(*word));
	return 0;
}

int cmd_nudge(struct iotest *t)
{
	u32 *word = word_at(t);

	if (!word)
		return -EINVAL;
	WRITE_ONCE(*word, (u32)t->arg[2]);
	return 0;
}
