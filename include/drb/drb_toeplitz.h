/* SPDX-License-Identifier: MIT */
/*
 * drb_toeplitz.h - the Toeplitz hash of receive side scaling.
 */
#ifndef DRB_TOEPLITZ_H
#define DRB_TOEPLITZ_H

#include "drb_if.h"

/* Two IPv6 addresses and two ports: what the key is long enough for. */
#define DRB_TOEPLITZ_MAX	(DRB_RSS_KEY_LEN - 4)

/*
 * The hash of len bytes, at most DRB_TOEPLITZ_MAX: for each bit of them that is
 * set, the 32 bits of the key that begin at its place, all xor'ed.
 */
static inline uint32_t drb_toeplitz(const uint8_t key[DRB_RSS_KEY_LEN],
				    const uint8_t *data, unsigned int len)
{
	uint32_t window = (uint32_t)key[0] << 24 | key[1] << 16 | key[2] << 8 |
			  key[3];
	uint32_t hash = 0;
	unsigned int i;
	int bit;

	for (i = 0; i < len; i++) {
		for (bit = 7; bit >= 0; bit--) {
			if (data[i] >> bit & 1)
				hash ^= window;
			window = window << 1 | (key[i + 4] >> bit & 1);
		}
	}
	return hash;
}

#endif /* DRB_TOEPLITZ_H */
