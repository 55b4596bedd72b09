// SPDX-License-Identifier: GPL-2.0
/*
 * table.c - Xen's I/O task table, and the little else that is asked of Xen
 * itself, by hypercalls that are the same in all versions.
 */
#include <errno.h>
#include <string.h>
#include <xencall.h>
#include <xen/grant_table.h>
#include <xen/version.h>

#include "command.h"
#include "domain.h"
#include "quiet.h"
#include "table.h"
#include "text.h"

#define GRANTS_PER_FRAME (4096 / sizeof(grant_entry_v1_t))

static xencall_handle *xcall;

static int open_xen(void)
{
	if (xcall)
		return 0;
	errno = 0;
	xcall = xencall_open(&quiet_logger, XENCALL_OPENFLAG_NON_REENTRANT);
	if (xcall)
		return 0;
	/* The device that is not there is not what the caller asks about. */
	return errno == EACCES || errno == EPERM ? -EACCES : -ENODEV;
}

/* The argument goes by way of memory that Xen can read at any time. */
static int hypercall(unsigned int call, unsigned int cmd, void *arg,
		     size_t size, bool counted)
{
	int err = open_xen();
	void *buffer;

	if (err)
		return err;
	buffer = xencall_alloc_buffer(xcall, size);
	if (!buffer)
		return -ENOMEM;
	memcpy(buffer, arg, size);
	if (counted)
		err = xencall3(xcall, call, cmd, (uintptr_t)buffer, 1);
	else
		err = xencall2(xcall, call, cmd, (uintptr_t)buffer);
	if (err < 0)
		err = -errno;
	memcpy(arg, buffer, size);
	xencall_free_buffer(xcall, buffer);
	return err < 0 ? err : 0;
}

static int grant_op(unsigned int cmd, void *arg, size_t size)
{
	return hypercall(__HYPERVISOR_grant_table_op, cmd, arg, size, true);
}

int table_state(void)
{
	struct xen_iotask_policy op = { .dom = DOMID_SELF };

	return grant_op(GNTTABOP_iotask_policy, &op, sizeof(op));
}

const char *table_trouble(int err)
{
	switch (-err) {
	case ENOSYS:
		return "no I/O task table in this Xen: mode grants; see drb(7)";
	case EOPNOTSUPP:
		return "the I/O task table is off: mode grants; boot Xen with iotask=1";
	case EACCES:
		return "/dev/xen/privcmd cannot be opened; run this as root";
	case ENODEV:
		return "no /dev/xen/privcmd: no Xen domain, or modprobe xen-privcmd";
	case EPERM:
		return "this domain may not do that; it is for dom0";
	case ESRCH:
		return "there is no such domain, or a driver domain that was named is gone";
	case ENOENT:
		return "there is no such task; see drbctl tasks";
	case EINVAL:
		return "Xen does not take this; see drbctl policy --help for the limits";
	}
	return strerror(-err);
}

/*
 * What a program of an unprivileged domain asks of Xen Linux refuses by itself,
 * unless it is told not to.
 */
void table_need(void)
{
	int err = table_state();

	if (err == -EPERM && !domain_is_control())
		die(EXIT_PERM, "Linux lets no program of a domU ask Xen: %s",
		    TABLE_UNRESTRICTED);
	if (err)
		die(exit_code_of(-err), "%s", table_trouble(err));
}

int table_query(unsigned int dom, struct xen_iotask_query *op)
{
	op->dom = dom;
	op->pad = 0;
	return grant_op(GNTTABOP_iotask_query, op, sizeof(*op));
}

int table_revoke(unsigned int dom, uint32_t id)
{
	struct xen_iotask_op op = { .dom = dom, .id = id };

	return grant_op(GNTTABOP_iotask_revoke, &op, sizeof(op));
}

int table_policy(unsigned int dom, struct xen_iotask_policy *op)
{
	op->dom = dom;
	return grant_op(GNTTABOP_iotask_policy, op, sizeof(*op));
}

bool table_all_revoked(unsigned int dom, unsigned int driver)
{
	struct xen_iotask_query op = { 0 };
	unsigned int i, num = 0;
	int err = 0;

	for (i = 0; i < XEN_IOTASK_MAX_TASKS; i++, op.index++) {
		err = table_query(dom, &op);
		if (err)
			break;
		if (op.driver != driver)
			continue;
		if (op.state == XEN_IOTASK_STATE_active)
			return false;
		num++;
	}
	return num && (!err || err == -ENOENT);
}

int grant_size(unsigned int dom, unsigned int *entries, unsigned int *most)
{
	struct gnttab_query_size op = { .dom = dom };
	int err = grant_op(GNTTABOP_query_size, &op, sizeof(op));

	if (!err && op.status)
		err = op.status == GNTST_permission_denied ? -EPERM : -ESRCH;
	if (err)
		return err;
	*entries = op.nr_frames * GRANTS_PER_FRAME;
	*most = op.max_nr_frames * GRANTS_PER_FRAME;
	return 0;
}

bool xen_command_line(char *to, size_t size)
{
	xen_commandline_t line = "";

	if (hypercall(__HYPERVISOR_xen_version, XENVER_commandline, line,
		      sizeof(line), false))
		return false;
	line[sizeof(line) - 1] = '\0';
	text_escape(to, size, line, strlen(line));
	return strcmp(line, "<denied>");
}
