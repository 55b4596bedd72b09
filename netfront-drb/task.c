// SPDX-License-Identifier: GPL-2.0
/*
 * task.c - tie the grants of a queue to the backend and to a direction each,
 * by means of Xen's I/O task table (drb/iotask.h), so that they can be taken
 * back whatever the backend does.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <asm/xen/hypercall.h>

#include "drb_front.h"

enum drbf_task_mode { DRBF_TASK_AUTO, DRBF_TASK_REQUIRED, DRBF_TASK_OFF };

static const char * const drbf_task_modes[] = { "auto", "required", "off" };
static int drbf_task_mode = DRBF_TASK_AUTO;

static int drbf_task_mode_set(const char *val, const struct kernel_param *kp)
{
	int mode = sysfs_match_string(drbf_task_modes, val);

	if (mode < 0)
		return mode;
	WRITE_ONCE(drbf_task_mode, mode);
	return 0;
}

static int drbf_task_mode_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n",
			  drbf_task_modes[READ_ONCE(drbf_task_mode)]);
}

static const struct kernel_param_ops drbf_task_mode_ops = {
	.set = drbf_task_mode_set,
	.get = drbf_task_mode_get,
};
module_param_cb(iotask, &drbf_task_mode_ops, NULL, 0644);
MODULE_PARM_DESC(iotask, "Xen's I/O task table: auto (where Xen has it), required (no vif without it) or off");

static unsigned int drbf_exempt[16];
static unsigned int drbf_num_exempt;
module_param_array_named(exempt, drbf_exempt, uint, &drbf_num_exempt, 0444);
MODULE_PARM_DESC(exempt, "Handles of vifs to which iotask=required does not apply");

/*
 * Must this vif not come up without tasks?  Then it is not left to another
 * driver either, whatever the backend's directory, which the driver domain
 * owns, says.
 */
bool drbf_task_required(struct xenbus_device *xdev)
{
	const char *handle = kbasename(xdev->nodename);
	unsigned int i, num;

	if (READ_ONCE(drbf_task_mode) != DRBF_TASK_REQUIRED)
		return false;
	if (kstrtouint(handle, 10, &num))
		return true;
	for (i = 0; i < drbf_num_exempt; i++)
		if (drbf_exempt[i] == num)
			return false;
	return true;
}

/* The references of the ring's pages that the backend may write, or not. */
static unsigned int drbf_task_refs(const struct drbf_ring *ring, bool write,
				   grant_ref_t *to)
{
	unsigned int i, n = 0;

	for (i = 0; i < ring->nr; i++)
		if (drbf_ring_writable(ring, i) == write)
			to[n++] = ring->ref[i];
	return n;
}

static int drbf_task_add(struct drbf_ring *ring, domid_t backend, bool write)
{
	struct {
		struct xen_iotask_register op;
		grant_ref_t refs[XEN_IOTASK_MAX_REFS];
	} *arg;
	int err;

	BUILD_BUG_ON(1 + DRB_MAX_RING_PAGES > XEN_IOTASK_MAX_REFS);
	arg = kzalloc(sizeof(*arg), GFP_KERNEL);
	if (!arg)
		return -ENOMEM;
	arg->op.driver = backend;
	arg->op.flags = write ? XEN_IOTASK_WRITE : 0;
	arg->op.nr_refs = drbf_task_refs(ring, write, arg->refs);
	err = HYPERVISOR_grant_table_op(GNTTABOP_iotask_register, arg, 1);
	if (!err)
		ring->task[ring->num_tasks++] = arg->op.id;
	kfree(arg);
	return err;
}

/*
 * Register a task per direction.  0: done, or not wanted; -EOPNOTSUPP: this
 * Xen has no I/O task table, or it is off; others: Xen refuses, and nothing is
 * registered.
 */
int drbf_tasks_register(struct drbf_ring *ring, domid_t backend)
{
	int err;

	if (READ_ONCE(drbf_task_mode) == DRBF_TASK_OFF)
		return 0;
	err = drbf_task_add(ring, backend, false);
	if (!err)
		err = drbf_task_add(ring, backend, true);
	if (err && ring->num_tasks) {
		/* Else it is still to be known what there is to be parked. */
		if (!drbf_tasks_revoke(ring))
			drbf_tasks_drop(ring);
	}
	return err == -ENOSYS ? -EOPNOTSUPP : err;
}

/* The toolstack may have done the same before. */
static int drbf_task_op(unsigned int cmd, u32 id)
{
	struct xen_iotask_op op = { .dom = DOMID_SELF, .id = id };
	int err = HYPERVISOR_grant_table_op(cmd, &op, 1);

	if (!err || err == -ENOENT)
		return 0;
	pr_err_ratelimited("drb: operation %#x on I/O task %u: %d\n", cmd, id, err);
	return err;
}

/*
 * Withdraw the ring from the backend, at once and without its help; the
 * grants cannot be used any more.  May be repeated.  An error means that it is
 * not withdrawn: the backend, or a device of its domain's, may still reach the
 * pages, until that domain is gone.
 */
int drbf_tasks_revoke(struct drbf_ring *ring)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ring->num_tasks; i++) {
		int err = drbf_task_op(GNTTABOP_iotask_revoke, ring->task[i]);

		if (err)
			ret = err;
	}
	return ret;
}

/* The grants are ordinary ones from here on, and should have been ended. */
void drbf_tasks_drop(struct drbf_ring *ring)
{
	unsigned int i;

	for (i = 0; i < ring->num_tasks; i++)
		drbf_task_op(GNTTABOP_iotask_drop, ring->task[i]);
	ring->num_tasks = 0;
}

/* This is another domain now, which has no tasks. */
void drbf_tasks_forget(struct drbf_vif *vif)
{
	unsigned int i;

	for (i = 0; i < vif->num_rings; i++)
		vif->rings[i].num_tasks = 0;
}
