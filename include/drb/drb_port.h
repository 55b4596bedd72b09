/* SPDX-License-Identifier: MIT */
/*
 * drb_port.h - what the ring algorithm needs from its surroundings, so that
 * one text of it is compiled into the kernel modules and into host programs.
 */
#ifndef DRB_PORT_H
#define DRB_PORT_H

#ifdef __KERNEL__

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <asm/barrier.h>

/* The peer is another domain: order accesses on uniprocessor kernels too. */
#define drb_load_acquire(p)	virt_load_acquire(p)
#define drb_store_release(p, v)	virt_store_release(p, v)
#define drb_mb()		virt_mb()

#else /* host programs */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))
#define drb_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define drb_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define drb_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define min(a, b)		((a) < (b) ? (a) : (b))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

#endif

#endif /* DRB_PORT_H */
