# SPDX-License-Identifier: GPL-2.0
# Running drbctl and looking at what it says; sourced by drbctl.sh in dom0.
# shellcheck shell=sh disable=SC2086

OUT=/tmp/drbctl.out
ERR=/tmp/drbctl.err

drbctl() {
	/drb/drbctl "$@"
}

# code N COMMAND...: its exit code, with its output and errors kept.
code() {
	_code=$1
	shift
	"$@" >$OUT 2>$ERR
	_got=$?
	[ $_got = "$_code" ] && return
	echo "exit code $_got, wanted $_code: $(head -c 300 $ERR $OUT | tr '\n' ' ')"
	return 1
}

# fails N WORDS COMMAND...: with that code and one line of error that has WORDS.
fails() {
	_n=$1 _words=$2
	shift 2
	code "$_n" "$@" || return
	if [ "$(wc -l <$ERR)" != 1 ] || ! grep -q "^drbctl: .*$_words" $ERR; then
		echo "wanted one line with '$_words': $(cat $ERR)"
		return 1
	fi
}

# holds FILTER COMMAND...: its JSON, and for jq -e nothing else, satisfies that.
holds() {
	_filter=$1
	shift
	code 0 "$@" || return
	jq -e "$_filter" $OUT >/tmp/jq.out 2>&1 && return
	echo "not: $_filter: $(jq -c . $OUT | head -c 1500)"
	return 1
}

# reports CHECK RESULT WORDS: a line of drbctl check, whatever its exit code.
reports() {
	drbctl check --json >$OUT 2>$ERR
	jq -e --arg c "$1" --arg r "$2" --arg w "$3" \
		'any(.[]; .check == $c and .result == $r and
			(.found | contains($w)))' $OUT >/tmp/jq.out && return
	jq -c '.[] | [.check, .result, .found]' $OUT | tr '\n' ' '
	return 1
}

# defect CHECK WORDS: it fails, and so does drbctl check, which says what to do.
defect() {
	reports "$1" fail "$2" || return
	jq -e --arg c "$1" 'any(.[]; .check == $c and .result == "fail" and
		(.mend | length) > 10)' $OUT >/tmp/jq.out || return
	code 1 drbctl check
}

# exposition FILE: is this Prometheus' text format?  Each family once, with its
# type before its samples; no sample twice; names, labels and numbers well formed.
exposition() {
	awk '
		function bad(why) { print FILENAME ":" FNR ": " why ": " $0; rc = 1; exit 1 }
		/^# HELP / { next }
		/^# TYPE / {
			if ($3 in type) bad("family twice")
			if ($4 != "counter" && $4 != "gauge") bad("type")
			type[$3] = $4; family = $3; next
		}
		{
			name = $0; sub(/\{.*/, "", name)
			if (name != family) bad("not in its family")
			if (type[name] == "counter" && name !~ /_total$/) bad("counter")
			if ($0 !~ /^[a-z_]+\{([a-z_]+="([^"\\]|\\["\\n])*",?)+\} [0-9]+$/)
				bad("syntax")
			series = $0; sub(/ [0-9]+$/, "", series)
			if (series in seen) bad("twice")
			seen[series] = 1; n++
		}
		END { if (!rc && n < 20) { print "only " n " samples"; exit 1 } exit rc }' "$1"
}
