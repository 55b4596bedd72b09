/* SPDX-License-Identifier: MIT */
/*
 * What Xen's public headers call xen.h, for iotask.h, which is kept the same
 * here and in the hypervisor's include/public.
 */
#ifndef DRB_XEN_H
#define DRB_XEN_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <xen/interface/xen.h>
#else
#include <stdint.h>
#include <xen/xen.h>
#endif

#endif /* DRB_XEN_H */
