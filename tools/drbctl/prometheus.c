// SPDX-License-Identifier: GPL-2.0
/*
 * prometheus.c - counters in Prometheus' text format: a family at a time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "domain.h"
#include "prometheus.h"
#include "table.h"

#define FAMILIES_MAX 64

static void family(const char *name, const char *type, const char *help)
{
	printf("# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* What is not printable ASCII is gone already (text_escape()). */
static void label(const char *key, const char *value, const char *before)
{
	printf("%s%s=\"", before, key);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			putchar('\\');
		putchar(*value);
	}
	putchar('"');
}

static void name_label(const char *key, unsigned int id, const char *before)
{
	char name[TEXT_MAX];

	domain_name(id, name, sizeof(name));
	label(key, name, before);
}

static void guest_labels(unsigned int id, const char *before)
{
	name_label("guest", id, before);
	printf(",guest_id=\"%u\"", id);
}

/*
 * NAME{vif="vifD.H",driver_domain_id="B": a driver domain can make a directory of
 * a vif that another one serves, and no two series may have the same labels.
 */
static void begin(const char *name, const struct vif *vif)
{
	printf("%s{vif=\"vif%u.%u\",driver_domain_id=\"%u\"", name, vif->guest,
	       vif->handle, vif->backend);
}

static void infos(const struct gathered *all, size_t num)
{
	char device[TEXT_MAX];
	size_t i;

	family("drb_vif_info", "gauge", "Ends and mode of a vif.");
	for (i = 0; i < num; i++) {
		const struct vif *vif = &all[i].vif;

		begin("drb_vif_info", vif);
		guest_labels(vif->guest, ",");
		name_label("driver_domain", vif->backend, ",");
		label("mode", vif->mode, ",");
		/* The kernel lets all bytes but a few be in a name. */
		text_escape(device, sizeof(device), vif->dev, strlen(vif->dev));
		label("device", device, ",");
		puts("} 1");
	}
}

static unsigned long connected(const struct gathered *g)
{
	char state[64];

	return !strcmp(vif_state(&g->vif, state, sizeof(state)), "connected");
}

static unsigned long num_queues(const struct gathered *g)
{
	return g->vif.queues;
}

static unsigned long wanted(const struct gathered *g)
{
	return g->vif.wanted;
}

static unsigned long served(const struct gathered *g)
{
	return g->vif.back.driver == DRIVER_DRB &&
	       g->vif.front.driver == DRIVER_DRB;
}

/* Neither this nor the one above while an end has no driver yet. */
static unsigned long stock(const struct gathered *g)
{
	return g->vif.back.driver == DRIVER_STOCK ||
	       g->vif.front.driver == DRIVER_STOCK;
}

static unsigned long counted(const struct gathered *g)
{
	return g->counted;
}

/* What there is of each vif, whether this domain is an end of it or not. */
static void gauges(const struct gathered *all, size_t num)
{
	static const struct {
		const char *name, *help;
		unsigned long (*value)(const struct gathered *g);
	} families[] = {
		{ "drb_vif_connected", "1 if both ends are connected and up.",
		  connected },
		{ "drb_vif_queues", "Queues in use, 0 if that is not known.",
		  num_queues },
		{ "drb_vif_wanted",
		  "1 if the toolstack's keys ask for DRB: the script is vif-drb.",
		  wanted },
		{ "drb_vif_served", "1 if DRB's drivers have both ends.", served },
		{ "drb_vif_stock", "1 if a stock driver has an end.", stock },
		{ "drb_vif_counted",
		  "1 if this domain has a network device of it, and so its counters.",
		  counted },
	};
	size_t i, n;

	for (n = 0; n < sizeof(families) / sizeof(families[0]); n++) {
		family(families[n].name, "gauge", families[n].help);
		for (i = 0; i < num; i++) {
			begin(families[n].name, &all[i].vif);
			printf("} %lu\n", families[n].value(&all[i]));
		}
	}
}

/* The text is for drbctl list: as a label it would be a new series each time. */
static void errors(const struct gathered *all, size_t num)
{
	size_t i;

	family("drb_vif_error", "gauge", "1 if the end has left an error in xenstore.");
	for (i = 0; i < num; i++) {
		begin("drb_vif_error", &all[i].vif);
		printf(",end=\"backend\"} %d\n", !!*all[i].vif.back.error);
		begin("drb_vif_error", &all[i].vif);
		printf(",end=\"guest\"} %d\n", !!*all[i].vif.front.error);
	}
}

static uint64_t traffic_value(const struct traffic *t, int which)
{
	const uint64_t values[] = { t->packets, t->bytes, t->errors, t->dropped };

	return values[which];
}

static void traffic(const struct gathered *all, size_t num)
{
	static const char * const names[] = {
		"drb_vif_packets_total", "drb_vif_bytes_total",
		"drb_vif_errors_total", "drb_vif_dropped_total",
	};
	size_t i;
	int n;

	for (n = 0; n < 4; n++) {
		family(names[n], "counter", "As the network device counts them.");
		for (i = 0; i < num; i++) {
			if (!all[i].counted)
				continue;
			begin(names[n], &all[i].vif);
			printf(",direction=\"to_guest\"} %" PRIu64 "\n",
			       traffic_value(&all[i].counts.to_guest, n));
			begin(names[n], &all[i].vif);
			printf(",direction=\"from_guest\"} %" PRIu64 "\n",
			       traffic_value(&all[i].counts.from_guest, n));
		}
	}
}

/* Which counters of queues there are, whatever version the driver is of. */
static size_t queue_families(const struct gathered *all, size_t num,
			     const char **names)
{
	size_t i, k, n = 0;
	unsigned int j, queue;
	const char *what;

	for (i = 0; i < num; i++)
		for (j = 0; j < all[i].num_stats; j++) {
			if (!queue_stat(all[i].stats[j].name, &queue, &what))
				continue;
			for (k = 0; k < n && strcmp(names[k], what); k++)
				;
			if (k == n && n < FAMILIES_MAX)
				names[n++] = what;
		}
	return n;
}

static void queue_values(const struct gathered *g, const char *name,
			 const char *wanted)
{
	unsigned int j, queue;
	const char *what;

	for (j = 0; j < g->num_stats; j++)
		if (queue_stat(g->stats[j].name, &queue, &what) &&
		    !strcmp(what, wanted)) {
			begin(name, &g->vif);
			printf(",queue=\"%u\"} %" PRIu64 "\n", queue,
			       g->stats[j].value);
		}
}

static void queues(const struct gathered *all, size_t num)
{
	const char *names[FAMILIES_MAX];
	size_t i, n, families = queue_families(all, num, names);
	char name[64];

	for (n = 0; n < families; n++) {
		snprintf(name, sizeof(name), "drb_queue_%s_total", names[n]);
		family(name, "counter", "As ethtool -S has it.");
		for (i = 0; i < num; i++)
			queue_values(&all[i], name, names[n]);
	}
}

static uint64_t policy_value(const struct xen_iotask_policy *op, int which)
{
	const uint64_t values[] = { op->tasks, op->refs, op->max_tasks,
				    op->max_refs, op->denied, op->revoked };

	return values[which];
}

static void iotasks(void)
{
	static const struct {
		const char *name, *type, *help;
	} families[] = {
		{ "drb_iotask_tasks", "gauge", "I/O tasks of a guest." },
		{ "drb_iotask_refs", "gauge", "Grant references in them." },
		{ "drb_iotask_max_tasks", "gauge", "Tasks it may have." },
		{ "drb_iotask_max_refs", "gauge", "References it may have." },
		{ "drb_iotask_denied_total", "counter", "Attempts refused." },
		{ "drb_iotask_revoked_total", "counter", "Tasks revoked." },
	};
	static unsigned int ids[DOMAINS_MAX];
	size_t i, num = domain_list(ids, DOMAINS_MAX);
	struct xen_iotask_policy op;
	int n;

	for (n = 0; n < 6; n++) {
		family(families[n].name, families[n].type, families[n].help);
		for (i = 0; i < num; i++) {
			memset(&op, 0, sizeof(op));
			if (table_policy(ids[i], &op))
				continue;
			printf("%s{", families[n].name);
			guest_labels(ids[i], "");
			printf("} %" PRIu64 "\n", policy_value(&op, n));
		}
	}
}

void prometheus(const struct gathered *all, size_t num)
{
	/* Always there, so that no vifs are not taken for no data. */
	family("drb_tools_info", "gauge", "Version of the drbctl that says all this.");
	printf("drb_tools_info{version=\"%s\"} 1\n", tool_build);
	infos(all, num);
	gauges(all, num);
	errors(all, num);
	traffic(all, num);
	queues(all, num);
	if (!table_state())
		iotasks();
}
