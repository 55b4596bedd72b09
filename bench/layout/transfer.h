/* SPDX-License-Identifier: GPL-2.0 */
/* transfer.h - moves packets through a layout and checks that they arrive. */
#ifndef DRB_BENCH_TRANSFER_H
#define DRB_BENCH_TRANSFER_H

#include "layout.h"

#define SEND_BURST	16u	/* packets per publish: an xmit_more burst */
#define RECEIVE_BATCH	64u	/* packets per give_back: a NAPI budget */

enum mode {
	MODE_POLL,		/* either end spins while it has to wait */
	MODE_DOORBELL,		/* either end arms its event and sleeps */
};

struct transfer {
	const struct layout *layout;
	uint32_t size;
	uint64_t packets;
	enum mode mode;
	int cpu[2];		/* of the producer and of the consumer */
};

struct outcome {
	double ns_per_packet;
	double data_doorbells;	/* per packet */
	double space_doorbells;	/* per packet */
	double others;		/* CPUs that others kept busy meanwhile */
};

/* Ends the program if a packet is lost or damaged. */
struct outcome transfer_threads(const struct transfer *t);

/* Both ends in turn in this thread, for counting instructions. */
void transfer_alone(const struct transfer *t);

#endif /* DRB_BENCH_TRANSFER_H */
