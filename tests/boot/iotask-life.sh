# SPDX-License-Identifier: GPL-2.0
# Tasks of domains that die, are reset, saved and restored.
# shellcheck shell=sh disable=SC1091,SC2034,SC2086,SC2154

. /drb/task.sh

guest=victim

begin() {
	start_domain "$1" && await_domain "$1"
}

# present DOMID: Xen knows the domain, dead or alive.
present() {
	hv domains | grep -q "^$1 "
}

absent() {
	! present "$1" && ! xl list | grep -q '(null)'
}

# gone DOMID; lingers DOMID: it dies, or stays as a zombie.
gone() {
	await 10 absent "$1" || {
		hv domains | tr '\n' ' '
		return 1
	}
}

lingers() {
	sleep 3
	present "$1"
}

# Nothing is mapped, then the domain goes.
cycle() {
	begin victim && offer $WRITE 8 && try 8 8 $HOST &&
		says lost=0 d forget && xl destroy victim && gone "$guest_id"
}

# The pages of a guest that is no more, or on stock can not go for them.
destroyed_mapped() {
	begin victim && offer $WRITE 8 && try 8 8 $HOST &&
		xl destroy victim && "$(either gone lingers)" "$guest_id"
}

unmapped_afterwards() {
	says ok=8 d unmap 0 8 && says "ok=0 status=-4" d stale 0 8 &&
		says lost=0 d forget && gone "$guest_id"
}

# A guest with the number of one whose pages are mapped: the old handles say
# nothing about it, and the references nothing to it.
number_reused() {
	destroyed_mapped || return
	if [ "${control:-0}" = 1 ]; then
		! hv create "$guest_id" 2>&1 && return
	fi
	hv create "$guest_id" &&
		says ok=0 d map "$guest_id" $HOST "$ref" 8 &&
		says "equal=0 fault=0" d look 0 8 $SECRET &&
		says ok=8 d unmap 0 8 && says "ok=0 status=-4" d stale 0 8 &&
		present "$guest_id" && hv destroy "$guest_id"
}

number_free() {
	if [ "${control:-0}" = 1 ]; then
		unmapped_afterwards
	else
		says lost=0 d forget && gone "$guest_id"
	fi
}

# Destroyed while it registers and revokes, and the driver domain maps.
destroyed_revoking() {
	begin victim && share 40 &&
		says ok=1 d map "$guest_id" $HOST $((ref + 40)) 1 &&
		says busy=0 g end 0 40 || return
	start victim storm "/drb/iot storm 1000000 $driver_id 40 $SECRET"
	d siege 1000000000 "$guest_id" "$ref" 40 $SECRET $TAG 0 >/tmp/siege &
	pid=$!
	sleep "$1"
	xl destroy victim
	sleep 0.5
	d stop
	wait $pid
	answer=$(cat /tmp/siege)
	note "destroyed after $1 s: $answer"
	atleast 1000 ok && says "bad=0 unmap=0" echo "$answer" &&
		says "lost=0" d forget && gone "$guest_id"
}

often_destroyed_revoking() {
	for _seconds in 1.3 1.7 2.1; do
		destroyed_revoking $_seconds || return
	done
}

# In an order or the other, with pages mapped by an unprivileged domain.
both_begin() {
	driver=driver
	begin driver && begin victim && driver_id=$(domid driver) &&
		offer $WRITE 8 && try 8 8 $HOST
	_rc=$?
	driver='' _driver_id=$driver_id driver_id=0
	return $_rc
}

driver_first() {
	both_begin && xl destroy driver && gone "$_driver_id" &&
		says "$(either 'rc=0 driver=32756 mapped=0' rc=-38)" \
			g query $SELF 0 0 &&
		strike && says busy=0 g end 0 9 &&
		says "$(either rc=0 rc=-38)" g drop $SELF $ALL 0 &&
		says lost=0 g free && xl destroy victim && gone "$guest_id"
}

guest_first() {
	both_begin && xl destroy victim &&
		"$(either gone lingers)" "$guest_id" &&
		says ok=8 on driver "/drb/iot unmap 0 8" &&
		gone "$guest_id" && xl destroy driver && gone "$_driver_id"
}

both_at_once() {
	both_begin || return
	xl destroy victim &
	pid=$!
	xl destroy driver
	wait $pid
	gone "$guest_id" && gone "$_driver_id"
}

# same_number_again: the driver domain goes, and another one has its number;
# within the second xl takes it for used recently, whatever the timeout.
same_number_again() {
	export LIBXL_DOMID_REUSE_TIMEOUT=0
	xl save -D driver /tmp/saved && gone "$driver_id" && sleep 2 &&
		xl restore /tmp/saved && rm /tmp/saved &&
		await_domain driver && [ "$(domid driver)" = "$driver_id" ]
}

# A task is with a domain, not with its number.
impostor_refused() {
	offer $WRITE 8 && try 8 8 $HOST && says lost=0 d forget &&
		same_number_again && try 0 8 $HOST &&
		says "$(either 'rc=0 driver=32756 denied=8' rc=-38)" \
			g query $SELF 0 0 &&
		refused d query "$guest_id" 0 0 && tidy &&
		offer $WRITE 8 && try 8 8 $HOST && tidy
}

driver_reborn() {
	driver=driver
	begin driver && begin victim && driver_id=$(domid driver) &&
		impostor_refused
	_rc=$? _driver_id=$driver_id
	driver='' driver_id=0
	xl destroy driver && xl destroy victim && gone "$_driver_id" &&
		gone "$guest_id" && return $_rc
}

# With tasks, the version of the grant table stays.
version_changed() {
	begin victim && offer $WRITE 8 &&
		says "rc=$(either -16 0)" g setversion 2 &&
		xl destroy victim && gone "$guest_id"
}

# The rest of Xen's soft reset is for HVM domains; but grants have had theirs.
soft_reset() {
	sed -i 's/^on_poweroff.*/on_poweroff = "preserve"/' /drb/cfg/victim.cfg
	expect_crash victim
	begin victim && offer $WRITE 8 && try 8 8 $HOST || return
	start victim off "poweroff -f"
	await 20 sh -c "xl list victim | grep -q -- '---s'" || return
	hv soft-reset "$guest_id"
	says "$(either 'rc=-2' rc=-38)" /drb/iot query "$guest_id" 0 0 &&
		says ok=8 d unmap 0 8 && says lost=0 d forget &&
		xl destroy victim && gone "$guest_id"
}

# Tasks are no part of what is saved; the guest registers them again.
saved_and_restored() {
	begin victim && offer $WRITE 8 && try 8 8 $HOST &&
		says lost=0 d forget && old=$guest_id &&
		xl save victim /tmp/saved && gone "$old" &&
		xl restore /tmp/saved && rm /tmp/saved &&
		await_domain victim && guest_id=$(domid victim) &&
		says "$(either rc=-2 rc=-38)" g query $SELF 0 0 &&
		g grant 0 0 0 9 && register $WRITE 8 0 &&
		try 8 8 $HOST && tidy && xl destroy victim && gone "$guest_id"
}

# row NAME FUNCTION: whatever became of it, the next one begins clean.
row() {
	check "$@" || {
		d forget
		xl destroy victim
		xl destroy driver
	}
	check "$1: no page is lost" as_before
}

check "a guest comes and goes" cycle
check "and again" cycle
note_free
row "a guest came and went" cycle
check "destroyed with its pages mapped: $(either gone 'a zombie')" destroyed_mapped
row "unmapped afterwards" unmapped_afterwards
check "its number reused: $(either 'no harm' 'not while a zombie has it')" number_reused
row "its number reused: nothing stays" number_free
row "destroyed while revoking" often_destroyed_revoking
row "the driver domain dies first" driver_first
row "the guest dies first" guest_first
row "both die" both_at_once
row "another driver domain of the same number" driver_reborn
row "grant table version changed" version_changed
row "saved and restored" saved_and_restored
row "soft reset" soft_reset
