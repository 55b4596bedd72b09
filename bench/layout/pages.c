// SPDX-License-Identifier: GPL-2.0
/* pages.c - the memory that the layouts share between the two threads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "layout.h"

void *pages_alloc(uint32_t pages)
{
	size_t len = (size_t)pages * LAYOUT_PAGE;
	void *base = mmap(NULL, len, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED) {
		perror("mmap");
		exit(EXIT_FAILURE);
	}
	/*
	 * Granted memory is mapped page by page: no layout may profit from a
	 * large page.  A kernel without large pages refuses, rightly.
	 */
	(void)madvise(base, len, MADV_NOHUGEPAGE);
	memset(base, 0, len);
	return base;
}

void pages_free(void *base, uint32_t pages)
{
	munmap(base, (size_t)pages * LAYOUT_PAGE);
}

void pages_shuffle(void **page, uint32_t pages)
{
	uint32_t i, random = 1;

	for (i = pages - 1; i > 0; i--) {
		uint32_t other;
		void *p = page[i];

		random = random * 1664525 + 1013904223;
		other = (random >> 8) % (i + 1);
		page[i] = page[other];
		page[other] = p;
	}
}
