// SPDX-License-Identifier: GPL-2.0
/* records.c - the product's record ring, as the modules use it. */
#define RECORD_LAYOUT	layout_records
#define RECORD_NAME	"records"
#define RECORD_LINEAR	0
#define RECORD_SHUFFLED	1
#include "record.h"
