// SPDX-License-Identifier: GPL-2.0
/*
 * check_xen.c - what of the hypervisor matters to DRB: the I/O task table, and
 * what devices of a driver domain can reach.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "domain.h"
#include "table.h"
#include "xenctrl.h"

static void read_line(char *to, size_t size, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[64] = "";

	if (f && !fgets(line, sizeof(line), f))
		*line = '\0';
	if (f)
		fclose(f);
	line[strcspn(line, "\n")] = '\0';
	text_escape(to, size, line, strlen(line));
}

const char *xen_version(char *to, size_t size)
{
	char major[16], minor[16], extra[64];

	read_line(major, sizeof(major), "/sys/hypervisor/version/major");
	read_line(minor, sizeof(minor), "/sys/hypervisor/version/minor");
	read_line(extra, sizeof(extra), "/sys/hypervisor/version/extra");
	text_format(to, size, "%s.%s%s", major, minor, extra);
	return to;
}

/* Where Xen cannot be asked, guests know: they use the table if it is there. */
static void ask_guests(const struct host *host, const char *version, int err)
{
	bool grants = false;
	size_t i;

	for (i = 0; i < host->num; i++) {
		grants = grants || !strcmp(host->vifs[i].mode, "grants");
		if (strcmp(host->vifs[i].mode, "iotask"))
			continue;
		report("hypervisor", CHECK_OK, NULL,
		       "Xen %s: vif%u.%u is in mode iotask", version,
		       host->vifs[i].guest, host->vifs[i].handle);
		return;
	}
	report("hypervisor", CHECK_WARN,
	       err == -EPERM ? TABLE_UNRESTRICTED :
	       "modprobe xen-privcmd, and run drbctl as root",
	       "Xen %s: cannot be asked for the I/O task table%s", version,
	       grants ? ", and vifs are in mode grants" : "");
}

void check_hypervisor(const struct host *host)
{
	static const char what[] = "hypervisor";
	int err = table_state();
	char version[128];

	xen_version(version, sizeof(version));
	if (!err)
		report(what, CHECK_OK, NULL,
		       "Xen %s has the I/O task table: mode iotask", version);
	else if (err == -EOPNOTSUPP)
		report(what, CHECK_WARN,
		       "boot Xen with iotask=1 on its command line",
		       "Xen %s: the I/O task table is not enabled: mode grants",
		       version);
	else if (err == -ENOSYS)
		report(what, CHECK_WARN,
		       "install the patched hypervisor (make xen-deb in DRB's source)",
		       "Xen %s has no I/O task table: mode grants", version);
	else
		ask_guests(host, version, err);
}

/* Where Xen's log no longer says, its command line may. */
static bool strict_by_command_line(void)
{
	char line[1024], *word, *save;

	if (!xen_command_line(line, sizeof(line)))
		return false;
	for (word = strtok_r(line, " ", &save); word;
	     word = strtok_r(NULL, " ", &save))
		if (!strncmp(word, "dom0-iommu=", 11) && strstr(word, "strict") &&
		    !strstr(word, "no-strict"))
			return true;
	return false;
}

void check_iommu(const struct host *host)
{
	static const char what[] = "iommu";
	struct xenctrl_host xen;

	(void)host;
	if (!xenctrl_ask(&xen))
		report(what, CHECK_WARN,
		       "install libxenctrl of this Xen (xen-utils), and run drbctl as root",
		       "cannot ask Xen for an IOMMU");
	else if (!xen.iommu)
		report(what, CHECK_WARN,
		       "enable the IOMMU in the firmware's setup, and in Xen (iommu=on)",
		       "no IOMMU: a device of a driver domain reaches all memory by DMA");
	else if (xen.strict || strict_by_command_line())
		report(what, CHECK_OK, NULL,
		       "strict: devices reach no memory of other domains");
	else
		report(what, CHECK_WARN,
		       "boot Xen with dom0-iommu=strict on its command line",
		       "relaxed: a device of dom0 reaches guests' memory by DMA");
}

/* Against a privileged driver domain the table guards from mistakes only. */
void check_privilege(const struct host *host)
{
	static const char what[] = "driver domain";
	unsigned int self = domain_self();
	size_t i, served = 0;

	for (i = 0; i < host->num; i++)
		served += host->vifs[i].backend == self && host->vifs[i].wanted;
	if (!host->control)
		report(what, CHECK_OK, NULL,
		       "not privileged: the I/O task table binds it");
	else
		report(what, CHECK_WARN,
		       "serve vifs from a driver domain of its own (backend=NAME)",
		       "dom0 is privileged and reaches guests' memory anyway; it serves %zu DRB vifs",
		       served);
}
