// SPDX-License-Identifier: GPL-2.0
/*
 * check_modules.c - is DRB's driver installed, loaded, and asked before the
 * stock one, which refuses nothing?
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check.h"

struct names {
	const char *drb, *stock;	/* as modprobe has them */
	const char *drb_loaded, *stock_loaded;	/* as the kernel has them */
	const char *bus;
	const char *rule;
	const char *reload;
	const char *built_in;
	bool rebound;		/* the stock driver's vifs can be taken from it at boot */
};

static const struct names names_of[] = {
	[END_FRONT] = {
		"netfront-drb", "xen-netfront", "netfront_drb", "xen_netfront",
		"xen", "softdep xen-netfront pre: netfront-drb",
		"run /usr/lib/drb/drb-rebind, and update-initramfs -u for the next boot",
		"enable drb-rebind.service, which gives netfront-drb its vifs at boot",
		true,
	},
	[END_BACK] = {
		"netback-drb", "xen-netback", "netback_drb", "xen_netback",
		"xen-backend", "softdep xen-netback pre: netback-drb",
		"modprobe -r xen-netback; modprobe netback-drb; modprobe xen-netback",
		"bind each vif: /sys/bus/xen-backend/drivers/vif/unbind, .../vif-drb/bind",
		false,
	},
};

/* Does the file have a line with this in it? */
static bool file_has(const char *path, const char *text)
{
	FILE *f = fopen(path, "r");
	bool found = false;
	char line[4096];

	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = *line != '#' && strstr(line, text);
	fclose(f);
	return found;
}

static bool installed(const char *module)
{
	char path[PATH_MAX], file[64];
	struct utsname kernel;

	if (uname(&kernel))
		return false;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep",
		 kernel.release);
	snprintf(file, sizeof(file), "/%s.ko", module);
	return file_has(path, file);
}

/* The line a module has in /proc/modules: the one loaded last has the first. */
static int position(const char *module)
{
	FILE *f = fopen("/proc/modules", "r");
	char line[4096];
	size_t len = strlen(module);
	int at = 0, found = -1;

	if (!f)
		return -1;
	while (found < 0 && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, module, len) && line[len] == ' ')
			found = at;
		at++;
	}
	fclose(f);
	return found;
}

static bool registered(const struct names *n, const char *driver)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/%s/drivers/%s", n->bus, driver);
	return !access(path, F_OK);
}

static bool directory_has(const char *dir, const char *text)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *d = opendir(dir);

	if (!d)
		return false;
	while (!found && (entry = readdir(d))) {
		size_t len = strlen(entry->d_name);

		if (len < 5 || strcmp(entry->d_name + len - 5, ".conf"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		found = file_has(path, text);
	}
	closedir(d);
	return found;
}

/* Where modprobe finds the rule that loads DRB's driver first; NULL: nowhere. */
static const char *rule_in(const struct names *n)
{
	static const char * const dirs[] = {
		"/etc/modprobe.d", "/run/modprobe.d", "/usr/lib/modprobe.d",
		"/lib/modprobe.d",
	};
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (directory_has(dirs[i], n->rule))
			return dirs[i];
	return NULL;
}

/*
 * False: there is nothing to be said about order. A guest need not have DRB, and
 * neither need a driver domain that nobody asks for it.
 */
static bool check_loaded(const struct host *host, enum end end)
{
	const struct names *n = &names_of[end];
	char mend[128];

	if (registered(n, "vif-drb")) {
		report(n->drb, CHECK_OK, NULL, "loaded");
		return true;
	}
	if (installed(n->drb) && !registered(n, "vif") && rule_in(n)) {
		/* As a host is before its first guest. */
		report(n->drb, CHECK_OK, NULL,
		       "installed, and loaded when %s is", n->stock);
	} else if (installed(n->drb)) {
		snprintf(mend, sizeof(mend), "modprobe %s, before %s", n->drb,
			 n->stock);
		report(n->drb, CHECK_FAIL, mend, "installed, but not loaded");
	} else {
		report(n->drb,
		       end == END_FRONT || unasked(host, end) ? CHECK_WARN :
		       CHECK_FAIL,
		       "install the headers of this kernel and the package drb-dkms",
		       "not installed for this kernel");
	}
	return false;
}

/* True: it has what it is to have, though the other driver was first. */
static bool rebound(const struct host *host, enum end end)
{
	struct tally t = tally(host, end);

	return names_of[end].rebound && t.served && t.served == t.wanted;
}

static void check_order(const struct host *host, enum end end)
{
	const struct names *n = &names_of[end];
	int drb = position(n->drb_loaded), stock = position(n->stock_loaded);

	if (!registered(n, "vif"))
		report("order", CHECK_OK, NULL, "%s is not loaded", n->stock);
	else if ((stock < 0 || stock > drb) && rebound(host, end))
		report("order", CHECK_WARN,
		       "run /usr/lib/drb/drb-rebind when a vif is attached later",
		       "%s was first, and %s has its vifs all the same",
		       n->stock, n->drb);
	else if (stock < 0)
		report("order", CHECK_FAIL,
		       n->built_in,
		       "%s is built into the kernel and asked before %s",
		       n->stock, n->drb);
	else if (stock > drb)
		report("order", CHECK_FAIL, n->reload,
		       "%s was loaded before %s and takes every vif", n->stock,
		       n->drb);
	else
		report("order", CHECK_OK, NULL, "%s is asked before %s",
		       n->drb, n->stock);
}

static void check_next_boot(const struct names *n)
{
	const char *dir = rule_in(n);
	char mend[128];

	snprintf(mend, sizeof(mend), "write \"%s\" to /etc/modprobe.d/drb.conf",
		 n->rule);
	if (dir)
		report("next boot", CHECK_OK, NULL,
		       "%s has the rule that loads %s first", dir, n->drb);
	else
		report("next boot", CHECK_WARN, mend,
		       "no rule of modprobe loads %s before %s", n->drb,
		       n->stock);
}

void check_modules(const struct host *host, enum end end)
{
	if (check_loaded(host, end))
		check_order(host, end);
	check_next_boot(&names_of[end]);
}
