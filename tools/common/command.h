/* SPDX-License-Identifier: GPL-2.0 */
/*
 * command.h - commands, their options and how a tool ends.
 */
#ifndef DRB_TOOLS_COMMAND_H
#define DRB_TOOLS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum {
	EXIT_OK,
	EXIT_FAIL,	/* something went wrong */
	EXIT_USAGE,
	EXIT_NONE,	/* no such domain, vif, task, table */
	EXIT_PERM,	/* not permitted to this user or this domain */
};

enum opt_type { OPT_FLAG, OPT_NUMBER, OPT_SECONDS, OPT_TEXT };

/* Where an option's value goes depends on its type. */
struct opt {
	const char *name;	/* without the dashes; NULL ends a table */
	char letter;		/* or 0 */
	enum opt_type type;
	const char *arg;	/* what its argument is called; NULL: none */
	const char *what;
	void *value;		/* bool, struct opt_number, double, char * */
	double max;		/* of OPT_NUMBER and OPT_SECONDS */
};

#define OPTION_FLAG(name, letter, what, to) \
	{ name, letter, OPT_FLAG, NULL, what, to, 0 }

struct opt_number {
	bool given;
	unsigned long value;
};

struct command {
	const char *name;	/* empty: what the tool does without one */
	const char *args;	/* as --help shows them */
	const char *what;	/* one line */
	const char *more;	/* for --help; lines, or NULL */
	const struct opt *opts;
	int min_args;
	int max_args;
	int (*run)(int argc, char **argv);
};

/* Which tool this is; in its main.c. */
extern const char *const tool_name;
/* Which build of it. */
extern const char tool_build[];

/* Parse options into what the table points at; the rest stays in argv. */
int options_parse(const struct command *cmd, int argc, char **argv);
void options_help(const struct command *cmd);

/* The same, and whether there are as many arguments as it takes; then run it. */
int command_run(const struct command *cmd, int argc, char **argv);

/* One line on stderr, "TOOL: ...", and the end. */
_Noreturn void die(int code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What an error number means to who runs the tool. */
int exit_code_of(int err);

#endif
