// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs.c - a look at the rings: /sys/kernel/debug/drb/VIF/queue-N while
 * the vif is connected, under the name that it has on its bus: network devices of
 * two namespaces may have the same.  Writing "kick" notifies the peer and polls.
 *
 * The files go when the link goes down, under rtnl, and that waits for those
 * who use them; so the queue is there as long as they do, and they must not
 * take rtnl.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <xen/events.h>

#include "internal.h"

static struct dentry *drb_debugfs_root;

/* All at once, while both ends go on: the numbers need not fit together. */
static void drb_show_ring(struct seq_file *m, const char *name,
			  const struct drb_ring *r)
{
	u32 prod = READ_ONCE(r->prod), cons = READ_ONCE(r->cons);

	seq_printf(m, "%s size        %u\n", name, r->size);
	seq_printf(m, "%s prod        %u\n", name, prod);
	seq_printf(m, "%s cons        %u\n", name, cons);
	seq_printf(m, "%s fill        %u\n", name, prod - cons);
	seq_printf(m, "%s published   %u\n", name, READ_ONCE(r->published));
	seq_printf(m, "%s shared prod %u\n", name, READ_ONCE(r->ctrl->prod));
	seq_printf(m, "%s shared cons %u\n", name, READ_ONCE(r->ctrl->cons));
	seq_printf(m, "%s data_event  %u\n", name,
		   READ_ONCE(r->ctrl->data_event));
	seq_printf(m, "%s space_event %u\n", name,
		   READ_ONCE(r->ctrl->space_event));
}

static int drb_queue_show(struct seq_file *m, void *unused)
{
	struct drb_queue *q = m->private;

	seq_printf(m, "irq %d\ndead %d\nstopped %d\nthrottled %d\n", q->irq,
		   READ_ONCE(q->dead), netif_tx_queue_stopped(drb_txq(q)),
		   READ_ONCE(q->throttled));
	seq_printf(m, "stalls %llu\nwakes %llu\npolls %llu\ninterrupts %llu\n",
		   READ_ONCE(q->stats.tx_stalls), READ_ONCE(q->stats.wakes),
		   READ_ONCE(q->stats.polls), READ_ONCE(q->stats.interrupts));
	seq_printf(m, "pages %u\n", drb_pools_pages(q));
	drb_show_ring(m, "tx", &q->out);
	drb_show_ring(m, "rx", &q->in);
	return 0;
}

static int drb_queue_open(struct inode *inode, struct file *file)
{
	return single_open(file, drb_queue_show, inode->i_private);
}

static ssize_t drb_queue_write(struct file *file, const char __user *buf,
			       size_t count, loff_t *ppos)
{
	struct seq_file *m = file->private_data;
	struct drb_queue *q = m->private;
	char word[8] = "";

	if (count >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, buf, count))
		return -EFAULT;
	if (strcmp(strim(word), "kick"))
		return -EINVAL;
	if (READ_ONCE(q->dead))
		return -EIO;
	notify_remote_via_irq(q->irq);
	drb_schedule(q);
	return count;
}

static const struct file_operations drb_queue_fops = {
	.owner = THIS_MODULE,
	.open = drb_queue_open,
	.read = seq_read,
	.write = drb_queue_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* Under rtnl, with rings and interrupts in place. */
void drb_debugfs_add(struct drb_dev *drb)
{
	unsigned int i;
	char name[16];

	drb->debugfs = debugfs_create_dir(dev_name(&drb->xdev->dev),
					  drb_debugfs_root);
	for (i = 0; i < drb->num_queues; i++) {
		snprintf(name, sizeof(name), "queue-%u", i);
		debugfs_create_file(name, 0600, drb->debugfs, &drb->queues[i],
				    &drb_queue_fops);
	}
}

/* Under rtnl.  Idempotent. */
void drb_debugfs_del(struct drb_dev *drb)
{
	debugfs_remove(drb->debugfs);
	drb->debugfs = NULL;
}

void drb_debugfs_init(void)
{
	drb_debugfs_root = debugfs_create_dir("drb", NULL);
}

void drb_debugfs_exit(void)
{
	debugfs_remove(drb_debugfs_root);
}
