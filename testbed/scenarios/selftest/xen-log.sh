# SPDX-License-Identifier: GPL-2.0
# The hypervisor complains without stopping; dom0 says it in its place.
# shellcheck shell=sh

pass "something"
cat >/dev/hvc0 <<END
(XEN) Assertion 'x' failed at iotask.c:1
(XEN) UBSAN: Undefined behaviour in iotask.c:1:1
(XEN) Xen BUG at iotask.c:1
(XEN) Xen WARN at iotask.c:1
(XEN) list_add corruption
END
