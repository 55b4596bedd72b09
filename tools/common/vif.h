/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vif.h - vifs, and what can be told of them from here.
 */
#ifndef DRB_TOOLS_VIF_H
#define DRB_TOOLS_VIF_H

#include <json-c/json.h>
#include <net/if.h>
#include <stdbool.h>

#include "sysfs.h"
#include "text.h"

#define VIFS_MAX 8192u

enum driver { DRIVER_UNKNOWN, DRIVER_NONE, DRIVER_STOCK, DRIVER_DRB };

struct vif_end {
	bool here;		/* this domain is it */
	unsigned long state;	/* as xenbus numbers them; 0: unknown */
	enum driver driver;
	char error[TEXT_MAX];
};

struct vif {
	unsigned int guest, backend, handle;
	struct vif_end front, back;
	bool wanted;		/* script is vif-drb */
	bool left;		/* netback-drb has left it, as the guest had no DRB */
	char script[TEXT_MAX];
	char mode[8];		/* stock, grants, iotask, or empty: not yet */
	unsigned long queues;	/* 0: unknown */
	bool revoked;		/* Xen has taken back all that it had */
	bool down;		/* connected, but the backend's device is not up */
	unsigned long rate_bytes, rate_usecs;	/* 0: no limit */
	bool has_dev;		/* this domain has a network device of it: */
	char dev[IFNAMSIZ];
	enum end dev_end;
};

/* All that this domain can see, read anew; *vifs is to be freed. */
size_t vif_list(struct vif **vifs);

/* The one that the text names; the tool ends if there is none. */
void vif_need(struct vif *vif, const char *text);

/*
 * The driver of this domain's end, from the kernel, which sets the vif's device
 * as well.  The guest's number need not be known in the guest.
 */
enum driver vif_own_driver(struct vif *vif, enum end end);

/* Read anew what is known of the vif with these numbers. */
void vif_read(struct vif *vif);

/* The directories of its two ends in xenstore. */
#define FRONT_PATH "/local/domain/%u/device/vif/%u"
#define BACK_PATH "/local/domain/%u/backend/vif/%u/%u"

/* Beside the keys of the drivers: what drb-bench wants to be shown, a secret. */
#define BENCH_TOKEN_KEY "drb-bench-token"

const char *vif_state(const struct vif *vif, char *to, size_t size);
const char *vif_driver_name(const struct vif *vif, enum end end);
const char *vif_state_name(unsigned long state);

/* vifD.H, guest, driver domain, mode, queues, state, limit, errors. */
json_object *vif_describe(const struct vif *vif);
void add_domain(json_object *o, const char *key, unsigned int id);

#endif
