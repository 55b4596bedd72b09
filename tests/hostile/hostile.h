/* SPDX-License-Identifier: GPL-2.0 */
/* hostile.h - what the parts of drb-hostile share. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "drb_core.h"

/* What a record claims to hold; its length and the packet's may differ. */
enum hostile_kind { HOSTILE_UDP4, HOSTILE_TCP4, HOSTILE_TCP6, HOSTILE_RAW };
#define HOSTILE_KINDS	4u

/* As large as a packet may be, and what lies before it in a record. */
#define HOSTILE_BUFFER	(DRB_MAX_PACKET + DRB_MAX_DATA_OFF)

/* Fill in len bytes: headers that fit, to everybody, then zeroes. */
void hostile_packet(u8 *data, u32 len, enum hostile_kind kind);
/* A record that a consumer must take, whatever its offloads mean, and packet. */
void hostile_random(u8 *data, struct drb_record *rec);

#endif /* HOSTILE_H */
