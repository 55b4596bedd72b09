// SPDX-License-Identifier: GPL-2.0
/*
 * sysfs.c - this domain's ends of vifs, as its kernel has them.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "domain.h"
#include "sysfs.h"
#include "text.h"

static const char *bus_of(enum end end)
{
	return end == END_BACK ? "xen-backend" : "xen";
}

void sysfs_device(char *to, size_t size, enum end end, unsigned int guest,
		  unsigned int handle)
{
	if (end == END_BACK)
		snprintf(to, size, "vif-%u-%u", guest, handle);
	else
		snprintf(to, size, "vif-%u", handle);
}

/* Where a link leads, its last part; false: there is none. */
static bool link_base(char *to, size_t size, const char *path)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);

	*to = '\0';
	if (len < 0)
		return false;
	target[len] = '\0';
	return text_format(to, size, "%s", text_base(target));
}

void sysfs_driver(char *to, size_t size, enum end end, const char *device)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s/driver",
		 bus_of(end), device);
	link_base(to, size, path);
}

bool sysfs_netdev(char to[IFNAMSIZ], enum end end, const char *device)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	*to = '\0';
	snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s/net", bus_of(end),
		 device);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir)))
		found = entry->d_name[0] != '.' &&
			text_format(to, IFNAMSIZ, "%s", entry->d_name);
	closedir(dir);
	return found;
}

/* "vif-D-H" or "vif-H" taken apart. */
static bool parse_device(const char *name, enum end end, unsigned int *guest,
			 unsigned int *handle)
{
	char copy[64], *dash;
	unsigned long d = 0, h;

	if (strncmp(name, "vif-", 4) ||
	    !text_format(copy, sizeof(copy), "%s", name + 4))
		return false;
	if (end == END_FRONT) {
		if (!text_canonical(copy, UINT_MAX, &h))
			return false;
		*guest = domain_self();
		*handle = h;
		return true;
	}
	dash = strchr(copy, '-');
	if (!dash)
		return false;
	*dash = '\0';
	if (!text_canonical(copy, DOMAIN_LAST, &d) ||
	    !text_canonical(dash + 1, UINT_MAX, &h))
		return false;
	*guest = d;
	*handle = h;
	return true;
}

bool sysfs_vif_of(const char *netdev, enum end *end, unsigned int *guest,
		  unsigned int *handle)
{
	char path[PATH_MAX], bus[32], device[64];

	if (strchr(netdev, '/') || strlen(netdev) >= IFNAMSIZ)
		return false;
	snprintf(path, sizeof(path), "/sys/class/net/%s/device/subsystem",
		 netdev);
	if (!link_base(bus, sizeof(bus), path))
		return false;
	*end = strcmp(bus, "xen-backend") ? END_FRONT : END_BACK;
	if (*end == END_FRONT && strcmp(bus, "xen"))
		return false;
	snprintf(path, sizeof(path), "/sys/class/net/%s/device", netdev);
	return link_base(device, sizeof(device), path) &&
	       parse_device(device, *end, guest, handle);
}
