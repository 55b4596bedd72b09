// SPDX-License-Identifier: GPL-2.0
/*
 * replay.c - runs the fuzz target without libFuzzer: on files, or on sequences
 * of operations that numbers stand for, always the same.
 *
 * usage: replay FROM TO	the numbers from FROM up to but not including TO
 *	  replay FILE...
 *	  replay write DIRECTORY	a few inputs to begin with
 */
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_INPUT	4096
#define WRITTEN		64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
uint64_t run_number(uint64_t number);

static uint64_t current_number, operations;

static void failed(int signal)
{
	fprintf(stderr, "number %" PRIu64 " after %" PRIu64 " operations\n",
		current_number, operations);
	_exit(128 + signal);
}

static void replay_file(const char *path)
{
	static uint8_t data[MAX_INPUT];
	FILE *f = fopen(path, "rb");
	size_t size;

	if (!f) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	fprintf(stderr, "input %s\n", path);
	LLVMFuzzerTestOneInput(data, size);
}

static int write_inputs(const char *dir)
{
	char path[4096];
	unsigned int i, k;

	srandom(1);
	for (i = 0; i < WRITTEN; i++) {
		uint8_t data[MAX_INPUT];
		size_t size = 256 + random() % 1024;
		FILE *f;

		for (k = 0; k < size; k++)
			data[k] = random() >> 8;
		snprintf(path, sizeof(path), "%s/input-%02u", dir, i);
		f = fopen(path, "wb");
		if (!f || fwrite(data, 1, size, f) != size || fclose(f)) {
			perror(path);
			return EXIT_FAILURE;
		}
	}
	return EXIT_SUCCESS;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	uint64_t to;
	int arg;

	if (argc < 2)
		return EXIT_FAILURE;
	if (argc == 3 && !strcmp(argv[1], "write"))
		return write_inputs(argv[2]);
	signal(SIGABRT, failed);
	if (argv[1][0] >= '0' && argv[1][0] <= '9')
		signal(SIGSEGV, failed);
	if (argv[1][0] < '0' || argv[1][0] > '9') {
		for (arg = 1; arg < argc; arg++)
			replay_file(argv[arg]);
		return EXIT_SUCCESS;
	}
	current_number = strtoull(argv[1], NULL, 0);
	to = argc > 2 ? strtoull(argv[2], NULL, 0) : current_number + 1;
	for (; current_number < to; current_number++)
		operations += run_number(current_number);
	printf("PASS gnttab.replay\n# %" PRIu64 " operations in %.1f s\n",
	       operations, seconds());
	return EXIT_SUCCESS;
}
