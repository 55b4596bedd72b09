#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Shows that the tests can fail: each line of the table below spoils a copy of
# the I/O task table, and the named test must notice: one of the unit tests, or
# "replay", the fuzz target on the same inputs as always.
# usage: mutants.sh OUT, the directory that holds what "make" has built
set -eu

out=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../host/mutate.sh
. "$here/../host/mutate.sh"

# name | test | sed expression
mutants() {
	cat <<'TABLE'
state-unchecked|while_active|s/okay = t->state == XEN_IOTASK_STATE_active \&\&/okay =/
driver-unchecked|that_very_domain|s/t->driver_serial == ld->iotask->serial/1/
driver-by-number|that_very_domain|s/t->driver_serial == ld->iotask->serial/t->driver == ld->domain_id/
driver-unchecked-replay|replay|s/t->driver_serial == ld->iotask->serial/1/
idle-unchecked|one_map_each|s/r->state == REF_idle \&\& iotask_sink/iotask_sink/
host-unchecked|host_maps_only|s/(flags & GNTMAP_host_map) \&\& !/!/
device-unchecked|host_maps_only|s/ \&\& !(flags & GNTMAP_device_map)//
direction-unchecked|direction|s/((flags & GNTMAP_readonly) || (t->flags & XEN_IOTASK_WRITE));/1;/
maps-uncounted|direction|s/t->maps++;//
denied-uncounted|host_maps_only|s/^    t->denied++;//
sinks-unchecked|no_sinks_yet|s/ \&\& iotask_sink(ld, true) \&\&/ \&\&/
place-forgotten|taken_away|s/^    r->loc = loc;//
handle-forgotten|taken_away|s/^    r->handle = handle;//
unlocked|host_maps_only|/^void iotask_deny/,/^}/{/spin_lock(/d}
busy-unchecked|by_two_cpus|s/else if ( t->busy )/else if ( 0 )/
busy-unchecked-replay|replay|s/else if ( t->busy )/else if ( 0 )/
busy-for-ever|half_mapped|s/t->busy = false;//
still-admitting|half_mapped|s/t->state = XEN_IOTASK_STATE_revoking;//
iommu-error-released|iommu_fails|/^static int release_ref/,/^}/s/if ( !rc )/if ( 1 )/
iommu-error-released-replay|replay|/^static int release_ref/,/^}/s/if ( !rc )/if ( 1 )/
error-forgotten|divert_fails|s/t->failed = true;//
hardware-domain-ended|hardware_domain|s/!is_hardware_domain(xd) \&\& //
release-forgotten|taken_away|s/gnttab_iotask_release(rd, m);/;/
last-one-forgotten|from_hvm|s/!rc \&\& t->next < t->nr )$/!rc \&\& t->next + 1 < t->nr )/
half-mapped-overlooked|half_mapped|/case REF_unmapping:/,/break/s/m->rc = -ERESTART;/m->rc = 0;/
half-unmapped-overlooked|half_unmapped|/case REF_unmapping:/d
place-of-failure-lost|half_mapped|s/t->next = min(t->next, first + i);/;/
revoked-though-interrupted|replay|/t->busy = false;/,/revoked;/s/if ( !rc )/if ( 1 )/
never-preempted|one_at_a_time|/rc = revoke_batch/,/ERESTART/s/hypercall_preempt_check()/false/
revoked-uncounted|policy_counts|s/tbl->revoked++;//
torn-counted|already_torn|s/if ( held \&\& r->state == REF_mapped )/if ( r->state == REF_mapped )/
driver-gone-unnoticed|guest_stays|/^int iotask_driver_gone/,/^}/s/rd->is_dying \&\& /0 \&\& /
diverted-left|iommu_fails|s/^        release_diverted(d, t);//
released-too-soon|driver_half_gone|s/if ( rc == -ENOENT \&\& ACCESS_ONCE(xd->iotask->gone) )/if ( rc == -ENOENT )/
tasks-unlimited|limits|s/tbl->nr_tasks >= tbl->max_tasks ||/0 ||/
references-unlimited|limits|s/t->nr > tbl->max_refs - min(.*/0 )/
limit-lowered|limits|s/min(tbl->nr_refs, tbl->max_refs)/tbl->nr_refs/
policy-unchecked|policy_admits|s/if ( !driver_admitted(tbl, t->driver_serial) )/if ( 0 )/
any-driver-forgotten|direction|s/tbl->nr_drivers = XEN_IOTASK_ANY_DRIVER;/tbl->nr_drivers = 0;/
tag-left|taken_away|s/gnttab_iotask_untag(d, t->refs\[nr\].ref, .*);/;/
tag-left-replay|replay|s/gnttab_iotask_untag(d, t->refs\[nr\].ref, .*);/;/
rollback-too-short|bad_references|s/remove_task(d, t, i);/remove_task(d, t, i ? i - 1 : 0);/
rollback-too-long|bad_references|s/remove_task(d, t, i);/remove_task(d, t, i + 1);/
place-kept|taken_away|s/tbl->tasks\[slot\] = NULL;//
references-not-returned|limits|s/tbl->nr_refs -= t->nr;//
denied-forgotten|policy_counts|s/tbl->denied += t->denied;//
drop-unrevoked|not_revoked|s/rc = -EBUSY;/t->state = TASK_hidden;/
flags-unchecked|malformed|s/(op->flags & ~XEN_IOTASK_WRITE)/0/
pad-unchecked|malformed|s/ || op->pad ||/ ||/
no-references|malformed|s/!op->nr_refs || //
too-many-references|malformed|s/op->nr_refs > XEN_IOTASK_MAX_REFS || //
to-oneself|malformed|s/ || op.driver == d->domain_id//
answer-lost|each_failure|s/if ( !rc && copy_field_to_guest(uop, &op, id) )/if ( !rc \&\& copy_field_to_guest(uop, \&op, id) \&\& 0 )/
task-leaked|bad_references|/rc = add_task/,/xfree/s/xfree(t);/;/
half-read-leaked|each_failure|/^static struct iotask \*read_task/,/^}/s/xfree(t);/;/
sink-leaked|guest_dies|/^int iotask_driver_gone/,/^}/s/free_sink(sink\[1\]);//
sink-for-a-dead-domain|driver_dies_meanwhile|s/!d->is_dying && !tbl->sink\[1\]/!tbl->sink[1]/
sink-not-zero|taken_away|s/clear_domain_page(page_to_mfn(pg));//
sink-shared|taken_away|s/SWAP(tbl->sink\[1\], ro);/tbl->sink[1] = tbl->sink[0];/
revoke-by-anyone|whose_tasks|s/rc = xsm_iotask_revoke(.*$/rc = 0;/
revoke-by-anyone-replay|replay|s/rc = xsm_iotask_revoke(.*$/rc = 0;/
query-by-anyone|who_may_ask|s/rc = xsm_iotask_query(XSM_TARGET, currd, d);/rc = 0;/
query-of-others|who_may_ask|s/(!driver || t->driver_serial == driver)/1/
policy-by-anyone|policy_arguments|s/set ? xsm_iotask_policy(XSM_PRIV, current->domain, d)/set ? 0/
policy-seen-by-anyone|policy_arguments|s/: xsm_iotask_query(XSM_TARGET, current->domain, d);/: 0;/
register-by-anyone|between_unprivileged|s/rc = xsm_iotask_register(.*$/rc = 0;/
pad-of-op-unchecked|whose_tasks|/^static int iotask_end/,/^}/s/if ( op.pad )/if ( 0 )/
pad-of-query-unchecked|who_may_ask|/^static int iotask_query/,/^}/s/if ( op.pad )/if ( 0 )/
old-id|all_places|s/t && t->id == id && /t \&\& /
id-out-of-range|all_places|s/if ( slot >= XEN_IOTASK_MAX_TASKS )/if ( 0 )/
id-repeats|ids_differ|s/tbl->last_id += 0x100;/tbl->last_id ^= 0x100;/
hidden-task-found|while_registering|/^static struct iotask \*find_task/,/^}/s/ \&\& t->state != TASK_hidden//
hidden-task-seen|while_registering|s/if ( t && t->state != TASK_hidden \&\&$/if ( t \&\&/
driver-by-old-number|driver_gone|s/op.driver = driver_id(op.driver, serial);//
identity-unchecked|driver_gone|s/ || xd->iotask->serial != serial/ || 0/
all-the-same|that_very_domain|s/atomic_add_return(1, &serial)/1/
drivers-twice|policy_arguments|s/if ( drivers\[i\].serial == drivers\[j\].serial )/if ( 0 )/
too-many-drivers|one_driver_too_many|s/(!any && op->nr_drivers > XEN_IOTASK_MAX_DRIVERS)/0/
limit-too-high|policy_arguments|s/op->max_tasks > XEN_IOTASK_MAX_TASKS ||/0 ||/
flags-of-policy-unchecked|policy_arguments|s/if ( op.flags & ~XEN_IOTASK_POLICY_SET )/if ( 0 )/
count-unchecked|count_must_be_1|s/if ( count != 1 )/if ( 0 )/
not-enabled-unchecked|not_enabled|s/if ( !current->domain->iotask )/if ( 0 )/
table-less-target|not_enabled|s/if ( d && !d->iotask )/if ( 0 )/
domain-locked|whose_tasks|/^static int iotask_end/,/^}/s/rcu_unlock_domain(d);//
torn-down-again|guest_stays|s/ || d->iotask->torn_down//
not-torn-down|guest_dies|/^static int revoke_and_drop/,/^}/s/for_each_task(d, true, iotask_drop)/0/
TABLE
}

# Does the test fail with the table in directory $1, once compiled?
fails() {
	dir=$1
	rest=
	case $2 in
	replay)
		others='fuzz replay' rest='0 2000'
		;;
	*)
		others='unit unit_interface unit_tasks unit_ends' rest=$2
		;;
	esac
	set --
	for o in port grants world ops $others; do
		set -- "$@" "$out/$o.gcc.o"
	done
	"${CC:-gcc}" "$dir/table.o" "$@" -o "$dir/test" || return 1
	# shellcheck disable=SC2086
	! timeout 60 "$dir/test" $rest >"$dir/log" 2>&1
}

compile() {
	"${CC:-gcc}" -std=gnu11 -O1 -w -I"$here" -I"$out" -include port.h \
		-c "$1/table.c" -o "$1/table.o"
}

noticed() {
	compile "$1" && fails "$@"
}

spoil() {
	sed -e "$2" "$out/table.c" >"$1/table.c"
	! cmp -s "$out/table.c" "$1/table.c"
}

# Tests that fail without any mutant could not show anything.
good() {
	mkdir -p "$out/mutants/none"
	cp "$out/table.c" "$out/mutants/none"
	compile "$out/mutants/none"
	for test in $(mutants | cut -d '|' -f 2 | sort -u); do
		if fails "$out/mutants/none" "$test"; then
			echo "FAIL mutant.none: $test fails without one"
			# shellcheck disable=SC2034
			status=1
		fi
	done
}

rm -rf "$out/mutants"
good
try_all
