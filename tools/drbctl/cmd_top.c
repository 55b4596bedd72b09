// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_top.c - drbctl top: the busiest vifs first, on the whole screen.
 */
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "out.h"
#include "watch.h"

static double interval = 2;

static const struct opt opts[] = {
	{ "interval", 'i', OPT_SECONDS, "SECONDS", "refresh after this long (2)",
	  &interval, 3600 },
	{ 0 }
};

static void restore_screen(void)
{
	if (!isendwin())
		endwin();
}

static const struct watch *sorted_watch;

static int by_rate(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	double p = rate_total(&sorted_watch->rates[x]);
	double q = rate_total(&sorted_watch->rates[y]);

	if (p != q)
		return p > q ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void add_copy(json_object *rows, json_object *row)
{
	json_object_array_add(rows, json_object_get(row));
}

/* The rows of a look, the busiest vif first. */
static json_object *sorted(const struct watch *watch)
{
	json_object *all = watch_describe(watch), *rows;
	size_t i, *order = calloc(watch->num + 1, sizeof(*order));

	if (!order)
		die(EXIT_FAIL, "out of memory");
	for (i = 0; i < watch->num; i++)
		order[i] = i;
	sorted_watch = watch;
	qsort(order, watch->num, sizeof(*order), by_rate);
	rows = json_object_new_array();
	for (i = 0; i < watch->num; i++)
		add_copy(rows, json_object_array_get_idx(all, order[i]));
	free(order);
	json_object_put(all);
	watch_add_words(rows);
	return rows;
}

/* A column as wide as its widest cell on this screen; where the next begins. */
static int draw_column(const struct column *column, json_object *rows, int x)
{
	int y, width = strlen(column->head);
	int shown = json_object_array_length(rows);

	if (shown > LINES - 2)
		shown = LINES - 2;
	for (y = 0; y < shown; y++) {
		int len = strlen(out_cell(json_object_array_get_idx(rows, y),
					  column->key));

		width = len > width ? len : width;
	}
	/* What is behind the right edge would go on in the next line. */
	if (x >= COLS)
		return x;
	width = width > COLS - x ? COLS - x : width;
	attron(A_REVERSE);
	mvprintw(1, x, column->right ? "%*.*s" : "%-*.*s", width, width,
		 column->head);
	attroff(A_REVERSE);
	for (y = 0; y < shown; y++)
		mvprintw(2 + y, x, column->right ? "%*.*s" : "%-*.*s", width,
			 width,
			 out_cell(json_object_array_get_idx(rows, y),
				  column->key));
	return x + width + 2;
}

static void draw(const struct watch *watch)
{
	json_object *rows = sorted(watch);
	size_t i;
	int x = 0;

	erase();
	mvprintw(0, 0, "drbctl top: %zu vifs, every %.1f s, by rate; q quits",
		 watch->num, interval);
	for (i = 0; i < watch_num_columns; i++)
		x = draw_column(&watch_columns[i], rows, x);
	refresh();
	json_object_put(rows);
}

static void start_screen(void)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		die(EXIT_FAIL, "top wants a terminal; for programs there is drbctl stats --json");
	if (!newterm(NULL, stdout, stdin))
		die(EXIT_FAIL, "top cannot use this terminal; set TERM to one that ncurses knows");
	atexit(restore_screen);
	cbreak();
	noecho();
	curs_set(0);
	timeout(interval * 1000);
}

static int run(int argc, char **argv)
{
	struct watch watch = { 0 };
	int key;

	(void)argc;
	(void)argv;
	/* What cannot be reached is said before the screen is taken. */
	watch_look(&watch);
	start_screen();
	do {
		draw(&watch);
		key = getch();
		watch_look(&watch);
	} while (key != 'q' && key != 'Q');
	watch_free(&watch);
	return EXIT_OK;
}

const struct command top_command = {
	.name = "top",
	.args = "",
	.what = "show the busiest vifs on the whole screen",
	.more = "Press q to quit, any other key to refresh at once.\n",
	.opts = opts,
	.run = run,
};
