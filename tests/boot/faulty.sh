# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC1091,SC2154

# What this kernel, which is also the guest's, is to report.
case $(uname -r) in
*-kasan) mistakes='use-after-free past-the-end lock-order sleep-in-atomic leak shift' ;;
*-kcsan) mistakes=race ;;
*-preempt) mistakes='lock-order sleep-in-atomic processor-id' ;;
*) mistakes='' ;;	# nothing passes, so the suite fails
esac

# is_reported TEXT: on the guest's console; most reports end the guest as well.
is_reported() {
	await 20 grep -qE "$1" /var/log/xen/console/guest-guest.log && return
	echo "no $1 in the guest's log, which ends:"
	tail -n 3 /var/log/xen/console/guest-guest.log
	return 1
}

leaks_are_reported() {
	on guest "$look_for_leaks" >/run/drb/leaks-guest &&
		our_leaks /run/drb/leaks-guest | grep drb_faulty
}

# reported MISTAKE TEXT
reported() {
	start_domain guest && await_domain guest || return
	if [ "$1" = leak ]; then
		on guest "insmod /drb/drb-faulty.ko mistake=leak"
		check "a leak is reported" leaks_are_reported
	else
		start guest load "insmod /drb/drb-faulty.ko mistake=$1"
		check "$1 is reported" is_reported "$2"
	fi
	xl destroy guest
	rm -f /var/log/xen/console/guest-guest.log
}

expect_crash guest
for mistake in $mistakes; do
	case $mistake in
	use-after-free) reported "$mistake" 'BUG: KASAN: .*use-after-free' ;;
	past-the-end) reported "$mistake" 'BUG: KASAN: .*out-of-bounds' ;;
	lock-order) reported "$mistake" 'WARNING: possible circular locking' ;;
	sleep-in-atomic) reported "$mistake" 'BUG: (scheduling while atomic|sleeping)' ;;
	leak) reported "$mistake" ;;
	shift) reported "$mistake" 'UBSAN: shift-out-of-bounds' ;;
	race) reported "$mistake" 'BUG: KCSAN: data-race' ;;
	processor-id) reported "$mistake" 'BUG: using smp_processor_id' ;;
	esac
done
