/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sysfs.h - this domain's ends of vifs, as its kernel has them.
 */
#ifndef DRB_TOOLS_SYSFS_H
#define DRB_TOOLS_SYSFS_H

#include <net/if.h>
#include <stdbool.h>

enum end { END_FRONT, END_BACK };

/* Name of a device on its bus: vif-D-H in a driver domain, vif-H in a guest. */
void sysfs_device(char *to, size_t size, enum end end, unsigned int guest,
		  unsigned int handle);

/* The driver that has it: "vif-drb", "vif", or empty. */
void sysfs_driver(char *to, size_t size, enum end end, const char *device);

/* Its network device; false: none. */
bool sysfs_netdev(char to[IFNAMSIZ], enum end end, const char *device);

/* The other way round: which vif is this network device an end of? */
bool sysfs_vif_of(const char *netdev, enum end *end, unsigned int *guest,
		  unsigned int *handle);

#endif
