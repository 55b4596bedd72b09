# SPDX-License-Identifier: GPL-2.0
# Starts the image of tests/compat32 as a guest; its console has the results.
# shellcheck shell=sh disable=SC2154

log=/var/log/xen/console/guest-compat.log

begin() {
	sed -i 's|^kernel = .*|kernel = "/drb/compat32"|; /^ramdisk = /d' \
		/drb/cfg/compat.cfg
	[ "${control:-0}" = 0 ] ||
		sed -i 's|^extra = .*|extra = "control"|' /drb/cfg/compat.cfg
	xl create -q /drb/cfg/compat.cfg
}

at_its_end() {
	await 60 grep -q ^DONE "$log" || {
		tail -n 1 "$log"
		return 1
	}
}

gone() {
	! xl domid compat
}

# Each of the guest's lines as one of ours.
results() {
	tr -d '\r' <"$log" | while read -r result name; do
		case $result in
		PASS) pass "32 bit: $name" ;;
		FAIL) fail "32 bit: ${name%%: *}" "result ${name##*: }" ;;
		esac
	done
}

check "a 32-bit guest starts" begin
check "it comes to its end" at_its_end
results
check "and is gone" await 10 gone
