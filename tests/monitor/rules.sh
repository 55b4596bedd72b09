# SPDX-License-Identifier: GPL-2.0
# The alert rules by themselves, with promtool; sourced by check.sh.
# shellcheck shell=sh disable=SC2154,SC2317

rules=$root/packaging/prometheus/drb.rules.yml
alerts=$(sed -n 's/^ *- alert: //p' "$rules")

rules_are_right() {
	promtool check rules "$rules"
}

# tested DIR WHICH: fires or quiet.
tested() {
	cp "$here/$2.test.yml" "$1" && promtool test rules "$1/$2.test.yml"
}

fires() {
	mkdir "$work/rules" && cp "$rules" "$work/rules" && tested "$work/rules" fires
}

quiet() {
	tested "$work/rules" quiet
}

# with_expr ALERT EXPRESSION: the rules with another one for it.
with_expr() {
	awk -v alert="$1" -v expr="$2" '
		/^ *- alert: / { found = $3 == alert }
		found && /^    expr:/ { print "    expr: " expr; skip = 1; next }
		/^    [a-z]+:/ { skip = 0 }
		!skip' "$rules"
}

# noticed ALERT EXPRESSION WHICH: these tests fail for it.
noticed() {
	with_expr "$1" "$2" >"$work/rules/drb.rules.yml"
	promtool check rules "$work/rules/drb.rules.yml" >"$work/checked" || return
	cmp "$rules" "$work/rules/drb.rules.yml" && return 1
	tested "$work/rules" "$3" || return 0
	echo "$3.test.yml does not notice '$2' in $1"
	return 1
}

# Each alert is shown to fire, and each not to.
tests_are_whole() {
	[ "$(echo "$alerts" | wc -l)" -ge 5 ] || return
	for alert in $alerts; do
		noticed "$alert" 'vector(0) > 1' fires &&
			noticed "$alert" 'vector(1)' quiet || return
	done
}

# The page has each alert, and no other.
rules_are_documented() {
	sed -n 's/^\.It Cm \(Drb.*\)/\1/p' "$page" >"$work/page"
	echo "$alerts" | diff - "$work/page"
}

check rules rules_are_right
check rules-fire fires
check rules-quiet quiet
check rules-tests-whole tests_are_whole
check rules-documented rules_are_documented
