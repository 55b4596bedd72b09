/* SPDX-License-Identifier: GPL-2.0 */
/*
 * taskjson.h - I/O tasks and policies in words.
 */
#ifndef DRBCTL_TASKJSON_H
#define DRBCTL_TASKJSON_H

#include <json-c/json.h>

#include <drb/iotask.h>

/*
 * Append the domain's tasks to rows, those of one driver domain unless driver
 * is DOMID_INVALID.  0, or why the domain cannot be asked.
 */
int tasks_describe(struct json_object *rows, unsigned int dom, domid_t driver);

/* The domain's policy and totals; NULL, and *err, if it cannot be asked. */
json_object *policy_describe(unsigned int dom, int *err);

#endif
