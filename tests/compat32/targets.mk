# SPDX-License-Identifier: GPL-2.0
# The 32-bit guest of tests/boot/compat32.toml; included by the top Makefile.

BOOT_PROGRAMS += $(B)/tests/compat32
COMPAT32 := $(addprefix tests/compat32/,start.S compat32.c)

# No C library, hence Xen's headers alone, and nothing that needs start-up code.
$(B)/tests/compat32: $(COMPAT32) tests/compat32/image.lds \
		include/drb/iotask.h tests/iotask-host/layout.h
	@mkdir -p $(@D)
	$(CC) -m32 -march=i686 -mgeneral-regs-only -ffreestanding -fno-pic -no-pie \
		-fno-stack-protector -fno-asynchronous-unwind-tables \
		-nostdlib -static -O2 -Wall -Wextra -Werror -Iinclude/drb \
		-Itests/iotask-host \
		-I/usr/include/xen -Wl,--build-id=none,--no-warn-rwx-segments \
		-T tests/compat32/image.lds -o $@ $(COMPAT32)
