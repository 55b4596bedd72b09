// SPDX-License-Identifier: GPL-2.0
/*
 * policyfile.c - policies kept for guests that are to come.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy.h"
#include "text.h"

#define LINE_MAX_LEN 8192
#define BLANK " \t\r\n"

static void put_drivers(FILE *f, const struct policy *policy)
{
	unsigned int i;

	fprintf(f, " drivers=");
	if (policy->any || !policy->num_drivers)
		fputs(policy->any ? "any" : "none", f);
	for (i = 0; i < policy->num_drivers; i++)
		fprintf(f, "%s%s", i ? "," : "", policy->drivers[i]);
}

static void put_policy(FILE *f, const char *key, const struct policy *policy)
{
	fputs(key, f);
	if (policy->has_drivers)
		put_drivers(f, policy);
	if (policy->max_tasks.given)
		fprintf(f, " max-tasks=%lu", policy->max_tasks.value);
	if (policy->max_refs.given)
		fprintf(f, " max-refs=%lu", policy->max_refs.value);
	fputc('\n', f);
}

static bool parse_limit(struct opt_number *to, const char *text,
			unsigned long max)
{
	to->given = text_number(text, max, &to->value);
	return to->given;
}

static bool parse_setting(struct policy *policy, const char *word)
{
	if (!strncmp(word, "drivers=", 8))
		return !policy_parse_drivers(policy, word + 8, true);
	if (!strncmp(word, "max-tasks=", 10))
		return parse_limit(&policy->max_tasks, word + 10,
				   XEN_IOTASK_MAX_TASKS);
	if (!strncmp(word, "max-refs=", 9))
		return parse_limit(&policy->max_refs, word + 9,
				   XEN_IOTASK_MAX_TASKS * XEN_IOTASK_MAX_REFS);
	return false;
}

/* The guest that a line is of; NULL: of none. */
static char *first_word(char *line, char **rest)
{
	line[strcspn(line, "#\n")] = '\0';
	return strtok_r(line, BLANK, rest);
}

/*
 * What a line says of its guest.  Where that cannot be read nobody may serve
 * it: somebody meant to restrict it.
 */
static void parse_settings(char *rest, struct policy *policy, const char *file,
			   unsigned int number)
{
	char *word;

	memset(policy, 0, sizeof(*policy));
	while ((word = strtok_r(NULL, BLANK, &rest))) {
		if (parse_setting(policy, word))
			continue;
		warn("%s:%u: '%s' is no setting: no driver domain may serve this guest",
		     file, number, word);
		memset(policy, 0, sizeof(*policy));
		policy->has_drivers = true;
		return;
	}
}

static bool lookup(FILE *f, const char *file, const char *key,
		   struct policy *policy)
{
	char line[LINE_MAX_LEN], *word, *rest;
	unsigned int number = 0;

	rewind(f);
	while (fgets(line, sizeof(line), f)) {
		number++;
		word = first_word(line, &rest);
		if (!word || strcmp(word, key))
			continue;
		parse_settings(rest, policy, file, number);
		return true;
	}
	return false;
}

bool policy_file_usable(const char *file)
{
	struct stat st;

	return stat(file, &st) ? errno == ENOENT : S_ISREG(st.st_mode);
}

/* NULL: there is none, or it cannot be read, which is said. */
static FILE *open_policies(const char *file)
{
	FILE *f = NULL;

	errno = EINVAL;
	if (policy_file_usable(file))
		f = fopen(file, "re");
	if (!f && errno != ENOENT)
		warn("%s: %s; no saved policy is applied", file,
		     strerror(errno));
	return f;
}

/* A UUID is the better key: it comes first. */
bool policy_load(const char *file, const char *uuid, const char *word,
		 struct policy *policy)
{
	FILE *f = open_policies(file);
	bool found;

	if (!f)
		return false;
	found = (*uuid && lookup(f, file, uuid, policy)) ||
		(*word && lookup(f, file, word, policy));
	fclose(f);
	return found;
}

static bool line_is_of(const char *line, const char *key)
{
	char copy[LINE_MAX_LEN], *word, *rest;

	text_format(copy, sizeof(copy), "%s", line);
	word = first_word(copy, &rest);
	return word && !strcmp(word, key);
}

/* Comments and other guests' lines stay as they are. */
static void copy_others(FILE *to, const char *file, const char *key)
{
	FILE *from = fopen(file, "re");
	char line[LINE_MAX_LEN];

	if (!from)
		return;
	while (fgets(line, sizeof(line), from))
		if (!line_is_of(line, key))
			fputs(line, to);
	fclose(from);
}

/* The new file takes the old one's place only when it is safe on the disk. */
static bool replace(FILE *f, const char *new, const char *file)
{
	bool written = !fflush(f) && !ferror(f) && !fsync(fileno(f));

	written = !fclose(f) && written;
	return written && !rename(new, file);
}

static FILE *create(const char *new)
{
	int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
		      O_NOFOLLOW, 0644);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd >= 0 && !f)
		close(fd);
	return f;
}

/* One at a time: who holds the directory's lock writes.  -1: an error. */
static int lock_directory(const char *file)
{
	char dir[PATH_MAX], *slash;
	int fd;

	text_format(dir, sizeof(dir), "%s", file);
	slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || !flock(fd, LOCK_EX))
		return fd;
	close(fd);
	return -1;
}

bool policy_save(const char *file, const char *key,
		 const struct policy *policy)
{
	char new[PATH_MAX];
	bool done = false;
	int lock;
	FILE *f;

	if (!text_format(new, sizeof(new), "%s.new", file)) {
		errno = ENAMETOOLONG;
		return false;
	}
	lock = lock_directory(file);
	if (lock < 0)
		return false;
	f = create(new);
	if (f) {
		copy_others(f, file, key);
		if (policy)
			put_policy(f, key, policy);
		done = replace(f, new, file);
		if (!done)
			unlink(new);
	}
	close(lock);
	return done;
}
