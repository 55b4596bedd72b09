# SPDX-License-Identifier: GPL-2.0
# A host and a guest that have had DRB.
# shellcheck shell=sh disable=SC1091

. ./system-lib.sh
. ./drb.sh

check "the system is dom0 again" is_a_host || exit
check "all of it has started" all_started
check "nothing of DRB runs" none_runs
check "no file of DRB is left" as_before
check "a bridge" make_bridge
guest_config ''
check "xl create" xl create /root/guest.cfg || exit
check "the guest is up" guest_up || exit
check "the guest has an address" guest_address
check "the stock drivers at both ends" both_ends vif
check "on the bridge" on_bridge "vif$(domid guest).0"
check "ping and streams" traffic
check "the guest shuts down" timeout 180 xl shutdown -w guest
