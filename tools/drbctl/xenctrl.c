// SPDX-License-Identifier: GPL-2.0
/*
 * xenctrl.c - questions for the toolstack's unstable library.  It is of one
 * version of Xen, so it is looked for when it is needed: drbctl itself runs on
 * all of them, and in domains that do not have it.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>

#include "quiet.h"
#include "xenctrl.h"

#define LOG_SIZE (1u << 20)

/* The structure grows from version to version; its beginning stays. */
union physinfo {
	xc_physinfo_t info;
	char room[4096];
};

struct library {
	void *handle;
	struct xc_interface_core *xch;
	struct xc_interface_core *(*open)(struct xentoollog_logger *log,
					  struct xentoollog_logger *dom_log,
					  unsigned int flags);
	int (*close)(struct xc_interface_core *xch);
	int (*physinfo)(struct xc_interface_core *xch, xc_physinfo_t *info);
	int (*read_log)(struct xc_interface_core *xch, char *buffer,
			unsigned int *len, int clear, int incremental,
			uint32_t *index);
};

static unsigned int minor_version(void)
{
	FILE *f = fopen("/sys/hypervisor/version/minor", "r");
	unsigned int minor = 0;

	if (f && fscanf(f, "%u", &minor) != 1)
		minor = 0;
	if (f)
		fclose(f);
	return minor;
}

static bool load(struct library *lib)
{
	char name[32];

	snprintf(name, sizeof(name), "libxenctrl.so.4.%u", minor_version());
	lib->handle = dlopen(name, RTLD_NOW);
	if (!lib->handle)
		return false;
	lib->open = dlsym(lib->handle, "xc_interface_open");
	lib->close = dlsym(lib->handle, "xc_interface_close");
	lib->physinfo = dlsym(lib->handle, "xc_physinfo");
	lib->read_log = dlsym(lib->handle, "xc_readconsolering");
	if (lib->open && lib->close && lib->physinfo && lib->read_log)
		lib->xch = lib->open(&quiet_logger, &quiet_logger, 0);
	if (lib->xch)
		return true;
	dlclose(lib->handle);
	return false;
}

static void unload(struct library *lib)
{
	lib->close(lib->xch);
	dlclose(lib->handle);
}

/* "Dom0 mode: Strict", as Xen says once while it boots. */
static bool log_says_strict(const struct library *lib)
{
	char *log = calloc(1, LOG_SIZE + 1);
	unsigned int len = LOG_SIZE;
	uint32_t index = 0;
	bool strict = false;

	if (log && !lib->read_log(lib->xch, log, &len, 0, 0, &index))
		strict = strstr(log, "Dom0 mode: Strict");
	free(log);
	return strict;
}

bool xenctrl_ask(struct xenctrl_host *host)
{
	struct library lib = { 0 };
	union physinfo phys = { 0 };
	bool known;

	memset(host, 0, sizeof(*host));
	if (!load(&lib))
		return false;
	known = !lib.physinfo(lib.xch, &phys.info);
	host->iommu = phys.info.capabilities & XEN_SYSCTL_PHYSCAP_directio;
	host->strict = known && log_says_strict(&lib);
	unload(&lib);
	return known;
}
