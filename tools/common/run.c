// SPDX-License-Identifier: GPL-2.0
/*
 * run.c - running another program, for a limited time.
 */
#define _GNU_SOURCE	/* pipe2() */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run.h"
#include "text.h"
#include "unprivileged.h"

extern char **environ;

bool (*run_watch)(void);
volatile pid_t run_group;

/* The program's input is empty, its output and errors the pipe. */
static int start(char *const argv[], int out, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int err;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, out, 2);
	/* A group of its own, so that its helpers can be ended with it. */
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	err = posix_spawnp(pid, argv[0], &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

static int left_ms(const struct timespec *start, double seconds)
{
	struct timespec now;
	double gone;

	clock_gettime(CLOCK_MONOTONIC, &now);
	gone = now.tv_sec - start->tv_sec +
	       (now.tv_nsec - start->tv_nsec) / 1e9;
	return gone >= seconds ? 0 : (seconds - gone) * 1000 + 1;
}

/* The end of the output is where programs say what went wrong. */
static void keep_end(char *all, size_t size, size_t *used, const char *chunk,
		     size_t len)
{
	if (len > size) {
		chunk += len - size;
		len = size;
	}
	if (*used + len > size) {
		size_t cut = *used + len - size;

		memmove(all, all + cut, *used - cut);
		*used -= cut;
	}
	memcpy(all + *used, chunk, len);
	*used += len;
}

/* Until it closes its output; false: it is not to go on. */
static bool follow(int fd, double seconds, char *all, size_t size, size_t *used)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec begin;
	char chunk[4096];
	ssize_t n;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (;;) {
		int left = left_ms(&begin, seconds);

		if (!left || (run_watch && !run_watch()))
			return false;
		if (poll(&p, 1, run_watch && left > 500 ? 500 : left) <= 0)
			continue;
		n = read(fd, chunk, sizeof(chunk));
		if (n <= 0)
			return true;
		keep_end(all, size, used, chunk, n);
	}
}

static int finish(pid_t pid, bool in_time)
{
	int status;

	if (!in_time)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!in_time)
		return RUN_TIMEOUT;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* One line: breaks become "; ", and there is none at the end. */
static void one_line(char *output, size_t size, char *all, size_t used)
{
	char line[1024];
	size_t i, n = 0;

	while (used && (all[used - 1] == '\n' || all[used - 1] == ' '))
		used--;
	for (i = 0; i < used && n + 2 < sizeof(line); i++) {
		line[n++] = all[i] == '\n' ? ';' : all[i];
		if (all[i] == '\n')
			line[n++] = ' ';
	}
	text_escape(output, size, line, n);
}

/* starter: 0 or an error number, and the process. */
static int run_any(int (*starter)(char *const argv[], int out, pid_t *pid),
		   char *const argv[], double seconds, char *all, size_t size,
		   size_t *used)
{
	bool in_time;
	int fds[2];
	pid_t pid;
	int err;

	*used = 0;
	if (pipe2(fds, O_CLOEXEC))
		return RUN_ABSENT;
	err = starter(argv, fds[1], &pid);
	close(fds[1]);
	if (err) {
		close(fds[0]);
		return RUN_ABSENT;
	}
	run_group = pid;
	in_time = follow(fds[0], seconds, all, size, used);
	close(fds[0]);
	err = finish(pid, in_time);
	run_group = 0;
	return err;
}

int run_capture(char *const argv[], double seconds, char *all, size_t size,
		size_t *used)
{
	return run_any(start, argv, seconds, all, size, used);
}

static int start_unprivileged(char *const argv[], int out, pid_t *pid)
{
	*pid = unprivileged_start(argv, out);
	return *pid < 0 ? errno : 0;
}

int run_unprivileged(char *const argv[], double seconds, char *all, size_t size,
		     size_t *used)
{
	int code = run_any(start_unprivileged, argv, seconds, all, size, used);

	return code == UNPRIVILEGED_ABSENT ? RUN_ABSENT : code;
}

int run_program(char *const argv[], double seconds, char *output, size_t size)
{
	char all[512];
	size_t used;
	int code = run_capture(argv, seconds, all, sizeof(all), &used);

	one_line(output, size, all, used);
	return code;
}
