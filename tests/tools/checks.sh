# SPDX-License-Identifier: GPL-2.0
# What drbctl check takes for a defect, and what for a choice, on hosts that are not
# there; sourced by run.sh, behind stats.sh.
# shellcheck shell=sh disable=SC2154,SC2317

# ends CODE [OPTION]: so does drbctl check here, and its JSON is in $work/findings.
ends() {
	wanted=$1
	shift
	"$host/drbctl" check --json "$@" >"$work/findings"
	code=$?
	[ "$code" = "$wanted" ] || {
		echo "exit code $code: $(jq -c 'map([.check, .result, .found])' \
			"$work/findings")"
		return 1
	}
}

# finds CHECK LEVEL WORDS: a finding, with what to do unless all is well.
finds() {
	jq -e --arg c "$1" --arg l "$2" --arg w "$3" 'any(.[]; .check == $c and
		.level == $l and (.found | contains($w)) and
		($l == "ok" or (.mend | length) > 10))' "$work/findings" ||
		{
			echo "no $*: $(jq -c 'map([.check, .level, .found])' \
				"$work/findings")"
			return 1
		}
}

# levels FILTER: each finding has one, and all of them satisfy that.
levels() {
	jq -e "length > 5 and all(.[]; (.level | IN(\"ok\", \"warn\", \"fail\")) and
		($1))" "$work/findings"
}

# Nobody asks for DRB, and nothing of it is here.
nobody_asks() {
	new_host nobody vifs=db modules=xen_netback installed= rule=0 script=0 &&
		ends 0 && levels '.level != "fail" and .result == .level' &&
		finds 'asked for' warn '1 of 1 vifs do not ask for DRB: vif3.0' &&
		finds netback-drb warn 'not installed' &&
		finds 'vif-drb script' warn 'does not exist' &&
		finds 'next boot' warn 'no rule'
}

# The same with --strict: what warns has failed, and still says what it was.
strict() {
	ends 1 --strict && levels '.level != "fail" and
		.result == (if .level == "ok" then "ok" else "fail" end)' &&
		"$host/drbctl" check >"$work/out" && ! grep '^fail' "$work/out" &&
		! "$host/drbctl" check -s >"$work/out" &&
		! grep '^warn' "$work/out" && grep '^fail *asked for' "$work/out"
}

# One vif asks as well, and all of that is a defect.
somebody_asks() {
	new_host somebody vifs=db,late modules=xen_netback installed= script=0 &&
		ends 1 && finds netback-drb fail 'not installed' &&
		finds 'vif-drb script' fail 'does not exist' &&
		finds 'asked for' warn '1 of 2' &&
		finds 'drivers bound' fail 'vif7.0 asks for DRB, but has xen-netback'
}

# So it is where no vif is yet: who asks is asked whether the host is ready.
no_vif_yet() {
	new_host empty vifs= modules= installed= && ends 1 &&
		finds netback-drb fail 'not installed' &&
		finds 'asked for' ok 'none of 0'
}

# A guest that lacks DRB is its owner's choice; the driver domain has it.
guest_lacks() {
	new_host lacks vifs=web,mail && ends 0 &&
		finds 'drivers bound' warn 'vif2.0 asks for DRB, but its guest has none' &&
		finds 'asked for' ok 'none of 2' && finds order ok 'is asked before' &&
		ends 1 --strict
}

# A driver domain that lacks it, or has it behind the stock driver, is not.
backend_lacks() {
	new_host elsewhere vifs=cache,old && ends 1 &&
		finds 'drivers bound' fail 'vif6.0 asks for DRB, but has' &&
		new_host behind vifs=late modules=xen_netback,netback_drb && ends 1 &&
		finds order fail 'was loaded before netback-drb' &&
		finds 'drivers bound' fail vif7.0
}

# In a guest: not installed is a choice; installed and not loaded is none.
checks_in_guest() {
	new_host guest self=2 vifs=mail modules=xen_netfront installed= && ends 0 &&
		finds netfront-drb warn 'not installed' &&
		finds 'drivers bound' warn 'its guest has none' &&
		new_host unloaded self=2 vifs=mail modules=xen_netfront && ends 1 &&
		finds netfront-drb fail 'but not loaded'
}

# In a guest: the stock driver was first, and drb-rebind has mended it, or not.
rebound() {
	new_host rebound self=1 vifs=web modules=netfront_drb builtin=xen_netfront &&
		ends 0 && finds order warn 'has its vifs all the same' &&
		new_host rebound-2 self=1 vifs=web modules=xen_netfront,netfront_drb &&
		ends 0 && finds order warn 'has its vifs all the same' &&
		new_host left self=2 vifs=mail modules=xen_netfront,netfront_drb &&
		ends 1 && finds order fail 'was loaded before netfront-drb' &&
		new_host built-in self=2 vifs=mail modules=netfront_drb \
			builtin=xen_netfront && ends 1 &&
		finds order fail 'is built into the kernel'
}

check nobody-asks nobody_asks
check strict strict
check somebody-asks somebody_asks
check no-vif-yet no_vif_yet
check guest-lacks guest_lacks
check backend-lacks backend_lacks
check in-guest checks_in_guest
check rebound rebound
