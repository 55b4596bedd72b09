/* SPDX-License-Identifier: GPL-2.0 */
/*
 * step_port.h - the ring's accesses to shared memory as steps that a test
 * schedules.  Included ahead of drb_ring.h, whose text stays as it is.
 */
#ifndef DRB_TEST_STEP_PORT_H
#define DRB_TEST_STEP_PORT_H

#include <stdint.h>

#include "drb/drb_port.h"

uint32_t step_load(const uint32_t *p);
void step_store(uint32_t *p, uint32_t v);
void step_barrier(void);

#undef drb_load_acquire
#undef drb_store_release
#undef drb_mb
#undef WRITE_ONCE
#define drb_load_acquire(p)	step_load(p)
#define drb_store_release(p, v)	step_store(p, v)
#define drb_mb()		step_barrier()
#define WRITE_ONCE(x, v)	step_store(&(x), v)

/* Record headers are 64-bit words and take no part in a handshake. */
#undef READ_ONCE
#define READ_ONCE(x) \
	({ \
		const volatile __typeof__(x) *at_ = &(x); \
		sizeof(*at_) == sizeof(uint32_t) ? \
			step_load((const void *)at_) : *at_; \
	})

#endif /* DRB_TEST_STEP_PORT_H */
