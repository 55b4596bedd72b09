# SPDX-License-Identifier: GPL-2.0
# What a driver domain may do with the pages of a task, and what not.
# shellcheck shell=sh disable=SC1091,SC2034,SC2086,SC2154

. /drb/task.sh

third_id=$(domid third)
# PV or PVH.
driver_type=PV
[ -z "$driver" ] ||
	driver_type=$(on "$driver" "cat /sys/hypervisor/guest_type")
guest_type=$(on guest "cat /sys/hypervisor/guest_type")
# How often the driver domain tries to map in the race.
attempts=${attempts:-1000000}
# How long it accesses what it has mapped, in milliseconds: longer where dom0,
# which is to have pages revoked meanwhile, has to share the CPU with it.
hammer=2000
[ -z "$driver" ] || hammer=5000

# offer_third COUNT: as a task whose driver domain is the third domain.
offer_third() {
	_driver_id=$driver_id driver_id=$third_id
	offer $WRITE "$1"
	_rc=$?
	driver_id=$_driver_id
	return $_rc
}

# Grown by use and kept: grant tables, maptrack frames, a driver domain's sinks.
warm_up() {
	offer $WRITE 512 && try 512 512 $HOST && tidy &&
		says nr=8 t alloc 8 && says lost=0 t free && offer_third 8 &&
		says ok=8 t map "$guest_id" $HOST "$ref" 8 &&
		says lost=0 t forget && tidy
}

# The entry names another domain; then it is made to name this one.
wrong_domain() {
	offer $WRITE 8 &&
		says ok=0 t map "$guest_id" $HOST "$ref" 8 &&
		g grant "$third_id" 0 0 8 &&
		says "ok=$(either 0 8)" t map "$guest_id" $HOST "$ref" 8 &&
		says lost=0 t forget
}

written_tx() {
	offer 0 8 && try 0 8 $HOST && d poke 0 8 $TAG &&
		says "changed=$(either 0 4096)" g check $PUBLIC 0 8 &&
		says lost=0 d forget &&
		says "$(either 'rc=0 denied=8 maps=0' rc=-38)" \
			g query $SELF 0 0 &&
		try 8 8 $((HOST | READ)) &&
		says "$(either 'rc=0 denied=8 maps=8 mapped=8' rc=-38)" \
			d query "$guest_id" 0 0 &&
		refused t query "$guest_id" 0 0 &&
		says "$(either equal=4096 equal=0)" d look 0 8 $PUBLIC
}

mapped_twice() {
	offer $WRITE 8 && try 8 8 $HOST && try 0 8 $HOST &&
		try 0 8 $((HOST | READ))
}

# Xen does not do it at all for a domain whose addresses it translates.
device_map() {
	_stock=8
	[ "$driver_type" = PV ] || _stock=0
	offer $WRITE 8 && try 0 $_stock $DEVICE &&
		try 0 $_stock $((HOST | DEVICE)) &&
		says lost=0 d forget && try 8 8 $HOST
}

# A mapping put into the page table by the address of the entry.
mapped_by_pte() {
	offer $WRITE 8 && try 8 8 $((HOST | PTE)) && strike &&
		says "equal=$(either 0 4096)" d look 0 8 $SECRET
}

copied() {
	offer $WRITE 8 &&
		says "ok=$(either 0 8) equal=$(either 0 4096)" \
			d copy 0 "$guest_id" "$ref" 8 $PUBLIC &&
		says "ok=$(either 0 8)" d copy 1 "$guest_id" "$ref" 8 $TAG &&
		says "changed=$(either 0 4096)" g check $PUBLIC 0 8
}

# The third domain is the driver domain here, and passes on to dom0 what it
# has been granted itself.
copied_transitively() {
	offer_third 8 && says nr=1 t alloc 1 &&
		answer=$(t transitive 0 0 "$guest_id" "$ref") &&
		says "ok=$(either 0 1) equal=$(either 0 512)" \
			/drb/iot copy 0 "$third_id" "$(value ref)" 1 $PUBLIC &&
		says busy=0 t end 0 1 && says lost=0 t free
}

# Refused at any rate: the reference is no offer to take a page.
transferred() {
	offer $WRITE 8 && answer=$(d transfer "$guest_id" "$ref") &&
		says rc=0 echo "$answer" && ! says status=0 echo "$answer"
}

# Neither reference is of use then: each grants what is the other's.
swapped() {
	offer $WRITE 8 && says status=0 g swap "$ref" $((ref + 8)) &&
		says "ok=$(either 0 1)" d map "$guest_id" $HOST "$ref" 1 &&
		says "ok=$(either 0 1)" d map "$guest_id" $HOST $((ref + 8)) 1 &&
		says lost=0 d forget && says status=0 g swap "$ref" $((ref + 8)) &&
		try 8 8 $HOST
}

mapped_after_revoke() {
	offer $WRITE 8 && try 8 8 $HOST && says lost=0 d forget &&
		strike && try 0 8 $HOST &&
		says "equal=$(either 0 4096)" d look 0 8 $SECRET &&
		says "$(either 'rc=0 state=3 mapped=0 nr=8' rc=-38)" \
			g query $SELF 0 0
}

kept_after_revoke() {
	offer 0 8 && try 8 8 $((HOST | READ)) && strike &&
		says "equal=$(either 0 4096)" d look 0 8 $SECRET &&
		says "$(either 'zero=4096' 'zero=0')" d look 0 8 $SECRET &&
		says ok=8 d unmap 0 8
}

# A handle serves once, whether or not its mapping was replaced.
stale_handles() {
	offer $WRITE 8 && try 8 8 $HOST && strike &&
		says ok=8 d unmap 0 8 && says "ok=0 status=-4" d stale 0 8
}

# Put the mapping of a page of the task where that of an ordinary one is.
moved_pte() {
	offer $WRITE 8 && try 8 8 $HOST &&
		says ok=1 d map "$guest_id" $HOST $((ref + 8)) 1 || return
	d move 0 8 >/tmp/move
	strike && says "equal=$(either 0 512)" d look 8 1 $SECRET
}

zapped_pte() {
	offer $WRITE 8 && try 8 8 $HOST && says rc=0 d zap 0 4 && strike &&
		says "equal=$(either 0 2048) fault=2048" d look 0 8 $SECRET
}

# Stock can not unmap what is not there, and so the guest never gets it back.
zapped_tidied() {
	if [ "${control:-0}" = 1 ]; then
		says lost=4 d forget && says lost=4 g free
	else
		tidy
	fi
}

# A hypervisor built for debugging punishes the kernel that zaps.
zapped() {
	if [ "${debug:-0}" = 1 ]; then
		skip "zapped, then revoked" "not on a debugging hypervisor"
		return
	fi
	check "zapped, then revoked" zapped_pte
	check "zapped, then revoked: $(either 'tidied up' 'guest and driver domain lose the pages')" \
		zapped_tidied
}

# Half of the pages to read, half to write, from the other CPU.
hammer_round() {
	share 512 && register 0 256 0 && register $WRITE 256 256 &&
		says ok=256 d map "$guest_id" $((HOST | READ)) "$ref" 256 &&
		says ok=256 d map "$guest_id" $HOST $((ref + 256)) 256 &&
		says ok=1 d map "$guest_id" $HOST $((ref + 512)) 1 || return
	d hammer "$hammer" 0 512 $SECRET $TAG 512 >/tmp/hammer &
	pid=$!
	sleep 1
	strike || return
	note "revoking 512 pages took $(value us) us"
	wait $pid
	g check $SECRET 0 512 >/tmp/changed
	answer=$(cat /tmp/hammer)
	note "$answer"
	overlap=$((overlap + $(value overlap)))
	atleast 1000000 reads && atleast 100000 writes && hammer_secrets &&
		answer=$(cat /tmp/changed) && hammer_changes
}

# So often that 10000 accesses were under way while a revoke was.
hammered() {
	overlap=0
	for _round in 1 2 3 4; do
		hammer_round || return
		[ "${control:-0}" = 0 ] || return 0
		[ $_round = 4 ] || tidy || return
	done
	[ $overlap -ge 10000 ]
}

hammer_secrets() {
	if [ "${control:-0}" = 1 ]; then
		atleast 1 secrets
	else
		says secrets=0 cat /tmp/hammer
	fi
}

hammer_changes() {
	if [ "${control:-0}" = 1 ]; then
		atleast 1 changed
	else
		says changed=0 cat /tmp/changed
	fi
}

# The guest grants, registers, revokes and reuses; the driver domain maps,
# reads, writes and unmaps all the time.
stormed() {
	share 40 && says ok=1 d map "$guest_id" $HOST $((ref + 40)) 1 &&
		says busy=0 g end 0 40 || return
	start guest storm "/drb/iot storm 1000000 $driver_id 40 $SECRET"
	on_timeout=1500
	says "bad=0 unmap=0 gone=0" d siege "$attempts" "$guest_id" \
		"$ref" 40 $SECRET $TAG 0
	_rc=$?
	note "driver domain: $answer"
	_secrets=$(value secrets)
	g stop
	answer=$(finish guest storm)
	on_timeout=60
	note "guest: $answer"
	[ $_rc = 0 ] && storm_outcome
}

storm_outcome() {
	if [ "${control:-0}" = 1 ]; then
		says rc=-38 echo "$answer" && atleast 1 busy &&
			atleast 1 changed && [ "$_secrets" -gt 0 ]
	else
		says "rc=0 changed=0 busy=0" echo "$answer" &&
			atleast $((attempts / 1000)) diverted &&
			[ "$_secrets" = 0 ]
	fi
}

# bad RC ARGS...: registering that fails that way; on stock, as all does.
bad() {
	_rc=$(either "$1" -38)
	shift
	says "rc=$_rc" g register "$@"
}

bad_references() {
	share 8 && says busy=0 g end 4 1 && g grant "$third_id" 0 5 1 &&
		bad -22 "$driver_id" 0 0 1 $((ref + 4)) &&
		bad -22 "$driver_id" 0 0 1 $((ref + 5)) &&
		bad -22 "$driver_id" 0 0 8 "$ref" &&
		bad -22 "$driver_id" 0 0 1 100000 &&
		bad -22 "$driver_id" 0 0 1 0xffffffff &&
		bad -17 "$driver_id" 0 0 2 "$ref" "$ref" &&
		bad -17 "$driver_id" 0 0 3 "$ref" $((ref + 1)) "$ref" &&
		says "$(either rc=-2 rc=-38)" g query $SELF 0 0 &&
		register 0 2 0 && bad -17 "$driver_id" 0 0 2 $((ref + 1)) &&
		says ok=1 d map "$guest_id" $HOST $((ref + 2)) 1 &&
		bad -16 "$driver_id" 0 0 1 $((ref + 2))
}

bad_arguments() {
	share 8 && bad -22 "$driver_id" 0 0 0 "$ref" &&
		bad -22 "$driver_id" 0 0 513 "$ref" &&
		bad -22 "$driver_id" 0 1 1 "$ref" &&
		bad -22 "$driver_id" 2 0 1 "$ref" &&
		bad -22 "$driver_id" 0x8000 0 1 "$ref" &&
		bad -22 $SELF 0 0 1 "$ref" &&
		bad -22 "$guest_id" 0 0 1 "$ref" &&
		bad -3 999 0 0 1 "$ref" && bad -3 0x7ff1 0 0 1 "$ref" &&
		says "rc=$(either -22 -38)" g raw 0xd00 0 &&
		says "rc=$(either -22 -38)" g raw 0xd01 2 &&
		says "rc=$(either -38 -38)" g raw 0xd05 1 &&
		says "rc=$(either -2 -38)" g query $SELF 0 0
}

# op RC COMMAND ARGS...: revoke, drop, query that fail.
op() {
	_rc=$(either "$1" -38)
	shift
	says "rc=$_rc" g "$@"
}

bad_operations() {
	offer 0 8 && id=$(value id) &&
		op -16 drop $SELF "$id" 0 && op -22 drop $SELF "$id" 1 &&
		op -22 revoke $SELF "$id" 1 && op -22 query $SELF 0 1 &&
		op -2 revoke $SELF $((id + 1)) 0 && op -2 drop $SELF 12345 0 &&
		op -2 query $SELF 1000 0 && op -1 revoke "$third_id" $ALL 0 &&
		op -1 drop "$third_id" $ALL 0 && op -1 policy "$guest_id" 1 5 5 $ALL &&
		op 0 revoke $SELF "$id" 0 && op 0 revoke $SELF "$id" 0 &&
		op 0 drop $SELF "$id" 0 && op -2 drop $SELF "$id" 0 &&
		op 0 revoke $SELF $ALL 0
}

# policy RC TASKS REFS NR DRIVER...: dom0 sets what the guest may register.
policy() {
	_rc=$(either "$1" -38)
	shift
	says "rc=$_rc" /drb/iot policy "$guest_id" 1 "$@"
}

limited() {
	share 8 && says "$(either rc=0 rc=-38)" \
		/drb/iot policy "$guest_id" 0 0 0 0 || return
	_tasks=$(value max_tasks) _refs=$(value max_refs)
	limits_hold
	_held=$?
	strike && policy 0 "$_tasks" "$_refs" $ALL && return $_held
}

limits_hold() {
	policy 0 1 4 $ALL && bad -28 "$driver_id" 0 0 5 "$ref" &&
		register 0 4 0 && bad -28 "$driver_id" 0 0 1 $((ref + 4)) &&
		policy 0 2 8 1 "$third_id" &&
		bad -13 "$driver_id" 0 0 1 $((ref + 4)) &&
		policy 0 2 8 2 "$third_id" "$driver_id" &&
		register 0 1 4 &&
		policy -22 128 8 $ALL && policy -22 2 8 9 &&
		policy -22 2 8 2 "$third_id" "$third_id" &&
		policy -3 2 8 1 999
}

# Somebody else's frame, or none, cannot be registered; nor does the grant itself
# let it be mapped.
foreign_frame() {
	_frame=1
	[ "$guest_type" = PV ] || _frame=0xfffff
	share 8 && g foreign "$driver_id" 0 $_frame &&
		bad -22 "$driver_id" 0 0 1 "$ref" &&
		says ok=0 d map "$guest_id" $HOST "$ref" 1 &&
		says ok=0 d map "$guest_id" $((HOST | READ)) "$ref" 1
}

# As many tasks as a domain may have, and again and again one.
flooded() {
	share 256 && says other="$(either 0 65536)" g flood 65536 "$driver_id" 0 &&
		note "flood: $answer" && strike &&
		says "$(either rc=0 rc=-38)" g drop $SELF $ALL 0 &&
		says "ok=$(either 65536 0)" g flood 65536 "$driver_id" 1
}

# pv_row NAME FUNCTION: what only a PV domain can try, and another has no part in.
pv_row() {
	[ "$driver_type" != PV ] || row "$@"
}

check "grant tables have grown" warm_up
note_free
row "mapped by another domain" wrong_domain
row "TX data mapped to be written" written_tx
row "mapped twice" mapped_twice
row "mapped for a device" device_map
pv_row "mapped by the entry's address, then revoked" mapped_by_pte
row "copied" copied
row "copied transitively" copied_transitively
row "references swapped" swapped
row "mapped after revoking" mapped_after_revoke
row "kept mapped after revoking" kept_after_revoke
row "stale handles" stale_handles
row "registering bad references" bad_references
row "bad arguments" bad_arguments
row "bad operations" bad_operations
row "limited by policy" limited
row "somebody else's frame" foreign_frame
row "flooded with tasks" flooded
row "hammered while revoking" hammered
row "stormed" stormed
# Of the page given away there is no account, and on stock what has been moved
# or zapped stays mapped for good.
if [ "$driver_type" = PV ]; then
	check "given a page" transferred
	check "given a page: tidied up" tidy
	note_free
	zapped
	check "moved to another place" moved_pte
	if [ "${control:-0}" != 1 ]; then
		check "moved to another place: tidied up" tidy
		check "no page is lost by either" as_before
	fi
fi
