/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mark.h - marks in a program's stream of instructions, for a profiler that
 * reads it (bench/profile/insns.c): a no-operation with a number in it.
 */
#ifndef DRB_MARK_H
#define DRB_MARK_H

/* nopl disp32(%rax) */
#define DRB_MARK_OPCODE	0x0f, 0x1f, 0x80
#define DRB_MARK_BEGIN	0x44524201
#define DRB_MARK_END	0x44524202

#define DRB_MARK_STRING_(...)	#__VA_ARGS__
#define DRB_MARK_STRING(...)	DRB_MARK_STRING_(__VA_ARGS__)

#define DRB_MARK(which)						\
	asm volatile(".byte " DRB_MARK_STRING(DRB_MARK_OPCODE)	\
		     "\n\t.long " DRB_MARK_STRING(which) : : : "memory")

#endif /* DRB_MARK_H */
