/* SPDX-License-Identifier: GPL-2.0 */
/*
 * start.S - what Xen wants to find in the image of a PVH guest, and where it
 * begins: in 32-bit protected mode, flat, without paging.
 */
	.macro	note, type, text, address=0
	.pushsection .note.Xen, "a", @note
	.balign	4
	.long	4, 2f - 1f, \type
	.asciz	"Xen"
1:
	.ifnb	\text
	.asciz	"\text"
	.else
	.long	\address
	.endif
2:	.balign	4
	.popsection
	.endm

	note	6, compat32			/* GUEST_OS */
	note	5, xen-3.0			/* XEN_VERSION */
	note	8, generic			/* LOADER */
	note	18, , start			/* PHYS32_ENTRY */

	.text
	.globl	start
start:
	cld
	movl	$stack_end, %esp
	pushl	%ebx				/* struct hvm_start_info */
	call	compat32
1:	hlt
	jmp	1b

	.bss
	.balign	16
	.skip	16384
stack_end:

	.section .note.GNU-stack, "", @progbits
