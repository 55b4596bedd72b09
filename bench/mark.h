/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mark.h - marks in a program's stream of instructions, for a profiler that
 * reads it (bench/profile/insns.c): a no-operation with a number in it.
 */
#ifndef DRB_MARK_H
#define DRB_MARK_H

#include <stdint.h>

/* "nopl NUMBER(%rax)": 0f 1f 80, then the number in four bytes. */
#define DRB_MARK_OPCODE	0x801f0fu
#define DRB_MARK_BYTES	3
#define DRB_MARK_BEGIN	0x44524201u
#define DRB_MARK_END	0x44524202u

static inline __attribute__((always_inline)) void drb_mark(const uint32_t which)
{
	asm volatile("nopl %c0(%%rax)" : : "i" (which) : "memory");
}

#endif /* DRB_MARK_H */
