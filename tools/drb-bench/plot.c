// SPDX-License-Identifier: GPL-2.0
/*
 * plot.c - bars of medians with the range of the samples, drawn by gnuplot.  Its
 * script is made of names of cells, vifs and paths that have been checked, and
 * of numbers: gnuplot runs commands that it finds in texts.
 */
#define _GNU_SOURCE	/* memfd_create() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report.h"
#include "run.h"

#define SVG_MAX (1 << 20)
#define SECONDS 60

/* The figures of one kind, and where each is drawn: equal cells at one place. */
struct plot {
	json_object *list;
	enum kind kind;
	size_t places;
	size_t handles[HANDLES_MAX];	/* how many figures each vif has */
	size_t vifs;			/* that have any */
};

static const char *text(json_object *figure, const char *key)
{
	return json_object_get_string(json_object_object_get(figure, key));
}

static double number(json_object *figure, const char *key)
{
	return json_object_get_double(json_object_object_get(figure, key));
}

static bool same_place(json_object *a, json_object *b)
{
	return !strcmp(text(a, "cell"), text(b, "cell")) &&
	       !strcmp(text(a, "metric"), text(b, "metric"));
}

/* Equal ones stand together in a report. */
static void list_figures(struct plot *plot, json_object *report)
{
	json_object *all = json_object_object_get(report, "cells");
	json_object *figure, *last = NULL;
	size_t i;

	plot->list = json_object_new_array();
	for (i = 0; i < json_object_array_length(all); i++) {
		figure = json_object_array_get_idx(all, i);
		if (cell_find(text(figure, "cell"))->kind != plot->kind)
			continue;
		plot->places += !last || !same_place(last, figure);
		last = figure;
		json_object_array_add(plot->list, json_object_get(figure));
		plot->vifs += !plot->handles[(int)number(figure, "handle")]++;
	}
}

/* ---- gnuplot's script --------------------------------------------------- */

static void put_head(FILE *f, const struct plot *plot)
{
	static const char * const titles[] = {
		[PACKETS] = "packets per second",
		[STREAM] = "Mbit/s",
		[TRIP] = "microseconds of a round trip (less is better)",
	};

	fprintf(f, "set terminal svg size %zu,420 noenhanced font 'sans,12'\n"
		"set title '%s'\nset style fill solid 0.7\nset grid ytics\n"
		"set key top left\nset yrange [0:*]\nset xrange [0.4:%zu.6]\n"
		"set format y '%%.4g'\n",
		plot->places < 5 ? (size_t)640 : 160 + 80 * plot->places,
		titles[plot->kind], plot->places);
}

/* Names below their places, once each. */
static void put_names(FILE *f, const struct plot *plot)
{
	size_t i, place = 0, num = json_object_array_length(plot->list);
	json_object *figure, *last = NULL;

	fputs("set xtics (", f);
	for (i = 0; i < num; i++) {
		figure = json_object_array_get_idx(plot->list, i);
		if (!last || !same_place(last, figure))
			fprintf(f, "%s'%s%s' %zu", place ? ", " : "",
				text(figure, "cell"), plot->kind != TRIP ? "" :
				text(figure, "metric") + 2, place + 1), place++;
		last = figure;
	}
	fputs(") rotate by -30\n", f);
}

/* Place, median, least, most. */
static void put_data(FILE *f, const struct plot *plot, size_t handle)
{
	size_t i, place = 0, num = json_object_array_length(plot->list);
	json_object *figure, *last = NULL;

	fprintf(f, "$vif%zu << END\n", handle);
	for (i = 0; i < num; i++) {
		figure = json_object_array_get_idx(plot->list, i);
		place += !last || !same_place(last, figure);
		last = figure;
		if (number(figure, "handle") == handle)
			fprintf(f, "%zu %g %g %g\n", place,
				number(figure, "median"), number(figure, "min"),
				number(figure, "max"));
	}
	fputs("END\n", f);
}

static const char *title_of(const struct plot *plot, size_t handle)
{
	static char title[64];
	json_object *figure;
	size_t i = 0;

	do
		figure = json_object_array_get_idx(plot->list, i++);
	while (number(figure, "handle") != handle);
	snprintf(title, sizeof(title), "%s, %s", text(figure, "vif"),
		 text(figure, "path"));
	return title;
}

static void put_plots(FILE *f, const struct plot *plot)
{
	double width = 0.8 / plot->vifs;
	size_t handle, n = 0;

	for (handle = 0; handle < HANDLES_MAX; handle++)
		if (plot->handles[handle])
			put_data(f, plot, handle);
	for (handle = 0; handle < HANDLES_MAX; handle++) {
		if (!plot->handles[handle])
			continue;
		fprintf(f, "%s $vif%zu using ($1+%g):2:3:4:(%g) with boxerrorbars title '%s'",
			n ? "," : "plot", handle, n * width - 0.4 + width / 2,
			width, title_of(plot, handle));
		n++;
	}
	fputs("\n", f);
}

static char *script(const struct plot *plot, size_t *size)
{
	char *script = NULL;
	FILE *f = open_memstream(&script, size);

	if (!f)
		die(EXIT_FAIL, "out of memory");
	put_head(f, plot);
	put_names(f, plot);
	put_plots(f, plot);
	fclose(f);
	return script;
}

/* ---- gnuplot ------------------------------------------------------------ */

bool plot_possible(void)
{
	char version[64];

	tool_version("gnuplot", version, sizeof(version));
	return *version;
}

/* The script is in memory only: a full disk is no reason to have no plot. */
static char *draw(const char *script, size_t size)
{
	char path[32], *svg = malloc(SVG_MAX);
	char *const argv[] = { "gnuplot", path, NULL };
	int code = -1, fd = memfd_create("plot", 0);
	size_t len = 0;

	if (fd < 0 || !svg)
		die(EXIT_FAIL, "out of memory");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, script, size) == (ssize_t)size)
		code = run_capture(argv, SECONDS, svg, SVG_MAX - 1, &len);
	close(fd);
	svg[len] = '\0';
	if (!code && strstr(svg, "<svg") && strstr(svg, "</svg>"))
		return svg;
	warn("gnuplot failed: %.200s", svg);
	free(svg);
	return NULL;
}

char *plot_make(json_object *report, enum kind kind)
{
	struct plot plot = { .kind = kind };
	char *text, *svg = NULL;
	size_t size;

	list_figures(&plot, report);
	if (plot.places) {
		text = script(&plot, &size);
		svg = draw(text, size);
		free(text);
	}
	json_object_put(plot.list);
	return svg;
}
