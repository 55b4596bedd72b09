/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hostile_port.h - lets a hostile peer act before each access of the ring to
 * shared memory and in the middle of each copy, and has each access checked.
 * Included ahead of drb_ring.h, whose text stays as it is.
 */
#ifndef DRB_TEST_HOSTILE_PORT_H
#define DRB_TEST_HOSTILE_PORT_H

#include <stdint.h>

#include "drb/drb_port.h"

/* The ring is about to access len bytes at p, which may be shared. */
void hostile_touch(const volatile void *p, size_t len);
void hostile_copy(void *to, const void *from, size_t len);

#undef READ_ONCE
#undef WRITE_ONCE
#undef drb_load_acquire
#undef drb_store_release
#undef drb_mb
#define drb_load_acquire(p) \
	({ \
		__typeof__(p) at_ = (p); \
		hostile_touch(at_, sizeof(*at_)); \
		*(const volatile __typeof__(*at_) *)at_; \
	})
#define drb_store_release(p, v) \
	({ \
		__typeof__(p) at_ = (p); \
		hostile_touch(at_, sizeof(*at_)); \
		*(volatile __typeof__(*at_) *)at_ = (v); \
	})
#define READ_ONCE(x)		drb_load_acquire(&(x))
#define WRITE_ONCE(x, v)	drb_store_release(&(x), v)
#define drb_mb()		hostile_touch(NULL, 0)
#define memcpy(to, from, len)	hostile_copy(to, from, len)

#endif /* DRB_TEST_HOSTILE_PORT_H */
