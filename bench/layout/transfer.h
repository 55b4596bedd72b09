/* SPDX-License-Identifier: GPL-2.0 */
/* transfer.h - moves packets through a layout and checks that they arrive. */
#ifndef DRB_BENCH_TRANSFER_H
#define DRB_BENCH_TRANSFER_H

#include "layout.h"

#define SEND_BURST	16u	/* packets per publish: an xmit_more burst */
#define RECEIVE_BATCH	64u	/* packets per give_back: a NAPI budget */

/*
 * A turn's packets fill at most a quarter of the pages with data and half of
 * the chunks: an end never has to wait within its turn.
 */
#define TURN_BYTES	(LAYOUT_PAGES * LAYOUT_PAGE / 4)
#define TURN_PACKETS	LAYOUT_PAGES

/*
 * While both ends run, which of them waits for the other decides how close
 * together they work and thereby what their caches do: a layout whose ends
 * are a little less balanced may look twice as fast.  When they take turns,
 * the distance is fixed and the time is that of the work alone.
 */
enum mode {
	MODE_TURNS,		/* one end works at a time, a batch each */
	MODE_POLL,		/* both; an end that has to wait spins */
	MODE_DOORBELL,		/* both; it arms its event and sleeps */
};

struct transfer {
	const struct layout *layout;
	uint32_t size;
	uint64_t packets;
	enum mode mode;
	int cpu[2];		/* of the producer and of the consumer */
};

struct outcome {
	double ns_per_packet;	/* in turns: both ends' times added */
	double data_doorbells;	/* per packet */
	double space_doorbells;	/* per packet */
	double others;		/* CPUs that others kept busy meanwhile */
	double probe;		/* seconds for a fixed piece of work, around it */
};

/* Ends the program if a packet is lost or damaged. */
struct outcome transfer_threads(const struct transfer *t);

/* Both ends in turn in this thread, for counting instructions. */
void transfer_alone(const struct transfer *t);

#endif /* DRB_BENCH_TRANSFER_H */
