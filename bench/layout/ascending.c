// SPDX-License-Identifier: GPL-2.0
/*
 * ascending.c - the product's record ring over pages in ascending order: what
 * the order of the pages is worth, apart from the page array.
 */
#define RECORD_LAYOUT	layout_ascending
#define RECORD_NAME	"ascending"
#define RECORD_LINEAR	0
#define RECORD_SHUFFLED	0
#include "record.h"
