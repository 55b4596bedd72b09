// SPDX-License-Identifier: GPL-2.0
/*
 * conditions.c - what a figure depends on, besides the drivers: read alike at
 * both ends.  Two runs are compared only if all of it is equal.
 */
#include <ctype.h>
#include <linux/ethtool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bench.h"
#include "command.h"
#include "netdev.h"
#include "out.h"
#include "pktgen.h"
#include "run.h"
#include "text.h"

/* The first line of a file, fit to be shown; false: there is none. */
static bool file_line(char *to, size_t size, const char *path)
{
	char line[TEXT_MAX] = "";
	FILE *f = fopen(path, "r");

	*to = '\0';
	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		*line = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	text_escape(to, size, line, strlen(line));
	return true;
}

static void add_file(json_object *o, const char *key, const char *path)
{
	char line[TEXT_MAX];

	if (file_line(line, sizeof(line), path))
		add_text(o, key, line);
}

/* What begins with the first digit, up to a blank: both tools say more. */
void tool_version(const char *program, char *to, size_t size)
{
	char *const argv[] = { (char *)program, "--version", NULL };
	char said[1024];
	size_t len, i = 0;

	*to = '\0';
	if (run_unprivileged(argv, 60, said, sizeof(said) - 1, &len) == RUN_ABSENT)
		return;
	said[len] = '\0';
	while (said[i] && !isdigit((unsigned char)said[i]))
		i++;
	text_escape(to, size, said + i, strcspn(said + i, "\n, "));
	if (!*to)
		text_format(to, size, "unknown");
}

static json_object *tools(void)
{
	static const char * const programs[] = { "iperf3", "sockperf" };
	json_object *o = json_object_new_object();
	char version[64];
	size_t i;

	add_text(o, "drb-bench", tool_build);
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		tool_version(programs[i], version, sizeof(version));
		add_text(o, programs[i], version);
	}
	add_text(o, "pktgen", pktgen_there() ? "there" : "");
	return o;
}

/*
 * What tells two builds of a module apart, whether or not it has a version: the
 * end of the note that the linker has made of its content.
 */
static void build_id(char *to, size_t size, const char *module)
{
	unsigned char note[64];
	size_t i, len = 0, used = 0;
	char path[128];
	FILE *f;

	*to = '\0';
	snprintf(path, sizeof(path), "/sys/module/%s/notes/.note.gnu.build-id",
		 module);
	f = fopen(path, "r");
	if (!f)
		return;
	len = fread(note, 1, sizeof(note), f);
	fclose(f);
	for (i = len < 8 ? 0 : len - 8; i < len; i++)
		used += snprintf(to + used, size - used, "%02x", note[i]);
}

/* Of the modules that are loaded. */
static json_object *drivers(void)
{
	static const char * const names[] = {
		"drb_core", "netfront_drb", "netback_drb", "xen_netfront",
		"xen_netback",
	};
	json_object *o = json_object_new_object();
	char path[128], version[TEXT_MAX], build[32], both[TEXT_MAX + 32];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "/sys/module/%s", names[i]);
		if (access(path, F_OK))
			continue;
		snprintf(path, sizeof(path), "/sys/module/%s/version", names[i]);
		file_line(version, sizeof(version), path);
		build_id(build, sizeof(build), names[i]);
		snprintf(both, sizeof(both), "%s%s%s", version,
			 *version && *build ? " " : "", build);
		add_text(o, names[i], *both ? both : "built in");
	}
	return o;
}

static void add_xen(json_object *o)
{
	char major[16], minor[16], extra[64], all[128];

	file_line(major, sizeof(major), "/sys/hypervisor/version/major");
	file_line(minor, sizeof(minor), "/sys/hypervisor/version/minor");
	file_line(extra, sizeof(extra), "/sys/hypervisor/version/extra");
	snprintf(all, sizeof(all), "%s.%s%s", major, minor, extra);
	add_text(o, "xen", *major ? all : "");
}

json_object *conditions_here(void)
{
	json_object *o = json_object_new_object();
	struct utsname name;

	uname(&name);
	add_text(o, "kernel", name.release);
	add_xen(o);
	add_number(o, "vcpus", sysconf(_SC_NPROCESSORS_ONLN));
	add_file(o, "idle_poll_us",
		 "/sys/module/drb_core/parameters/idle_poll_us");
	add_file(o, "idle_poll_backend_us",
		 "/sys/module/drb_core/parameters/idle_poll_backend_us");
	json_object_object_add(o, "drivers", drivers());
	json_object_object_add(o, "tools", tools());
	return o;
}

static void add_offloads(json_object *o, const char *dev)
{
	static const struct {
		const char *name;
		unsigned int ask;
	} all[] = {
		{ "rx-checksum", ETHTOOL_GRXCSUM },
		{ "tx-checksum", ETHTOOL_GTXCSUM },
		{ "scatter-gather", ETHTOOL_GSG },
		{ "tso", ETHTOOL_GTSO },
		{ "gso", ETHTOOL_GGSO },
		{ "gro", ETHTOOL_GGRO },
	};
	char text[128] = "";
	unsigned int value;
	size_t i, used = 0;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (netdev_value(dev, all[i].ask, &value) && value)
			used += snprintf(text + used, sizeof(text) - used,
					 "%s%s", used ? " " : "", all[i].name);
	add_text(o, "offloads", text);
}

static void add_coalescing(json_object *o, const char *dev)
{
	struct ethtool_coalesce c = { .cmd = ETHTOOL_GCOALESCE };
	char text[128];

	if (!netdev_ethtool(dev, &c))
		return;
	snprintf(text, sizeof(text), "adaptive-rx %s rx-usecs %u high %u rx-frames %u",
		 c.use_adaptive_rx_coalesce ? "on" : "off",
		 c.rx_coalesce_usecs, c.rx_coalesce_usecs_high,
		 c.rx_max_coalesced_frames);
	add_text(o, "coalescing", text);
}

json_object *conditions_device(const char *dev)
{
	static const char * const files[] = {
		"mtu", "threaded", "napi_defer_hard_irqs", "gro_flush_timeout",
	};
	json_object *o = json_object_new_object();
	struct netdev_shape shape;
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/%s", dev, files[i]);
		add_file(o, files[i], path);
	}
	if (netdev_shape(dev, &shape)) {
		add_number(o, "queues", shape.queues);
		add_number(o, "rx_ring", shape.rx_ring);
		add_number(o, "tx_ring", shape.tx_ring);
	}
	add_offloads(o, dev);
	add_coalescing(o, dev);
	return o;
}

bool mac_is_valid(const char *text)
{
	size_t i;

	if (strlen(text) != MAC_LEN - 1)
		return false;
	for (i = 0; i < MAC_LEN - 1; i++)
		if (i % 3 == 2 ? text[i] != ':' :
		    !isxdigit((unsigned char)text[i]))
			return false;
	/* The lowest bit of the first byte: an address of many. */
	return !(strtoul(text, NULL, 16) & 1);
}

bool device_mac(const char *dev, char to[MAC_LEN])
{
	char path[128], line[TEXT_MAX];

	snprintf(path, sizeof(path), "/sys/class/net/%s/address", dev);
	return file_line(line, sizeof(line), path) && mac_is_valid(line) &&
	       text_format(to, MAC_LEN, "%s", line);
}
