// SPDX-License-Identifier: GPL-2.0
/*
 * options.c - a command's options, read and explained from one table.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "text.h"

#define MAX_OPTS 16

static void set_number(const struct opt *o, const char *arg)
{
	struct opt_number *to = o->value;

	if (!text_number(arg, o->max, &to->value))
		die(EXIT_USAGE, "--%s: '%s' is no number from 0 to %.0f",
		    o->name, arg, o->max);
	to->given = true;
}

static void set_seconds(const struct opt *o, const char *arg)
{
	char *end;
	double value = strtod(arg, &end);

	/* Digits and a point: neither "inf" nor "0x1p3", nor a sign. */
	if (!*arg || *end || strspn(arg, "0123456789.") != strlen(arg) ||
	    value < 0.1 || value > o->max)
		die(EXIT_USAGE, "--%s: '%s' is no time from 0.1 to %.0f seconds",
		    o->name, arg, o->max);
	*(double *)o->value = value;
}

static void set_option(const struct opt *o, const char *arg)
{
	switch (o->type) {
	case OPT_FLAG:
		*(bool *)o->value = true;
		break;
	case OPT_NUMBER:
		set_number(o, arg);
		break;
	case OPT_SECONDS:
		set_seconds(o, arg);
		break;
	case OPT_TEXT:
		if (!*arg)
			die(EXIT_USAGE, "--%s: it is empty", o->name);
		*(const char **)o->value = arg;
		break;
	}
}

/* What getopt wants: long options, and their letters. */
static void make_tables(const struct opt *opts, struct option *longs,
			char *letters)
{
	int i, n = 0;

	letters[n++] = ':';
	letters[n++] = 'h';
	for (i = 0; opts[i].name; i++) {
		longs[i].name = opts[i].name;
		longs[i].has_arg = opts[i].arg ? required_argument : no_argument;
		if (!opts[i].letter)
			continue;
		letters[n++] = opts[i].letter;
		if (opts[i].arg)
			letters[n++] = ':';
	}
	letters[n] = '\0';
	longs[i].name = "help";
}

static const struct opt *by_letter(const struct opt *opts, char letter)
{
	while (opts->name && opts->letter != letter)
		opts++;
	return opts->name ? opts : NULL;
}

/* What stands between the tool's name and the arguments. */
static const char *title(const struct command *cmd)
{
	static char text[32];

	snprintf(text, sizeof(text), "%s%s", *cmd->name ? " " : "", cmd->name);
	return text;
}

static int show_help(const struct command *cmd)
{
	options_help(cmd);
	if (fflush(stdout))
		die(EXIT_FAIL, "cannot write the help to standard output");
	exit(EXIT_OK);
}

static _Noreturn void bad_option(const struct command *cmd, int c, char **argv)
{
	die(EXIT_USAGE, "%s: %s; see %s%s --help", argv[optind - 1],
	    c == ':' ? "it wants an argument" : "no such option", tool_name,
	    title(cmd));
}

int options_parse(const struct command *cmd, int argc, char **argv)
{
	struct option longs[MAX_OPTS + 2] = { 0 };
	char letters[2 * MAX_OPTS + 3];
	int c, i;

	make_tables(cmd->opts, longs, letters);
	optind = 1;
	for (;;) {
		i = -1;
		c = getopt_long(argc, argv, letters, longs, &i);
		if (c == -1)
			return optind;
		if (c == ':' || c == '?')
			bad_option(cmd, c, argv);
		if (c == 'h' || (i >= 0 && !strcmp(longs[i].name, "help")))
			return show_help(cmd);
		set_option(c ? by_letter(cmd->opts, c) : &cmd->opts[i], optarg);
	}
}

static void explain(const struct opt *o)
{
	char left[64], letter[8] = "";

	if (o->letter)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name,
		 o->arg ? " " : "", o->arg ? o->arg : "");
	printf("  %-26s %s\n", left, o->what);
}

void options_help(const struct command *cmd)
{
	static const struct opt help = {
		.name = "help", .letter = 'h', .what = "print this text",
	};
	const struct opt *o;

	printf("usage: %s%s%s%s [OPTION]...\n\n%s\n", tool_name, title(cmd),
	       *cmd->args ? " " : "", cmd->args, cmd->what);
	if (cmd->more)
		printf("\n%s", cmd->more);
	printf("\n");
	for (o = cmd->opts; o->name; o++)
		explain(o);
	explain(&help);
}

int command_run(const struct command *cmd, int argc, char **argv)
{
	int first = options_parse(cmd, argc, argv);

	argc -= first;
	if (argc < cmd->min_args || argc > cmd->max_args)
		die(EXIT_USAGE, "usage: %s%s %s; see %s%s --help", tool_name,
		    title(cmd), cmd->args, tool_name, title(cmd));
	return cmd->run(argc, argv + first);
}
