// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_show.c - drbctl show: all there is to know of one vif.
 */
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "cmd.h"
#include "domain.h"
#include "gather.h"
#include "out.h"
#include "store.h"
#include "table.h"
#include "taskjson.h"
#include "rate.h"

/* What a directory of a vif's end may hold; a guest can write more. */
#define KEYS_MAX 64
#define DEPTH_MAX 2

static bool as_json;

static const struct opt opts[] = {
	OPTION_FLAG("json", 'j', "print JSON", &as_json),
	{ 0 }
};

static void add_key(json_object *o, const char *dir, const char *key, int depth);

/* A directory's keys; false: there are none, it is a value. */
static bool add_keys(json_object *o, const char *dir, int depth)
{
	unsigned int i, num;
	char **keys = xs_directory(store(), XBT_NULL, dir, &num);

	if (!keys)
		return false;
	for (i = 0; i < num && i < KEYS_MAX; i++)
		add_key(o, dir, keys[i], depth);
	if (num > KEYS_MAX)
		add_text(o, "...", "there are more");
	free(keys);
	return num;
}

static void add_key(json_object *o, const char *dir, const char *key, int depth)
{
	char path[256], name[TEXT_MAX], value[TEXT_MAX];
	json_object *sub;

	if (!text_format(path, sizeof(path), "%s/%s", dir, key))
		return;
	text_escape(name, sizeof(name), key, strlen(key));
	sub = json_object_new_object();
	if (depth < DEPTH_MAX && add_keys(sub, path, depth + 1)) {
		json_object_object_add(o, name, sub);
		return;
	}
	json_object_put(sub);
	store_text(value, sizeof(value), path);
	/* What is shown here may be sent to others. */
	if (!strcmp(key, BENCH_TOKEN_KEY))
		text_format(value, sizeof(value), "not shown");
	add_text(o, name, value);
}

static json_object *describe_keys(const char *path)
{
	json_object *o = json_object_new_object();
	char dir[256];

	text_format(dir, sizeof(dir), "%s", path);
	add_keys(o, dir, 0);
	return o;
}

static json_object *describe_end(const struct vif *vif, enum end end)
{
	const struct vif_end *e = end == END_BACK ? &vif->back : &vif->front;
	json_object *o = json_object_new_object();

	add_text(o, "driver", vif_driver_name(vif, end));
	add_text(o, "driver_known_from", e->here ? "kernel" : "xenstore");
	add_text(o, "state", vif_state_name(e->state));
	add_text(o, "error", e->error);
	json_object_object_add(o, "xenstore", describe_keys(end == END_BACK ?
		store_path(BACK_PATH, vif->backend, vif->guest, vif->handle) :
		store_path(FRONT_PATH, vif->guest, vif->handle)));
	return o;
}

/* "tx" and "rx" as the device has them; sizes as ethtool -g. */
static void add_shape(json_object *o, const struct vif *vif)
{
	struct netdev_shape shape;

	if (!netdev_shape(vif->dev, &shape))
		return;
	add_number(o, "queues", shape.queues);
	add_number(o, "max_queues", shape.max_queues);
	add_number(o, "rx_ring", shape.rx_ring);
	add_number(o, "tx_ring", shape.tx_ring);
	add_number(o, "max_ring", shape.max_ring);
}

static void add_device(json_object *o, const struct vif *vif)
{
	static struct stat_entry stats[STATS_MAX];
	json_object *dev = json_object_new_object();
	struct netdev_counts counts;

	add_text(dev, "name", vif->dev);
	add_text(dev, "end", vif->dev_end == END_BACK ? "backend" : "guest");
	add_shape(dev, vif);
	if (rate_sample(vif, &counts)) {
		traffic_add(dev, "to_guest", &counts.to_guest);
		traffic_add(dev, "from_guest", &counts.from_guest);
	}
	stats_add(dev, stats, netdev_stats(vif->dev, stats));
	json_object_object_add(o, "this_end", dev);
}

/* Xen does not tell which vif a task is of, only between which domains. */
static void add_tasks(json_object *o, const struct vif *vif)
{
	json_object *rows = json_object_new_array();
	json_object *sub = json_object_new_object();
	uint64_t refs = 0, mapped = 0, denied = 0;
	int err = tasks_describe(rows, vif->guest, vif->backend);
	size_t i, num = json_object_array_length(rows);

	for (i = 0; i < num; i++) {
		json_object *t = json_object_array_get_idx(rows, i);

		refs += json_object_get_uint64(json_object_object_get(t, "refs"));
		mapped += json_object_get_uint64(json_object_object_get(t, "mapped"));
		denied += json_object_get_uint64(json_object_object_get(t, "denied"));
	}
	if (err) {
		add_text(sub, "unknown", table_trouble(err));
	} else {
		add_number(sub, "tasks", num);
		add_number(sub, "refs", refs);
		add_number(sub, "mapped", mapped);
		add_number(sub, "denied", denied);
	}
	json_object_object_add(o, "tasks_between_these_domains", sub);
	json_object_put(rows);
}

static int run(int argc, char **argv)
{
	json_object *o;
	struct vif vif;

	(void)argc;
	vif_need(&vif, argv[0]);
	o = vif_describe(&vif);
	add_text(o, "script", vif.script);
	add_bool(o, "script_asks_for_drb", vif.wanted);
	add_tasks(o, &vif);
	json_object_object_add(o, "backend_end", describe_end(&vif, END_BACK));
	json_object_object_add(o, "guest_end", describe_end(&vif, END_FRONT));
	if (vif.has_dev)
		add_device(o, &vif);
	if (as_json)
		out_json(o);
	else
		out_lines(o);
	json_object_put(o);
	return EXIT_OK;
}

const struct command show_command = {
	.name = "show",
	.args = "VIF",
	.what = "show all that is known of one vif",
	.more = "Of an end in another domain it shows what xenstore says.\n",
	.opts = opts,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
