/* SPDX-License-Identifier: GPL-2.0 */
/*
 * relaxed_port.h - the ring's plain shared accesses as relaxed atomics.
 *
 * ThreadSanitizer takes a volatile access for a plain one and would report
 * the event indices, whose order the full barriers settle, as races.  (It
 * does not model the fences themselves; what they are for is checked by
 * ring_handshake.)  Included ahead of drb_ring.h, whose text stays as it is.
 */
#ifndef DRB_TEST_RELAXED_PORT_H
#define DRB_TEST_RELAXED_PORT_H

#include <stdint.h>

#include "drb/drb_port.h"

#undef READ_ONCE
#undef WRITE_ONCE
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELAXED)

#endif /* DRB_TEST_RELAXED_PORT_H */
