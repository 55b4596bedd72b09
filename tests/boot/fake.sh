# SPDX-License-Identifier: GPL-2.0
# A backend played by hand, for what netback-drb would not do: it maps the
# guest's info and ctrl pages with drb-iotest, in slots 0 and 1, and never lets
# go by itself.  Sourced by scripts in dom0.
# shellcheck shell=sh disable=SC2034

driver=/sys/bus/xen/drivers/vif-drb
RING_PAGES=64
MAGIC_WORD=0 CTRL_REF=16	# u32s of struct drb_info
TX_CONS=32 RX_PROD=64		# u32s of struct drb_ctrl
MAGIC=$((0x31425244))		# DRB_MAGIC

back_path() { echo "/local/domain/0/backend/vif/$(domid guest)/0"; }
front_path() { echo "/local/domain/$(domid guest)/device/vif/0"; }
front_state() { xenstore-read "$(front_path)/state"; }
front_is() { [ "$(front_state)" = "$1" ]; }
guest_unbind() { on guest "echo vif-0 >$driver/unbind"; }
guest_bind() { on guest "echo vif-0 >$driver/bind"; }

# peek SLOT INDEX: a word of a page that is mapped there.
peek() {
	_answer=$(/drb/iot peek "$1" "$2")
	echo "${_answer#value=}"
}

# The real backend goes; what it offered is offered again by hand.
fake_takes_over() {
	guest_unbind
	await 10 state_is guest 0 2 || await 10 state_is guest 0 6
	echo "vif-$(domid guest)-0" >/sys/bus/xen-backend/drivers/vif-drb/unbind
}

fake_offers() {
	_back=$(back_path)
	xenstore-write "$_back/drb-version" 1 "$_back/drb-max-queues" 1 \
		"$_back/drb-max-ring-pages" $RING_PAGES "$_back/state" 2
}

# map_at FLAGS REF: one page of the guest's, in the next slot.
map_at() {
	/drb/iot map "$(domid guest)" "$1" "$2" 1 | tee /tmp/mapped |
		grep -q 'ok=1' && return
	echo "reference $2: $(cat /tmp/mapped)"
	return 1
}

fake_maps() {
	map_at 6 "$(xenstore-read "$(front_path)/queue-0/info-ref")" || return
	[ "$(peek 0 $MAGIC_WORD)" = $MAGIC ] || {
		echo "no magic: $(peek 0 $MAGIC_WORD)"
		return 1
	}
	map_at 2 "$(peek 0 $CTRL_REF)"
}

# fake_connects: a vif of the guest's that believes to have a backend.
fake_connects() {
	fake_offers && guest_bind && await 10 front_is 3 && fake_maps &&
		xenstore-write "$(back_path)/state" 4 && await 10 front_is 4
}

# fake_ends: as it should have done at once.
fake_ends() {
	/drb/iot unmap 0 2
	xenstore-write "$(back_path)/state" 6
	/drb/iot forget
}
