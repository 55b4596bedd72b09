# SPDX-License-Identifier: GPL-2.0
# Gives every checker something good and something bad.
# shellcheck shell=sh disable=SC2154

# expect NAME EXPRESSION COMPLAINTS: each of the expression's lines must match.
expect() {
	missing=$(printf '%s\n' "$2" | while IFS= read -r e; do
		printf '%s\n' "$3" | grep -qE -- "$e" || echo "$e"
	done)
	verdict "xen.self.$1" "$missing"
}

good_patch() {
	cat <<-'END'
	From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
	From: A Person <person@example.org>
	Date: Thu, 1 Jan 1970 00:00:00 +0000
	Subject: [PATCH] common: add a line

	It was missing.

	Signed-off-by: A Person <person@example.org>
	---
	diff --git a/xen/common/x.c b/xen/common/x.c
	--- a/xen/common/x.c
	+++ b/xen/common/x.c
	@@ -1,1 +1,2 @@
	 int x;
	+int y;
	END
}

# Every line of the good one, spoilt.
bad_patch() {
	printf 'From 0\nTo: nobody\nSubject: no\n\n'
	printf 'Acked-by: A Person <person@example.org>\n---\n'
	printf 'diff --git a/xen/common/x.c b/xen/common/x.c\n'
	printf -- '--- a/xen/common/x.c\n+++ b/xen/common/x.c\n@@ -1 +1,4 @@\n'
	printf ' int x;\n+\tint y;\n+int z; \n+%081d\n' 0
}

# function NAME LINES
function_of() {
	printf 'int %s(void)\n{\n' "$1"
	seq "$2" | sed 's/.*/    x = &;/'
	printf '}\n'
}

check_self_functions() {
	mkdir -p "$scratch/before" "$scratch/after"
	{ function_of grew 90; function_of crossed 80; } >"$scratch/before/a.c"
	{ function_of grew 91; function_of crossed 81; } >"$scratch/after/a.c"
	function_of added 81 >"$scratch/after/b.c"
	function_of fits 80 >>"$scratch/after/b.c"
	said=$(long_xen_functions "$scratch/before" "$scratch/after" a.c b.c)
	expect function-length '^# a.c:.*grew.* has 91 lines, before 90$
^a.c:.*crossed.* has 81 lines$
^b.c:.*added.* has 81 lines$' "$said"
	verdict xen.self.function-fits "$(echo "$said" | grep fits)"
}

check_self() {
	good_patch >"$scratch/good.patch"
	bad_patch >"$scratch/bad.patch"
	verdict xen.self.good "$(mail_complaints "$scratch/good.patch"
		line_complaints "$scratch/good.patch")"
	sed 's/^From: A Person/&\n/' "$scratch/good.patch" >"$scratch/folded.patch"
	verdict xen.self.folded "$(mail_complaints "$scratch/folded.patch")"
	expect mail 'no From
no Subject
no Signed-off-by
no word on why' "$(mail_complaints "$scratch/bad.patch")"
	expect lines 'tab: .*int y
white space at the end: .*int z
over 80 columns: 0+$' "$(line_complaints "$scratch/bad.patch")"
	check_self_functions
	expect same '^-a' "$(echo a >"$scratch/a"; echo b >"$scratch/b"
		different_files "$scratch/a" "$scratch/b")"
}
