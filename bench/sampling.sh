# SPDX-License-Identifier: GPL-2.0
# What is around a sample: whether it is asked for, how much time is left, in which
# state the host was, and whether it is taken once more.  Sourced by bench.sh.
# shellcheck shell=sh disable=SC2154
#
# All times are the host's, in centiseconds since the machine was started; the
# domains' clocks may be slower than that.

# A sample is repeated at most so often when something else used the machine, or
# its CPUs moved.
RETRIES=5
# Waiting and repeating may take this part of a run: one in ...
WAIT_PART=5

waited=0		# what both have taken so far
taken=0			# samples
per_round=0		# samples of a round
began=0			# when the first sample did
last_cell=
apart=			# what the last look said

# near: are the host's CPUs so near each other as they were seen to be at times?
# Leaves in $apart what was measured, or null where nobody can.
near() {
	apart=$(distance)
	[ "$apart" != unknown ] || apart=null
	is_near
}

# is_near: were they, when they were last looked at?
is_near() {
	[ "$near" = 0 ] || [ "$apart" = null ] || [ "$apart" -le "$near" ]
}

# may_wait CENTISECONDS: had waiting its part of the run, with these?
may_wait() {
	[ $((WAIT_PART * (waited + $1))) -lt "$(host_clock)" ]
}

# Each look takes the host some 50 ms, so the one after a sample serves the next.
await_near() {
	[ "$apart" ] || near
	is_near && return
	_since=$(host_clock)
	until near || ! may_wait $(($(host_clock) - _since)); do :; done
	waited=$((waited + $(host_clock) - _since))
}

# time_is_up: $seconds is all that the run may take; 0: there is no end.
time_is_up() {
	[ "$seconds" -gt 0 ] && [ "$(host_clock)" -ge $((100 * seconds)) ]
}

# as_time CENTISECONDS
as_time() {
	echo "$(($1 / 6000)) min $(($1 / 100 % 60)) s"
}

# How long the samples that are still to come will take, going by those so far;
# no longer than the time that there is.
time_left() {
	[ $taken -gt 0 ] || return
	_now=$(host_clock)
	_left=$(((_now - began) * (per_round * samples - taken) / taken))
	_end=$((100 * seconds - _now))
	[ "$seconds" = 0 ] || [ $_left -le $_end ] || _left=$_end
	[ $_left -ge 0 ] || _left=0
	echo ", $(as_time $_left) left"
}

# Said once per cell, before its first path.
tell_progress() {
	[ "$id" != "$last_cell" ] || return
	last_cell=$id
	progress "round $round of $samples: $id$(time_left)"
}

# measured SAMPLE ARGS...: $cells chooses, by a regular expression over these words,
# which samples are taken at all; $id is the sample's cell.
# A record's "foreign" is what the mark around it said, so the records of a
# sample are held back until it is known.
measured() {
	[ "$cells" = . ] || echo "$*" | grep -qE "$cells" || return 0
	if [ "$round" = 0 ]; then
		per_round=$((per_round + 1))
		return
	fi
	! time_is_up || return 0
	id=$(id_of "$@")
	tell_progress
	await_near
	apart_first=$apart try=0
	while :; do
		_since=$(host_clock)
		mark begin "$round"
		: >/run/drb/held
		"$@" </dev/null
		foreign=$(mark end "$round")
		_took=$(($(host_clock) - _since))
		near && [ "${foreign%.*}" -lt "$limit" ] && break
		[ $try -lt $RETRIES ] || break
		may_wait $_took || break
		waited=$((waited + _took)) try=$((try + 1))
		apart_first=$apart
	done
	taken=$((taken + 1))
	release "$foreign" $try "[$apart_first,$apart]"
}

# release FOREIGN RETRIES DISTANCES: the records of a sample, completed.
release() {
	while read -r line; do
		data "{$line,\"foreign\":$1,\"retries\":$2,\"limit\":$limit,\"distance\":$3,\"round\":$round}"
	done </run/drb/held
	: >/run/drb/held
}

# rounds FUNCTION: all of them, or as many as there is time for.
rounds() {
	round=0
	"$1"
	began=$(host_clock) round=1
	while [ "$round" -le "$samples" ] && ! time_is_up; do
		"$1"
		round=$((round + 1))
	done
	data "{\"run\":{\"samples\":$taken,\"wanted\":$((per_round * samples)),\"waited_s\":$((waited / 100)),\"took_s\":$(($(host_clock) / 100)),\"near\":$near}}"
}
