/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xenctrl.h - what only the toolstack's unstable library can ask Xen.
 */
#ifndef DRBCTL_XENCTRL_H
#define DRBCTL_XENCTRL_H

#include <stdbool.h>

struct xenctrl_host {
	bool iommu;	/* there is one, and Xen uses it */
	bool strict;	/* and Xen's log says that dom0 is bound by it */
};

/* False: no such library for this Xen, or not permitted. */
bool xenctrl_ask(struct xenctrl_host *host);

#endif
