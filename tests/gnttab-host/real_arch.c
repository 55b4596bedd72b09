// SPDX-License-Identifier: GPL-2.0
/*
 * real_arch.c - Xen's arch/x86/pv/grant_table.c and arch/x86/hvm/grant_table.c.
 */
#include "port.h"
#include "pv_mm.h"
#include "pv_grant_table.c"
#include "hvm_grant_table.c"
