/* SPDX-License-Identifier: MIT */
/******************************************************************************
 * iotask.h
 *
 * I/O task table: who may map a domain's I/O buffers, how, and until when.
 *
 * An I/O task is a set of a domain's own grant references, and of the frames
 * they grant at that time, together with the one other domain (the driver
 * domain) that may map them and the direction in which it may use them.  While
 * a task exists, Xen admits a mapping of one of its references only
 *   - for that very driver domain (not for a later one of the same ID),
 *   - read-only, unless the task says XEN_IOTASK_WRITE,
 *   - as host mapping, one per reference,
 *   - while the reference grants the frame that it did when it was registered,
 *     and
 *   - while the task is active,
 * and refuses grant copy by them.  Through no other grant reference can the
 * frames be mapped or copied, nor can they be transferred or exchanged.
 *
 * The granting domain (or the toolstack) ends a task by revoking it.  When that
 * has returned 0, the driver domain can no longer read or write the frames, and
 * the granting domain may write to them what it likes.  Mappings the driver
 * domain still has lead to a page of its own instead: to one reading as zero if
 * they were read-only, to a shared scratch page otherwise.  Unmapping them
 * afterwards succeeds.
 *
 * All operations are sub-operations of the grant table hypercall.  Their
 * argument is one structure, i.e. count must be 1.  Padding and undefined flags
 * must be zero.  The structures have the same layout for 32- and 64-bit guests.
 *
 * Errors common to all:
 *   -ENOSYS      Xen without I/O task table
 *   -EOPNOTSUPP  I/O task table not enabled on Xen's command line
 *   -EFAULT      argument not accessible
 *   -EINVAL      malformed argument
 *   -ESRCH       no such domain
 *   -EPERM       caller not permitted to act on this domain
 *   -ENOENT      no such task
 */

#ifndef __XEN_PUBLIC_IOTASK_H__
#define __XEN_PUBLIC_IOTASK_H__

#include "xen.h"

#define GNTTABOP_iotask_register   0xd00
#define GNTTABOP_iotask_revoke     0xd01
#define GNTTABOP_iotask_drop       0xd02
#define GNTTABOP_iotask_query      0xd03
#define GNTTABOP_iotask_policy     0xd04

/* Most references a task can have, and most tasks a domain can have. */
#define XEN_IOTASK_MAX_REFS        512U
#define XEN_IOTASK_MAX_TASKS       127U

/* The states of a task. */
#define XEN_IOTASK_STATE_active    1U
#define XEN_IOTASK_STATE_revoking  2U /* or revoking has failed, so far */
#define XEN_IOTASK_STATE_revoked   3U

/* Driver domains a policy can name. */
#define XEN_IOTASK_MAX_DRIVERS     8U

/*
 * GNTTABOP_iotask_register: Make grant references of the caller an I/O task.
 *
 * nr_refs grant references, of type uint32_t, follow the structure.  Each must
 * be a full page grant to driver of a page of the caller's.  Neither the
 * reference nor the page, by way of another reference, may currently be in
 * use, or belong to a task.
 *
 * Either all references become part of the task or, upon error, none:
 *   -EINVAL  also: a reference out of range, not granting to driver, or not
 *            granting a page of the caller's which is writable (PV)
 *   -EEXIST  a reference, or its page, belongs to a task already, or appears
 *            twice
 *   -EBUSY   a reference, or its page by way of another one, is in use
 *   -EAGAIN  a page is paged out or shared: try again
 *   -EACCES  the policy of the caller does not admit this driver domain
 *   -ENOSPC  the caller has as many tasks or references as it may have
 *   -ENOMEM  out of memory
 */
struct xen_iotask_register {
    /* IN */
    domid_t  driver;      /* the driver domain; neither the caller nor SELF */
    uint16_t flags;       /* XEN_IOTASK_* */
#define XEN_IOTASK_WRITE           (1U << 0) /* driver domain may write */
    uint32_t nr_refs;     /* 1 ... XEN_IOTASK_MAX_REFS */
    /* OUT */
    uint32_t id;          /* names the task in later operations */
    /* IN */
    uint32_t pad;
};
typedef struct xen_iotask_register xen_iotask_register_t;

/*
 * GNTTABOP_iotask_revoke: Withdraw access.  May be repeated: Revoking a revoked
 * task succeeds.  The references can not be mapped again until dropped.
 *   -EIO     a mapping was not as the driver domain had made it, or the IOMMU
 *            could not be made to forget it.  The driver domain was ended,
 *            unless it is the hardware domain; its devices may still have
 *            access.  The pages must not be used for anything else until
 *            revoking once more, when that domain is gone, returns 0.
 *
 * GNTTABOP_iotask_drop: Forget a revoked task, making its references ordinary
 * grants again, and its pages ordinary ones.  The caller will want to end these
 * grants first.
 *   -EBUSY   the task is not revoked
 *
 * With XEN_IOTASK_ALL for id both apply to all tasks of the domain (drop: to
 * all revoked ones), and succeed if there is none.  Revoking goes on to the
 * other ones where it fails for one.
 */
struct xen_iotask_op {
    /* IN */
    domid_t  dom;         /* the granting domain, or DOMID_SELF */
    uint16_t pad;
    uint32_t id;
#define XEN_IOTASK_ALL             (~0U)
};
typedef struct xen_iotask_op xen_iotask_op_t;

/*
 * GNTTABOP_iotask_query: Describe the first task at or after position index.
 * To see all tasks of a domain begin with 0 and go on with index + 1, until
 * -ENOENT.  A driver domain gets to see just the tasks it is the driver of.
 */
struct xen_iotask_query {
    /* IN */
    domid_t  dom;         /* the granting domain, or DOMID_SELF */
    uint16_t pad;
    /* IN/OUT */
    uint32_t index;
    /* OUT */
    uint32_t id;
    domid_t  driver;      /* DOMID_INVALID once the driver domain is gone */
    uint16_t flags;       /* as registered */
    uint32_t state;       /* XEN_IOTASK_STATE_* */
    uint32_t nr_refs;
    uint32_t mapped;      /* references mapped right now */
    uint32_t diverted;    /* mappings that revoking has replaced */
    uint64_t maps;        /* mappings made since registering */
    uint64_t denied;      /* attempts refused since registering */
};
typedef struct xen_iotask_query xen_iotask_query_t;

/*
 * GNTTABOP_iotask_policy: Set or get which domains may serve dom, and how much
 * it may register.  Setting is the toolstack's; it affects later registering
 * only, so that tasks no longer wanted are to be revoked separately.
 *   -EINVAL  also: limit above the maximum, duplicate driver domain
 *   -ESRCH   also: one of drivers[] does not exist
 */
struct xen_iotask_policy {
    /* IN */
    domid_t  dom;         /* the granting domain, or DOMID_SELF (get only) */
    uint16_t flags;
#define XEN_IOTASK_POLICY_SET      (1U << 0) /* else get */
    /* IN/OUT */
    uint32_t max_tasks;   /* tasks the domain may have at a time */
    uint32_t max_refs;    /* references all its tasks may have together */
    uint32_t nr_drivers;  /* entries used of drivers[] */
#define XEN_IOTASK_ANY_DRIVER      (~0U) /* any domain, the default */
    domid_t  drivers[XEN_IOTASK_MAX_DRIVERS]; /* gone ones: DOMID_INVALID */
    /* OUT */
    uint32_t tasks;       /* tasks and references there are */
    uint32_t refs;
    uint64_t denied;      /* attempts refused, dropped tasks included */
    uint64_t revoked;     /* tasks revoked, likewise */
};
typedef struct xen_iotask_policy xen_iotask_policy_t;

#endif /* __XEN_PUBLIC_IOTASK_H__ */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
