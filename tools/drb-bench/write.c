// SPDX-License-Identifier: GPL-2.0
/*
 * write.c - a report's files.  All are written under temporary names first, and
 * get their own only when all are there: a full disk leaves what was before.
 */
#define _GNU_SOURCE	/* asprintf() */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"
#include "text.h"

#define FILES_MAX 8

struct output {
	const char *name;	/* of the directory */
	int dir;
	bool made;
	const char *files[FILES_MAX];
	size_t num;
};

static const char *temporary(const char *file)
{
	static char name[64];

	text_format(name, sizeof(name), ".%s.new", file);
	return name;
}

static _Noreturn void give_up(struct output *out, const char *file, int err)
{
	size_t i;

	for (i = 0; i < out->num; i++)
		unlinkat(out->dir, temporary(out->files[i]), 0);
	if (out->made)
		rmdir(out->name);
	die(exit_code_of(err), "%s/%s: %s; nothing is written", out->name, file,
	    strerror(err));
}

static void open_directory(struct output *out, bool fresh)
{
	out->made = fresh;
	if (fresh && mkdir(out->name, 0777))
		die(exit_code_of(errno), "%s: %s", out->name, strerror(errno));
	out->dir = open(out->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (out->dir < 0)
		die(exit_code_of(errno), "%s: %s", out->name, strerror(errno));
}

static void put_file(struct output *out, const char *file, const char *text)
{
	size_t len = strlen(text);
	ssize_t n = 0;
	int fd;

	fd = openat(out->dir, temporary(file),
		    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		give_up(out, file, errno);
	out->files[out->num++] = file;
	while (len && (n = write(fd, text, len)) > 0) {
		text += n;
		len -= n;
	}
	if (len || fsync(fd) || close(fd))
		give_up(out, file, errno);
}

static void put_json(struct output *out, const char *file, json_object *o)
{
	const int how = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			JSON_C_TO_STRING_NOSLASHESCAPE;

	char *text;

	if (asprintf(&text, "%s\n", json_object_to_json_string_ext(o, how)) < 0)
		die(EXIT_FAIL, "out of memory");
	put_file(out, file, text);
	free(text);
}

static void name_files(struct output *out)
{
	size_t i;

	for (i = 0; i < out->num; i++)
		if (renameat(out->dir, temporary(out->files[i]), out->dir,
			     out->files[i]))
			give_up(out, out->files[i], errno);
	fsync(out->dir);
	close(out->dir);
}

/* A signal comes before the files are begun, or after they are done. */
static void hold_signals(bool hold)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static void draw_plots(const char *dir, json_object *report, char *plots[3])
{
	enum kind kind;

	if (!plot_possible()) {
		warn("no gnuplot: plots are left out; %s, then drb-bench report %s",
		     "apt install gnuplot-nox", dir);
		return;
	}
	for (kind = PACKETS; kind <= TRIP; kind++)
		plots[kind] = plot_make(report, kind);
}

void report_write(const char *dir, bool fresh, json_object *raw,
		  json_object *report)
{
	static const char * const names[] = {
		[PACKETS] = "packets.svg", [STREAM] = "tcp.svg",
		[TRIP] = "rtt.svg",
	};
	struct output out = { .name = dir };
	char *plots[3] = { NULL }, *text;
	size_t i;

	draw_plots(dir, report, plots);
	hold_signals(true);
	open_directory(&out, fresh);
	if (fresh)
		put_json(&out, "raw.json", raw);
	put_json(&out, "report.json", report);
	text = report_markdown(report);
	put_file(&out, "report.md", text);
	free(text);
	text = report_html(report, plots, 3);
	put_file(&out, "report.html", text);
	free(text);
	for (i = 0; i < 3; i++) {
		if (plots[i])
			put_file(&out, names[i], plots[i]);
		free(plots[i]);
	}
	name_files(&out);
	hold_signals(false);
}
