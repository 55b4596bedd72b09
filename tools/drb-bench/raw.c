// SPDX-License-Identifier: GPL-2.0
/*
 * raw.c - samples of a run as they were written, read again.  Reports are made
 * of nothing that has not been looked at here: names are the known ones, numbers
 * are numbers.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "text.h"

#define RAW_MAX (64l << 20)
#define SAMPLES_MAX 1000000u

static const char *file;

static _Noreturn void bad(const char *what)
{
	die(EXIT_FAIL, "%s: %s", file, what);
}

static const char *text_of(json_object *o, const char *key)
{
	json_object *value = json_object_object_get(o, key);

	if (!json_object_is_type(value, json_type_string))
		bad("a text is missing in it");
	return json_object_get_string(value);
}

static double number_of(json_object *o, const char *key)
{
	json_object *value = json_object_object_get(o, key);
	double number = json_object_get_double(value);

	if ((!json_object_is_type(value, json_type_int) &&
	     !json_object_is_type(value, json_type_double)) ||
	    !isfinite(number) || number < 0 || number > 1e15)
		bad("a number is missing in it, or is none");
	return number;
}

/* Digits, a point and digits behind "vif". */
static bool is_vif(const char *name)
{
	return !strncmp(name, "vif", 3) && strlen(name) < 16 &&
	       name[3 + strspn(name + 3, "0123456789.")] == '\0';
}

static size_t check_list(json_object *list, size_t max)
{
	if (!json_object_is_type(list, json_type_array) ||
	    !json_object_array_length(list) ||
	    json_object_array_length(list) > max)
		bad("there are no samples in it, or too many");
	return json_object_array_length(list);
}

static void check_vifs(json_object *raw, bool known[HANDLES_MAX])
{
	json_object *list = json_object_object_get(raw, "vifs");
	size_t i, num = check_list(list, HANDLES_MAX);

	for (i = 0; i < num; i++) {
		json_object *o = json_object_array_get_idx(list, i);
		double handle = number_of(o, "handle");

		if (handle >= HANDLES_MAX || handle != floor(handle) ||
		    known[(size_t)handle] || !is_vif(text_of(o, "vif")) ||
		    !path_is_known(text_of(o, "path")))
			bad("there is a vif in it that is none");
		known[(size_t)handle] = true;
	}
}

static void check_sample(json_object *o, const bool known[HANDLES_MAX])
{
	const struct cell *cell = cell_find(text_of(o, "cell"));
	double handle = number_of(o, "handle");
	const char *const *metric;

	if (!cell || handle >= HANDLES_MAX || handle != floor(handle) ||
	    !known[(size_t)handle])
		bad("there is a sample in it of something unknown");
	number_of(o, "foreign");
	for (metric = metrics_of(cell->kind); *metric; metric++)
		if (number_of(json_object_object_get(o, "values"), *metric) <= 0)
			bad("there is a sample in it that is zero");
}

static void check_all(json_object *raw)
{
	bool known[HANDLES_MAX] = { false };
	json_object *list;
	size_t i, num;

	if (!json_object_is_type(raw, json_type_object) ||
	    number_of(raw, "schema") != 1)
		bad("these are no samples of drb-bench");
	text_of(json_object_object_get(raw, "about"), "guest");
	text_of(json_object_object_get(raw, "about"), "date");
	if (!json_object_is_type(json_object_object_get(raw, "conditions"),
				 json_type_object))
		bad("there are no conditions in it");
	check_vifs(raw, known);
	list = json_object_object_get(raw, "samples");
	num = check_list(list, SAMPLES_MAX);
	for (i = 0; i < num; i++)
		check_sample(json_object_array_get_idx(list, i), known);
}

json_object *raw_load(const char *dir)
{
	static char path[4096];
	int fd = -1;
	json_object *raw;
	struct stat st;

	file = path;
	if (!text_format(path, sizeof(path), "%s/raw.json", dir))
		die(EXIT_USAGE, "%s: too long a name", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st))
		die(exit_code_of(errno), "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size > RAW_MAX)
		bad("it is no file of samples");
	raw = json_object_from_fd(fd);
	close(fd);
	check_all(raw);
	return raw;
}
