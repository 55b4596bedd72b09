/* SPDX-License-Identifier: GPL-2.0 */
/*
 * plugin_api.h - the part of QEMU's plugin interface, version 1, that insns.c
 * uses.  Debian ships a QEMU with plugins but not their header; names, types
 * and values are those of QEMU's documentation ("QEMU TCG Plugins", API).
 */
#ifndef PLUGIN_API_H
#define PLUGIN_API_H

#include <stddef.h>
#include <stdint.h>

#define PLUGIN_EXPORT	__attribute__((visibility("default")))
#define PLUGIN_VERSION	1

struct qemu_plugin_tb;		/* a translation block, while translated */
struct qemu_plugin_insn;	/* an instruction of it */

/* Callbacks; flags 0: they do not look at the CPU's registers. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_info_t;
typedef void (*translated_fn)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*executed_fn)(unsigned int vcpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
					   translated_fn fn);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  executed_fn fn,
					  int flags,
					  void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    executed_fn fn,
					    int flags,
					    void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
						 size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

#endif /* PLUGIN_API_H */
