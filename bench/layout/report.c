// SPDX-License-Identifier: GPL-2.0
/* report.c - the results, as a table for people and JSON for programs. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "copy.h"
#include "report.h"
#include "transfer.h"

#ifdef __clang__
#define COMPILER	__VERSION__
#else
#define COMPILER	"gcc " __VERSION__
#endif

static double load_at_start;
static unsigned int qemu_at_start;

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts; n is not 0. */
static double median(double *v, unsigned int n)
{
	unsigned int half = n / 2;

	qsort(v, n, sizeof(v[0]), compare);
	return n % 2 ? v[half] : (v[half - 1] + v[half]) / 2;
}

/* The machine's speed may change between rounds, hardly within one. */
static double ratio(const struct cell *c, const struct cell *first)
{
	double of_round[MAX_SAMPLES];
	unsigned int i;

	for (i = 0; i < c->samples; i++)
		of_round[i] = c->ns[i] / first->ns[i];
	return median(of_round, c->samples);
}

void row_finish(struct cell *cells)
{
	unsigned int l;

	for (l = 0; l < LAYOUTS; l++)
		cells[l].ratio = ratio(&cells[l], &cells[0]);
	for (l = 0; l < LAYOUTS; l++)
		cells[l].median = median(cells[l].ns, cells[l].samples);
}

static double gbit(const struct cell *c)
{
	return c->size * 8 / c->median;
}

static double doorbells(const struct cell *c)
{
	return c->data_doorbells + c->space_doorbells;
}

/* ---- conditions ---------------------------------------------------------- */

/* The processor's name without what JSON would have to escape. */
static const char *cpu_name(void)
{
	static char name[128] = "unknown";
	char line[256], *p;
	FILE *f = fopen("/proc/cpuinfo", "r");

	while (f && fgets(line, sizeof(line), f)) {
		p = strstr(line, ": ");
		if (strncmp(line, "model name", 10) || !p)
			continue;
		snprintf(name, sizeof(name), "%s", p + 2);
		break;
	}
	if (f)
		fclose(f);
	for (p = name; *p; p++)
		if (*p == '"' || *p == '\\' || !isprint((unsigned char)*p))
			*p = ' ';
	while (p > name && p[-1] == ' ')
		*--p = '\0';
	return name;
}

static double load_now(void)
{
	double load = 0;

	return getloadavg(&load, 1) == 1 ? load : -1;
}

static bool is_qemu(const char *pid)
{
	char path[300], comm[32] = "";
	FILE *f;

	if (!isdigit((unsigned char)*pid))
		return false;
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (!fgets(comm, sizeof(comm), f))
		comm[0] = '\0';
	fclose(f);
	return !strncmp(comm, "qemu-", 5);
}

static unsigned int count_qemu(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;
	unsigned int n = 0;

	while (proc && (d = readdir(proc)))
		n += is_qemu(d->d_name);
	if (proc)
		closedir(proc);
	return n;
}

void report_conditions(void)
{
	struct utsname u;

	uname(&u);
	load_at_start = load_now();
	qemu_at_start = count_qemu();
	printf("%s, %ld CPUs, Linux %s, compiler %s\n", cpu_name(),
	       sysconf(_SC_NPROCESSORS_ONLN), u.release, COMPILER);
	printf("load %.2f, %u QEMU processes\n", load_at_start, qemu_at_start);
	printf("%u KiB of pages, bursts of %u, batches of %u, copy by %s\n",
	       LAYOUT_PAGES * LAYOUT_PAGE / 1024, SEND_BURST, RECEIVE_BATCH,
	       COPY_NAME);
	printf("\n%-13s %6s  %-9s %10s %10s %10s %7s %8s %13s  %s\n", "mode",
	       "size", "layout", "ns/packet", "min", "max", "ratio", "Gbit/s",
	       "doorbells/pkt", "disturbed");
}

/* ---- results ------------------------------------------------------------- */

void report_row(const struct cell *cells)
{
	unsigned int l;

	for (l = 0; l < LAYOUTS; l++) {
		const struct cell *c = &cells[l];

		printf("%-13s %6u  %-9s %10.1f %10.1f %10.1f %7.2f %8.2f %13.5f  %u/%u\n",
		       c->mode, c->size, c->layout, c->median, c->ns[0],
		       c->ns[c->samples - 1], c->ratio, gbit(c), doorbells(c),
		       c->disturbed, c->samples);
	}
	fflush(stdout);
}

static void json_conditions(FILE *f)
{
	struct utsname u;

	uname(&u);
	fprintf(f, " \"conditions\": {\"cpu\": \"%s\", \"cores\": %ld,\n",
		cpu_name(), sysconf(_SC_NPROCESSORS_ONLN));
	fprintf(f, "  \"kernel\": \"%s\", \"compiler\": \"%s\",\n", u.release,
		COMPILER);
	fprintf(f, "  \"load\": %.2f, \"qemu\": %u, \"data_pages\": %u,\n",
		load_at_start, qemu_at_start, LAYOUT_PAGES);
	fprintf(f, "  \"send_burst\": %u, \"receive_batch\": %u,\n",
		SEND_BURST, RECEIVE_BATCH);
	fprintf(f, "  \"copy\": \"%s\"},\n", COPY_NAME);
}

static void json_cell(FILE *f, const struct cell *c)
{
	unsigned int i;

	fprintf(f, "  {\"layout\": \"%s\", \"size\": %u, \"mode\": \"%s\",\n",
		c->layout, c->size, c->mode);
	fprintf(f, "   \"ns_per_packet\": {\"samples\": [");
	for (i = 0; i < c->samples; i++)
		fprintf(f, "%s%.2f", i ? ", " : "", c->ns[i]);
	fprintf(f, "],\n    \"median\": %.2f, \"min\": %.2f, \"max\": %.2f},\n",
		c->median, c->ns[0], c->ns[c->samples - 1]);
	fprintf(f, "   \"ratio_to_records\": %.4f,\n", c->ratio);
	fprintf(f, "   \"gbit\": %.3f, \"doorbells_per_packet\": %.6f,\n",
		gbit(c), doorbells(c));
	fprintf(f, "   \"data_doorbells_per_packet\": %.6f, \"disturbed\": %u}",
		c->data_doorbells, c->disturbed);
}

int report_json(const char *path, const struct cell *cells, unsigned int n)
{
	FILE *f = fopen(path, "w");
	unsigned int i;

	if (!f) {
		perror(path);
		return EXIT_FAILURE;
	}
	fprintf(f, "{\"schema\": 1,\n");
	json_conditions(f);
	fprintf(f, " \"cells\": [\n");
	for (i = 0; i < n; i++) {
		json_cell(f, &cells[i]);
		fprintf(f, "%s\n", i + 1 < n ? "," : "");
	}
	fprintf(f, " ]\n}\n");
	if (fclose(f)) {
		perror(path);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
