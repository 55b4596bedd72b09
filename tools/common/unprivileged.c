// SPDX-License-Identifier: GPL-2.0
/*
 * unprivileged.c - programs that talk to other hosts run as nobody.  What root is
 * needed for is done by the tools themselves.
 */
#define _GNU_SOURCE	/* setresuid(), clearenv(), close_range() */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "command.h"
#include "text.h"
#include "unprivileged.h"

/* The kernel's own number of a user that nothing belongs to. */
#define OVERFLOW_ID 65534

/* All three numbers each, and no way back. */
static bool has_left_root(uid_t uid, gid_t gid)
{
	uid_t u[3];
	gid_t g[3];

	errno = EPERM;
	return !getresuid(&u[0], &u[1], &u[2]) &&
	       u[0] == uid && u[1] == uid && u[2] == uid &&
	       !getresgid(&g[0], &g[1], &g[2]) &&
	       g[0] == gid && g[1] == gid && g[2] == gid &&
	       !getgroups(0, NULL) && setuid(0) && setgid(0);
}

/* False, and errno: nothing may run as it is now. */
static bool become_nobody(void)
{
	struct passwd *nobody = getpwnam("nobody");
	uid_t uid = nobody ? nobody->pw_uid : OVERFLOW_ID;
	gid_t gid = nobody ? nobody->pw_gid : OVERFLOW_ID;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return false;
	/* Who is not root has nothing to leave. */
	if (geteuid())
		return true;
	errno = EPERM;
	if (!uid || !gid)
		return false;
	return !setgroups(0, NULL) && !setresgid(gid, gid, gid) &&
	       !setresuid(uid, uid, uid) && has_left_root(uid, gid);
}

/* Handlers are this program's, and so are the signals that it holds back. */
static void reset_signals(void)
{
	static const int handled[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t none;
	size_t i;

	for (i = 0; i < sizeof(handled) / sizeof(handled[0]); i++)
		signal(handled[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Root's directory and its temporary one may be closed to others. */
static void leave_surroundings(void)
{
	const char *path = getenv("PATH");
	char copy[1024];
	bool fits = path && text_format(copy, sizeof(copy), "%s", path);

	clearenv();
	if (fits)
		setenv("PATH", copy, 1);
	if (chdir("/"))
		_exit(UNPRIVILEGED_ABSENT);
}

static void set_files(int out)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, 0);
	dup2(out < 0 ? null : out, 1);
	dup2(out < 0 ? null : out, 2);
	/* They are closed at exec, all that we open; libraries open more. */
	close_range(3, ~0u, 0);
}

static _Noreturn void run(char *const argv[], int out, pid_t parent)
{
	setpgid(0, 0);
	if (!become_nobody()) {
		dprintf(out < 0 ? 2 : out, "%s: cannot run %s as nobody: %s\n",
			tool_name, argv[0], strerror(errno));
		_exit(UNPRIVILEGED_REFUSED);
	}
	/* Later than the change of user, which would undo it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	leave_surroundings();
	set_files(out);
	reset_signals();
	if (getppid() == parent)
		execvp(argv[0], argv);
	_exit(UNPRIVILEGED_ABSENT);
}

pid_t unprivileged_start(char *const argv[], int out)
{
	pid_t parent = getpid(), pid;
	sigset_t all, before;

	/* No handler of ours runs in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (!pid)
		run(argv, out, parent);
	sigprocmask(SIG_SETMASK, &before, NULL);
	/* Whoever of the two comes first. */
	if (pid > 0)
		setpgid(pid, pid);
	return pid;
}
