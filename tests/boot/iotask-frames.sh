# SPDX-License-Identifier: GPL-2.0
# What a guest and a driver domain that work together can do with frames that
# are granted more than once, and with the places where they are mapped.
# shellcheck shell=sh disable=SC1091,SC2034,SC2086,SC2154

. /drb/task.sh

third_id=$(domid third)
driver_type=PV
[ -z "$driver" ] ||
	driver_type=$(on "$driver" "cat /sys/hypervisor/guest_type")
guest_type=$(on guest "cat /sys/hypervisor/guest_type")
# What the third domain puts into its memory.
OTHER=0x0dd0b1e50dd0b1e5
RO=$((HOST | READ))

# odd COMMAND...: whether it succeeds is not what counts.
odd() {
	note "$* -> $("$@" 2>&1)"
}

# twice FLAGS READONLY READONLY: pages 0 to 7 in a task of these flags; the next 8
# references grant the same frames once more.  How each is granted.
twice() {
	share 16 && g grant "$driver_id" "$2" 0 8 >/dev/null &&
		g again "$driver_id" "$3" 8 8 0 >/dev/null && register "$1" 8 0
}

map_task() {
	says ok=8 d map "$guest_id" "$1" "$ref" 8
}

# The other references, which are in no task; slots 8 to 15.
map_again() {
	odd d map "$guest_id" "$1" $((ref + 8)) 8
}

# withdrawn: the guest ends all it can, and puts the secret into the pages; the
# driver domain neither sees nor changes it.
withdrawn() {
	says "$(either rc=0 rc=-38)" g revoke $SELF $ALL 0 &&
		says busy=0 g end 0 16 &&
		says "$(either rc=0 rc=-38)" g drop $SELF $ALL 0 &&
		g fill $SECRET 0 8 && unseen $SECRET && d poke 0 "$slots" $TAG &&
		says changed=0 g check $SECRET 0 8
}

# unseen WORD: in no slot of the driver domain's.
unseen() {
	says equal=0 d look 0 "$slots" "$1"
}

# handed_on: the frames go to the third domain; the driver domain neither reads
# nor changes what that puts there.
handed_on() {
	says nr=32 t alloc 32 && says given=32 t give 0 32 &&
		says given=8 g give 0 8 && says taken=32 t take 0 32 &&
		t fill $OTHER 0 32 && unseen $OTHER &&
		d poke 0 "$slots" $TAG && says changed=0 t check $OTHER 0 32 &&
		says taken=8 g take 0 8 && says lost=0 t free
}

# Each handle given back where the other mapping of the same frame is.
other_place() {
	slots=16
	twice $WRITE 0 0 && map_task $HOST && map_again $HOST || return
	odd d unmapat 8 8 0
	odd d unmapat 0 8 8
	withdrawn && handed_on
}

# The same with a task whose pages are to be read.
other_place_to_read() {
	slots=16
	twice 0 1 0 && map_task $RO && map_again $HOST || return
	odd d unmapat 8 8 0
	odd d unmapat 0 8 8
	withdrawn && handed_on
}

# over FLAGS TASK AGAIN: a place overwritten by a mapping of other rights.
over() {
	slots=16
	twice "$1" 0 0 && map_task "$2" || return
	for _i in 0 1 2 3 4 5 6 7; do
		odd d mapat "$guest_id" "$3" $((ref + 8 + _i)) $_i
	done
	withdrawn
}

overwritten_to_read() {
	over $WRITE $HOST $RO && tables && handed_on
}

overwritten_to_write() {
	over 0 $RO $HOST && tables && handed_on
}

# A page becomes a page table when, and only when, nobody can write to it.
tables() {
	[ "$guest_type" != PV ] || says tables=8 g table 0 8
}

no_tables() {
	[ "$guest_type" != PV ] || says tables=0 g table 0 8
}

table_while_mapped() {
	slots=16
	twice $WRITE 0 0 && map_task $HOST && says tables=0 g table 0 8 &&
		map_again $RO && says tables=0 g table 0 8 || return
	odd d unmapat 8 8 0
	says tables=0 g table 0 8 && withdrawn && tables && handed_on
}

# Both references in tasks, of whichever direction.
both_in_tasks() {
	slots=16
	twice $WRITE 0 0 &&
		says "rc=$(either -17 -38)" g register "$driver_id" 0 0 8 $((ref + 8)) &&
		says "rc=$(either -17 -38)" g register "$driver_id" 0 0 1 $((ref + 15)) &&
		map_task $HOST && map_again $RO && withdrawn && tables && handed_on
}

# In use through another reference already, by the driver domain or a third one.
used_before() {
	slots=8
	share 16 && g again "$driver_id" 0 8 8 0 >/dev/null &&
		says ok=1 d map "$guest_id" $RO $((ref + 15)) 1 &&
		says "rc=$(either -16 -38)" g register "$driver_id" $WRITE 0 8 "$ref" &&
		says lost=0 d forget &&
		g again "$third_id" 1 12 1 4 >/dev/null &&
		says ok=1 t map "$guest_id" $RO $((ref + 12)) 1 &&
		says "rc=$(either -16 -38)" g register "$driver_id" $WRITE 0 8 "$ref" &&
		says lost=0 t forget && register $WRITE 8 0 && map_task $HOST &&
		withdrawn && handed_on
}

# By another reference, the frames can neither be mapped nor copied by anybody.
used_otherwise() {
	slots=8
	twice $WRITE 0 0 && map_task $HOST &&
		says "ok=$(either 0 8)" d copy 0 "$guest_id" $((ref + 8)) 8 $PUBLIC &&
		says "ok=$(either 0 8)" d copy 1 "$guest_id" $((ref + 8)) 8 $PUBLIC &&
		g again "$third_id" 0 8 8 0 >/dev/null &&
		says "ok=$(either 0 8)" t map "$guest_id" $HOST $((ref + 8)) 8 &&
		says "ok=$(either 0 8)" t copy 0 "$guest_id" $((ref + 8)) 8 $PUBLIC &&
		says lost=0 t forget && withdrawn && handed_on
}

# The reference is made to grant another frame behind the task's back.
other_frame() {
	slots=8
	share 16 && register $WRITE 8 0 &&
		g again "$driver_id" 0 0 8 8 >/dev/null &&
		says "ok=$(either 0 8)" d map "$guest_id" $HOST "$ref" 8 &&
		g again "$driver_id" 0 0 8 0 >/dev/null && says lost=0 d forget &&
		map_task $HOST && withdrawn && handed_on
}

# pages GIVEN: how many of 8 frames that the guest gives back Xen gets.
pages_given() {
	_before=$(hv free)
	says given=8 g give 0 8 || return
	sleep 1
	_after=$(hv free)
	[ $((${_after#* } - ${_before#* })) = "$1" ] || {
		echo "Xen had $_before, then $_after"
		return 1
	}
}

# The guest gives its frames away while they are in a task, or just mapped.
given_away() {
	slots=8
	twice $WRITE 0 0 && map_task $HOST && pages_given 0 &&
		says "$(either rc=0 rc=-38)" g revoke $SELF $ALL 0 &&
		_before=$(hv free) &&
		says "$(either rc=0 rc=-38)" g drop $SELF $ALL 0 && sleep 1 &&
		_after=$(hv free) &&
		[ $((${_after#* } - ${_before#* })) = "$(either 8 0)" ] &&
		says nr=32 t alloc 32 && says given=32 t give 0 32 &&
		says taken=32 t take 0 32 && t fill $OTHER 0 32 &&
		unseen $OTHER && d poke 0 8 $TAG &&
		says changed=0 t check $OTHER 0 32 && says lost=0 t free &&
		says taken=8 g take 0 8
}

# PV: the entries are cleared behind the grant table's back, and the frames are
# to be somebody else's, or page tables, before the guest revokes.
zapped_and_reused() {
	slots=8
	twice $WRITE 0 0 && map_task $HOST && says rc=0 d zap 0 8 &&
		no_tables && pages_given 0 &&
		says "$(either rc=0 rc=-38)" g revoke $SELF $ALL 0 &&
		says busy=0 g end 0 16 &&
		says "$(either rc=0 rc=-38)" g drop $SELF $ALL 0 &&
		says taken=8 g take 0 8 && says lost=0 d forget
}

# Where the address of the mapping is zero.
at_zero() {
	slots=1
	twice $WRITE 0 0 && says ok=1 d mapzero "$guest_id" $HOST "$ref" &&
		odd d map "$guest_id" $HOST $((ref + 8)) 1 && withdrawn && handed_on
}

# Grown by use and kept: grant tables, maptrack frames, the sinks of a driver
# domain.
warm_up() {
	share 512 && register $WRITE 512 0 && try 512 512 $HOST && tidy &&
		share 8 && g grant "$third_id" 0 0 8 >/dev/null &&
		_driver_id=$driver_id driver_id=$third_id && register $WRITE 8 0 &&
		driver_id=$_driver_id &&
		says ok=8 t map "$guest_id" $HOST "$ref" 8 &&
		says lost=0 t forget && tidy
}

# each row|check NAME FUNCTION; with only=N just the Nth of them, for a hypervisor
# that does not live on behind the one before.
number=0
each() {
	number=$((number + 1))
	[ "${only:-$number}" != $number ] || "$@"
}

check "grant tables have grown" warm_up
note_free
each row "given back at another mapping's place" other_place
each row "the same with a task to read" other_place_to_read
each row "overwritten by a mapping to read" overwritten_to_read
each row "overwritten by a mapping to write" overwritten_to_write
[ "$guest_type" != PV ] ||
	each row "a page table while it is mapped" table_while_mapped
each row "both references in tasks" both_in_tasks
each row "in use before it is registered" used_before
each row "used by another reference" used_otherwise
each row "granting another frame" other_frame
each row "given away while in a task" given_away
if [ "$driver_type" = PV ]; then
	if [ "${debug:-0}" = 1 ]; then
		skip "zapped, then reused" "not on a debugging hypervisor"
	else
		each row "zapped, then reused" zapped_and_reused
	fi
else
	each check "mapped at address zero" at_zero
fi
