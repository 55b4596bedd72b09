/* SPDX-License-Identifier: GPL-2.0 */
/*
 * layout.h - what the micro-benchmark asks of a way to lay out packets in
 * shared memory.  All layouts get as many data pages, validate what the peer
 * writes to the same depth and carry the same metadata.
 */
#ifndef DRB_BENCH_LAYOUT_H
#define DRB_BENCH_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#ifndef LAYOUT_PAGES
#define LAYOUT_PAGES	256u	/* a power of two */
#endif
#define LAYOUT_PAGE	4096u
#define LAYOUT_LINE	128u	/* keeps what two CPUs write apart */

/*
 * One direction of traffic.  Those for the producer are called by one thread
 * and those for the consumer by another.
 */
struct layout {
	const char *name;
	void *(*create)(void);		/* a new, empty channel */
	void (*destroy)(void *channel);

	/* Producer.  0, -ENOSPC or -EPROTO; not visible before publish. */
	int (*send)(void *channel, const void *packet, uint32_t len);
	bool (*publish)(void *channel);	/* true: notify the consumer */
	/* 1: there is room; 0: wait for a notification; or -EPROTO. */
	int (*wait_space)(void *channel, uint32_t len);

	/* Consumer.  Length copied to packet, 0 when empty, or -EPROTO. */
	int (*receive)(void *channel, void *packet);
	bool (*give_back)(void *channel); /* true: notify the producer */
	int (*arm)(void *channel);	/* 1: more came; 0: wait; or -EPROTO */
};

extern const struct layout layout_records;	/* page array, any order */
extern const struct layout layout_ascending;	/* the same, in order */
extern const struct layout layout_linear;	/* the same, one mapping */
extern const struct layout layout_chunks;	/* descriptors and chunks */

/* Zeroed small pages, in ascending order of address.  Ends the program. */
void *pages_alloc(uint32_t pages);
void pages_free(void *base, uint32_t pages);
/* A fixed random order, as a guest's pages come. */
void pages_shuffle(void **page, uint32_t pages);

#endif /* DRB_BENCH_LAYOUT_H */
