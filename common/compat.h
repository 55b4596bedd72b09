/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - the only place that knows kernel versions.
 */
#ifndef DRB_COMPAT_H
#define DRB_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "DRB needs Linux 6.1 or newer"
#endif

#ifndef CONFIG_64BIT
#error "DRB's counters and rings need a 64-bit kernel"
#endif

#endif /* DRB_COMPAT_H */
