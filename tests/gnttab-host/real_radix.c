// SPDX-License-Identifier: GPL-2.0
/*
 * real_radix.c - Xen's common/radix-tree.c.
 */
#include "port.h"
#include "radix-tree.h"
#include "radix-tree.c"

/* Xen runs it as an initcall. */
void radix_begin(void);
void radix_begin(void)
{
#if RADIX_INIT
	radix_tree_init_maxindex();
#endif
}
