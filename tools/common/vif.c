// SPDX-License-Identifier: GPL-2.0
/*
 * vif.c - one vif: what xenstore and this domain's kernel say of its ends.
 * The guest's directory is the guest's to write, the backend's the driver
 * domain's: what they say of themselves is theirs to say.
 */
#include <stdio.h>
#include <string.h>

#include <drb/drb_if.h>

#include "domain.h"
#include "store.h"
#include "table.h"
#include "vif.h"

#define CONNECTED 4

static const char *front(const struct vif *vif, const char *key)
{
	return store_path(FRONT_PATH "/%s", vif->guest, vif->handle, key);
}

static const char *back(const struct vif *vif, const char *key)
{
	return store_path(BACK_PATH "/%s", vif->backend, vif->guest,
			  vif->handle, key);
}

enum driver vif_own_driver(struct vif *vif, enum end end)
{
	char device[64], name[32];

	sysfs_device(device, sizeof(device), end, vif->guest, vif->handle);
	sysfs_driver(name, sizeof(name), end, device);
	if (sysfs_netdev(vif->dev, end, device)) {
		vif->has_dev = true;
		vif->dev_end = end;
	}
	if (!strcmp(name, "vif-drb"))
		return DRIVER_DRB;
	return *name ? DRIVER_STOCK : DRIVER_NONE;
}

/* This domain's end, from the kernel; true if the driver is known by that. */
static bool driver_here(struct vif *vif, enum end end, enum driver *driver)
{
	if (domain_self() != (end == END_BACK ? vif->backend : vif->guest))
		return false;
	*driver = vif_own_driver(vif, end);
	return true;
}

/* Elsewhere, from the keys that each driver writes before anything else. */
static enum driver front_by_keys(const struct vif *vif)
{
	if (store_exists(front(vif, "drb-version")))
		return DRIVER_DRB;
	if (store_exists(front(vif, "tx-ring-ref")) ||
	    store_exists(front(vif, "queue-0/tx-ring-ref")))
		return DRIVER_STOCK;
	return DRIVER_UNKNOWN;
}

static enum driver back_by_keys(const struct vif *vif)
{
	if (store_exists(back(vif, "drb-version")))
		return DRIVER_DRB;
	if (store_exists(back(vif, "feature-rx-copy")))
		return DRIVER_STOCK;
	return DRIVER_UNKNOWN;
}

static void read_drivers(struct vif *vif)
{
	unsigned long left;

	vif->front.here = driver_here(vif, END_FRONT, &vif->front.driver);
	if (!vif->front.here)
		vif->front.driver = front_by_keys(vif);
	vif->back.here = driver_here(vif, END_BACK, &vif->back.driver);
	if (!vif->back.here)
		vif->back.driver = back_by_keys(vif);
	vif->left = vif->back.driver != DRIVER_DRB &&
		    store_number(&left, 1, back(vif, "drb-handover")) && left;
}

/* Only a guest's DRB driver knows; it says so where we can read it. */
static void read_mode(struct vif *vif)
{
	char said[TEXT_MAX];

	if (vif->front.driver == DRIVER_STOCK) {
		strcpy(vif->mode, "stock");
		return;
	}
	if (vif->front.driver != DRIVER_DRB ||
	    !store_text(said, sizeof(said), front(vif, "drb-mode")))
		return;
	if (!strcmp(said, "iotask") || !strcmp(said, "grants"))
		strcpy(vif->mode, said);
}

static void read_queues(struct vif *vif)
{
	const unsigned long most = 1024;	/* of a stock driver's */
	unsigned long n;

	if (vif->front.driver == DRIVER_DRB) {
		if (store_number(&n, DRB_MAX_QUEUES, front(vif, "drb-queues")))
			vif->queues = n;
	} else if (vif->front.driver == DRIVER_STOCK) {
		vif->queues = 1;
		if (store_number(&n, most, front(vif, "multi-queue-num-queues")) && n)
			vif->queues = n;
	}
}

/* "bytes,microseconds" */
static void read_rate(struct vif *vif)
{
	char text[TEXT_MAX], *comma;

	if (!store_text(text, sizeof(text), back(vif, "rate")))
		return;
	comma = strchr(text, ',');
	if (!comma)
		return;
	*comma = '\0';
	if (!text_number(text, UINT64_MAX / 8000000, &vif->rate_bytes) ||
	    !text_number(comma + 1, UINT32_MAX, &vif->rate_usecs) ||
	    !vif->rate_usecs)
		vif->rate_bytes = 0;
}

static void read_states(struct vif *vif)
{
	unsigned long carrier;

	store_number(&vif->front.state, 8, front(vif, "state"));
	store_number(&vif->back.state, 8, back(vif, "state"));
	vif->revoked = !strcmp(vif->mode, "iotask") &&
		       table_all_revoked(vif->guest, vif->backend);
	vif->down = store_number(&carrier, 1, back(vif, "carrier")) && !carrier;
	store_text(vif->front.error, TEXT_MAX,
		   store_path("/local/domain/%u/error/device/vif/%u/error",
			      vif->guest, vif->handle));
	store_text(vif->back.error, TEXT_MAX,
		   store_path("/local/domain/%u/error/backend/vif/%u/%u/error",
			      vif->backend, vif->guest, vif->handle));
}

void vif_read(struct vif *vif)
{
	struct vif fresh = {
		.guest = vif->guest,
		.backend = vif->backend,
		.handle = vif->handle,
	};

	*vif = fresh;
	store_text(vif->script, sizeof(vif->script), back(vif, "script"));
	vif->wanted = !strcmp(text_base(vif->script), "vif-drb");
	read_drivers(vif);
	read_mode(vif);
	read_queues(vif);
	read_rate(vif);
	read_states(vif);
}
