// SPDX-License-Identifier: GPL-2.0
/* The device: reads commands, hands out answers. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>
#include "iotest.h"

struct command {
	const char *name;
	command_fn *fn;
};

static const struct command commands[] = {
	{ "alloc", cmd_alloc },		/* N */
	{ "refs", cmd_refs },
	{ "grant", cmd_grant },		/* DOM READONLY PAGE COUNT */
	{ "fill", cmd_fill },		/* WORD PAGE COUNT */
	{ "check", cmd_check },		/* WORD PAGE COUNT */
	{ "used", cmd_used },		/* PAGE COUNT */
	{ "end", cmd_end },		/* PAGE COUNT */
	{ "free", cmd_free },
	{ "register", cmd_register },	/* DRIVER FLAGS PAD NR REF... */
	{ "revoke", cmd_revoke },	/* DOM ID PAD */
	{ "drop", cmd_drop },		/* DOM ID PAD */
	{ "query", cmd_query },		/* DOM INDEX PAD */
	{ "policy", cmd_policy },	/* DOM FLAGS TASKS REFS NR DRIVER... */
	{ "strike", cmd_strike },	/* WORD PAGE COUNT */
	{ "flood", cmd_flood },		/* N DRIVER DROP */
	{ "raw", cmd_raw },		/* OP COUNT */
	{ "swap", cmd_swap },		/* REF REF */
	{ "setversion", cmd_setversion }, /* VERSION */
	{ "foreign", cmd_foreign },	/* DOM PAGE FRAME */
	{ "transitive", cmd_transitive }, /* PAGE DOM OF-DOM OF-REF */
	{ "map", cmd_map },		/* DOM FLAGS REF COUNT */
	{ "unmap", cmd_unmap },		/* SLOT COUNT */
	{ "stale", cmd_stale },		/* SLOT COUNT */
	{ "move", cmd_move },		/* FROM TO */
	{ "zap", cmd_zap },		/* SLOT COUNT */
	{ "look", cmd_look },		/* SLOT COUNT WORD */
	{ "poke", cmd_poke },		/* SLOT COUNT WORD */
	{ "peek", cmd_peek },		/* SLOT INDEX */
	{ "nudge", cmd_nudge },		/* SLOT INDEX VALUE */
	{ "again", cmd_again },		/* DOM READONLY PAGE COUNT OF */
	{ "table", cmd_table },		/* PAGE COUNT */
	{ "give", cmd_give },		/* PAGE COUNT */
	{ "take", cmd_take },		/* PAGE COUNT */
	{ "mapat", cmd_mapat },		/* DOM FLAGS REF AT */
	{ "mapzero", cmd_mapzero },	/* DOM FLAGS REF */
	{ "unmapat", cmd_unmapat },	/* SLOT COUNT AT */
	{ "forget", cmd_forget },
	{ "copy", cmd_copy },		/* WRITE DOM REF COUNT WORD */
	{ "transfer", cmd_transfer },	/* DOM REF */
	{ "dma", cmd_dma },		/* WRITE SLOT WORD */
	{ "hammer", cmd_hammer },	/* MS SLOT COUNT SECRET TAG PHASE-SLOT */
	{ "storm", cmd_storm },		/* ROUNDS DRIVER COUNT SECRET */
	{ "stop", cmd_stop },		/* storm or siege */
	{ "siege", cmd_siege },		/* ATTEMPTS DOM REF COUNT SECRET TAG PHASE-SLOT */
};

void say(struct iotest *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	t->len += vscnprintf(t->answer + t->len, IOTEST_ANSWER - t->len, fmt, args);
	va_end(args);
}

static int parse(struct iotest *t, char *numbers)
{
	char *word;
	int rc;

	memset(t->arg, 0, sizeof(t->arg));
	t->nr = 0;
	while ((word = strsep(&numbers, " "))) {
		if (!*word)
			continue;
		if (t->nr == IOTEST_ARGS)
			return -E2BIG;
		rc = kstrtou64(word, 0, &t->arg[t->nr++]);
		if (rc)
			return rc;
	}
	return 0;
}

static int run(struct iotest *t, char *line)
{
	const char *name = strsep(&line, " ");
	unsigned int i;
	int rc;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(name, commands[i].name))
			break;
	if (i == ARRAY_SIZE(commands))
		return -ENOENT;
	rc = parse(t, line);
	if (rc)
		return rc;
	t->len = 0;
	t->read = 0;
	rc = commands[i].fn(t);
	say(t, "\n");
	return rc;
}

static int iotest_open(struct inode *inode, struct file *file)
{
	struct iotest *t = kzalloc(sizeof(*t), GFP_KERNEL);

	file->private_data = t;
	return t ? 0 : -ENOMEM;
}

static int iotest_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static ssize_t iotest_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	char *line = memdup_user_nul(from, len);
	int rc;

	if (IS_ERR(line))
		return PTR_ERR(line);
	rc = run(file->private_data, strim(line));
	kfree(line);
	return rc ?: len;
}

static ssize_t iotest_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	struct iotest *t = file->private_data;

	len = min_t(size_t, len, t->len - t->read);
	if (copy_to_user(to, t->answer + t->read, len))
		return -EFAULT;
	t->read += len;
	return len;
}

static const struct file_operations iotest_fops = {
	.owner = THIS_MODULE,
	.open = iotest_open,
	.release = iotest_release,
	.write = iotest_write,
	.read = iotest_read,
	.llseek = noop_llseek,
};

static struct miscdevice iotest_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "drb-iotest",
	.fops = &iotest_fops,
};

static int __init iotest_init(void)
{
	int rc = own_init();

	return rc ?: misc_register(&iotest_device);
}

static void __exit iotest_exit(void)
{
	misc_deregister(&iotest_device);
	own_exit();
}

module_init(iotest_init);
module_exit(iotest_exit);
MODULE_DESCRIPTION("Tests of grants and of Xen's I/O task table");
MODULE_LICENSE("GPL");
