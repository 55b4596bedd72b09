// SPDX-License-Identifier: GPL-2.0
/*
 * replay.c - runs the fuzz target without libFuzzer: on files, or on inputs
 * that numbers stand for, always the same.
 *
 * usage: replay FIRST COUNT [FILE...]
 *	  replay write DIRECTORY	the first few inputs, as files
 */
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_INPUT	2048
#define WRITTEN		64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t rnd(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* Every fourth input has no failures, every third one CPU only. */
static size_t make(uint64_t number, uint8_t *data)
{
	uint64_t seed = number;
	size_t i, size = 64 + rnd(&seed) % (MAX_INPUT - 64);

	for (i = 0; i < size; i++)
		data[i] = rnd(&seed);
	if (number % 4 == 0) {
		memset(data + 2, 0, 2);
		memset(data + 6, 0, 2);
	}
	if (number % 3 == 0)
		data[5] = 0;
	return size;
}

static uint8_t data[MAX_INPUT];

static void replay_file(const char *path)
{
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
	unsigned int i;

	for (i = 0; i < WRITTEN; i++) {
		size_t size = make(i, data);
		FILE *f;

		snprintf(path, sizeof(path), "%s/input-%02u", dir, i);
		f = fopen(path, "wb");
		if (!f || fwrite(data, 1, size, f) != size || fclose(f)) {
			perror(path);
			return EXIT_FAILURE;
		}
	}
	return EXIT_SUCCESS;
}

/* Each of its own length, so that a sanitizer sees a read past its end. */
static void replay_number(uint64_t number)
{
	size_t size = make(number, data);
	uint8_t *copy = malloc(size);

	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static uint64_t current_input;

static void failed(int signal)
{
	fprintf(stderr, "input %" PRIu64 "\n", current_input);
	_exit(128 + signal);
}

int main(int argc, char **argv)
{
	uint64_t i, first, count;
	int arg;

	if (argc < 3)
		return EXIT_FAILURE;
	if (!strcmp(argv[1], "write"))
		return write_inputs(argv[2]);
	first = strtoull(argv[1], NULL, 0);
	count = strtoull(argv[2], NULL, 0);
	for (arg = 3; arg < argc; arg++)
		replay_file(argv[arg]);
	signal(SIGABRT, failed);
	for (i = first; i < first + count; i++) {
		current_input = i;
		replay_number(i);
	}
	printf("PASS iotask.replay\n# %" PRIu64 " inputs\n", count);
	return EXIT_SUCCESS;
}
