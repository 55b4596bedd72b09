/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DRB_TOOLS_QUIET_H
#define DRB_TOOLS_QUIET_H

#include <xentoollog.h>

/* For Xen's libraries, which would print lines of their own beside ours. */
extern xentoollog_logger quiet_logger;

#endif
