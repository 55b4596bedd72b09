// SPDX-License-Identifier: GPL-2.0
/* linear.c - the record ring over one mapping: the price of the page array. */
#define RECORD_LAYOUT	layout_linear
#define RECORD_NAME	"linear"
#define RECORD_LINEAR	1
#define RECORD_SHUFFLED	0
#include "record.h"
