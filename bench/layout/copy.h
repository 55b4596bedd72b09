/* SPDX-License-Identifier: GPL-2.0 */
/*
 * copy.h - how the layouts copy.  Included ahead of them.
 *
 * The kernel's memcpy() on processors that have fast string moves is one
 * "rep movsb" for any length; the C library's is chosen by length and takes
 * vector registers up to several KiB, so that one long copy and the same
 * copy page by page would not be moved in the same way.  COPY_KERNEL copies
 * as the drivers do; without it, it is the library's business.
 */
#ifndef DRB_BENCH_COPY_H
#define DRB_BENCH_COPY_H

#include "drb/drb_port.h"

#if defined(COPY_KERNEL) && defined(__x86_64__)
#define COPY_NAME	"rep movsb"

/* Of a length known when compiling the kernel makes moves, as here. */
__attribute__((always_inline))
static inline void *kernel_copy(void *to, const void *from, size_t len)
{
	void *ret = to;

	if (__builtin_constant_p(len))
		return __builtin_memcpy(to, from, len);
	asm volatile("rep movsb" : "+D" (to), "+S" (from), "+c" (len)
		     : : "memory");
	return ret;
}

#define memcpy	kernel_copy
#else
#define COPY_NAME	"C library"
#endif

#endif /* DRB_BENCH_COPY_H */
