/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DRBCTL_PROMETHEUS_H
#define DRBCTL_PROMETHEUS_H

#include "gather.h"

/* Print counters of vifs, and the I/O task table's, as Prometheus reads them. */
void prometheus(const struct gathered *all, size_t num);

#endif
