// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_seeds.c - first inputs for ring_fuzz: random bytes in which the peer
 * is quiet in different proportions, so that some inputs carry traffic from
 * the start and others are nearly all lies.
 *
 * usage: fuzz_seeds directory
 */
#include "host.h"

#define FILES	24

/* Read by ring_fuzz where the peer could act: it does nothing. */
#define QUIET	0x0f

static void write_seed(const char *dir, unsigned int number)
{
	uint64_t seed = number;
	uint32_t i, len = rnd_in(&seed, 32, 1024);
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/seed-%02u", dir, number);
	f = fopen(path, "wb");
	if (!f) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	for (i = 0; i < len; i++) {
		bool quiet = rnd_in(&seed, 0, FILES) < number;

		fputc(quiet ? QUIET : (int)rnd_in(&seed, 0, 255), f);
	}
	if (fclose(f)) {
		perror(path);
		exit(EXIT_FAILURE);
	}
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc != 2) {
		fprintf(stderr, "usage: %s directory\n", argv[0]);
		return EXIT_FAILURE;
	}
	for (i = 0; i < FILES; i++)
		write_seed(argv[1], i);
	return EXIT_SUCCESS;
}
