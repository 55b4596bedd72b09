#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Shows of each checker that it complains about something bad and leaves
# something good alone.  Sourced by lint.sh.

# complains NAME CHECKER FILE...: it must have something to say
complains() {
	sample=lint-self.$1-complains checker=$2
	shift 2
	if ! why=$("need_$checker" 2>&1); then
		echo "SKIP $sample: $why"
	elif [ -n "$("$checker" "$@")" ]; then
		pass "$sample"
	else
		fail "$sample" "it accepts a bad sample"
	fi
}

# accepts NAME CHECKER FILE...: it must have nothing to say
accepts() {
	sample=lint-self.$1-accepts checker=$2
	shift 2
	if ! why=$("need_$checker" 2>&1); then
		echo "SKIP $sample: $why"
		return
	fi
	said=$("$checker" "$@")
	if [ -z "$said" ]; then
		pass "$sample"
	else
		fail "$sample" "it complains about a good sample: $said"
	fi
}

# c_function LINES: a function whose body has that many
c_function() {
	printf '// SPDX-License-Identifier: GPL-2.0\nint sample(int n)\n{\n'
	i=2
	while [ "$i" -lt "$1" ]; do
		printf '\tn++;\n'
		i=$((i + 1))
	done
	printf '\n\treturn n;\n}\n'
}

sample_checkpatch() {
	c_function 10 >good.c
	sed 's/^\tn++;/    n ++ ;/' good.c >bad.c
	complains checkpatch-kernel checkpatch_kernel bad.c
	accepts checkpatch-kernel checkpatch_kernel good.c
	complains checkpatch-shared checkpatch_shared bad.c
	accepts checkpatch-shared checkpatch_shared good.c
	complains checkpatch-host checkpatch_host bad.c
	accepts checkpatch-host checkpatch_host good.c
}

sample_shell() {
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nrm -r $1/*\n' >bad-script
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nrm -r "${1:?}"\n' >good-script
	complains shellcheck shellcheck_scripts bad-script
	accepts shellcheck shellcheck_scripts good-script
}

sample_licence() {
	echo 'int sample;' >bad.c
	complains spdx spdx_missing bad.c
	accepts spdx spdx_missing good.c
	: >'a name'
	complains names odd_names 'a name'
	accepts names odd_names good.c
}

# A module that is right but for an address space.
sample_sparse() {
	mkdir sparse-bad sparse-good
	for d in sparse-bad sparse-good; do
		echo 'obj-m += sample.o' >"$d/Kbuild"
		cat >"$d/sample.c" <<'END'
// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

static int __user *where;

static int __init sample_init(void)
{
	return where READ 0;
}
module_init(sample_init);
MODULE_LICENSE("GPL");
END
	done
	sed -i 's/where READ 0/*where/' sparse-bad/sample.c
	sed -i 's/where READ 0/!where/' sparse-good/sample.c
	complains sparse sparse_samples sparse-bad
	accepts sparse sparse_samples sparse-good
}

need_sparse_samples() { need_sparse_modules; }
sparse_samples() { sparse_directory "$PWD/$1"; }

sample_length() {
	c_function "$((LONG_FUNCTION + 1))" >bad.c
	c_function "$LONG_FUNCTION" >good.c
	complains function-length long_functions bad.c
	accepts function-length long_functions good.c
	{
		echo 'sample() {'
		sed 's/.*/:/' bad.c
		echo '}'
	} >bad.sh
	complains function-length-shell long_functions bad.sh
	yes '/* */' | head -n "$((LONG_FILE + 1))" >bad.c
	complains file-length long_files bad.c
	accepts file-length long_files good.c
}

# shellcheck disable=SC2154 # lint.sh sets root
sample_documents() {
	cp "$root/docs/figures/headline.svg" good.svg
	sed 's/width="[0-9]/&0/' good.svg >bad.svg
	complains figure drawn_otherwise bad.svg
	accepts figure drawn_otherwise good.svg
	cp "$root/docs/performance.md" good.md
	sed 's/^| rx-60-b1 | pps | [0-9]/&0/' good.md >bad.md
	complains table drawn_otherwise bad.md
	accepts table drawn_otherwise good.md
	echo '[there](good.md#a) [elsewhere](https://example.org/x.md)' >link.md
	accepts links broken_links link.md
	echo '[nowhere](none.md)' >link.md
	complains links broken_links link.md
	# shellcheck disable=SC2016
	echo 'See `drb-core/poll.c`.' >link.md
	accepts links broken_links link.md
	# shellcheck disable=SC2016
	echo 'See `drb-core/none.c`.' >link.md
	complains links broken_links link.md
}

sample_words() {
	printf '#if LINUX_VERSION_CODE < 5\n#endif\n' >bad.c
	cp bad.c compat.h
	complains kernel-version version_ifs bad.c
	accepts kernel-version version_ifs compat.h
	# shellcheck disable=SC2016
	printf '! %s "$1" "ls /proc/1"\n' on >bad.sh
	# shellcheck disable=SC2016
	printf 'fails_on "$1" "! ls /proc/1"\non "$1" "! ls"\n' >good.sh
	complains not-on negated_on bad.sh
	accepts not-on negated_on good.sh
	for word in "deb.debian" "security.debian"; do
		echo "http://$word.org/" >bad.txt
		complains "mirror-$word" private_words bad.txt
	done
	printf '/%s/main/build\n' work >bad.txt
	complains machine-path private_words bad.txt
	printf 'as said in the previous %s\n' session >bad.txt
	complains origin private_words bad.txt
	printf 'see issue %s\n' 12 >bad.txt
	complains tracker private_words bad.txt
	accepts private-words private_words good.c
}

sample_circles() {
	echo 'int b(void); int a(void) { return b(); }' >a.c
	echo 'int a(void); int b(void) { return a(); }' >b.c
	echo 'int b(void) { return 0; }' >leaf.c
	for f in a b leaf; do
		gcc -c -o $f.o $f.c || return
	done
	complains circles object_circles a.o b.o
	accepts circles object_circles a.o leaf.o
}

lint_self() {
	scratch=$(mktemp -d)
	back=$PWD
	cd "$scratch" || exit 1
	sample_checkpatch
	sample_shell
	sample_licence
	sample_sparse
	sample_circles
	sample_length
	sample_documents
	sample_words
	cd "$back" || exit 1
	rm -rf "$scratch"
}
