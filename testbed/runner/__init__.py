# SPDX-License-Identifier: GPL-2.0
"""The host's side of the test bed."""
