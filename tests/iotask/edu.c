// SPDX-License-Identifier: GPL-2.0
/*
 * A device that the driver domain has: QEMU's "edu", which copies between its
 * own buffer and wherever it is told, IOMMU permitting.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/pci.h>
#include "iotest.h"

#define EDU_SRC		0x80
#define EDU_DST		0x88
#define EDU_CNT		0x90
#define EDU_CMD		0x98
#define EDU_RUN		BIT(0)
#define EDU_WRITE	BIT(1)
#define EDU_BUFFER	0x40000
/* It takes a copy as large as its buffer for one that is too large. */
#define EDU_BYTES	2048
#define EDU_WORDS	(EDU_BYTES / sizeof(u64))

static int edu_copy(void __iomem *regs, u64 addr, bool write)
{
	unsigned int tries;

	writeq(write ? EDU_BUFFER : addr, regs + EDU_SRC);
	writeq(write ? addr : EDU_BUFFER, regs + EDU_DST);
	writeq(EDU_BYTES, regs + EDU_CNT);
	writeq(EDU_RUN | (write ? EDU_WRITE : 0), regs + EDU_CMD);
	for (tries = 0; tries < 500; tries++) {
		if (!(readq(regs + EDU_CMD) & EDU_RUN))
			return 0;
		msleep(20);
	}
	return -ETIMEDOUT;
}

/*
 * The buffer is loaded from the driver domain's page, which the IOMMU admits;
 * then it goes to the slot, or comes from there and back into the page.
 */
static int edu_move(void __iomem *regs, u64 page, u64 slot, bool write)
{
	int rc = edu_copy(regs, page, false);

	if (!rc)
		rc = edu_copy(regs, slot, write);
	if (!rc && !write)
		rc = edu_copy(regs, page, true);
	return rc;
}

static int edu_run(u64 page, u64 slot, bool write)
{
	struct pci_dev *pdev = pci_get_device(0x1234, 0x11e8, NULL);
	void __iomem *regs;
	int rc;

	if (!pdev)
		return -ENODEV;
	rc = pci_enable_device(pdev);
	if (rc)
		goto put;
	/* Xen takes this from a device that it finds astray too often. */
	pci_set_master(pdev);
	regs = pci_iomap(pdev, 0, 0);
	if (regs) {
		rc = edu_move(regs, page, slot, write);
		pci_iounmap(pdev, regs);
	} else {
		rc = -ENOMEM;
	}
	pci_disable_device(pdev);
put:
	pci_dev_put(pdev);
	return rc;
}

/* Where the slot's page was when it was mapped: no mapping is needed now. */
int cmd_dma(struct iotest *t)
{
	struct page *local = alloc_page(GFP_KERNEL);
	unsigned int w, equal = 0;
	u64 *p;
	int rc;

	if (!local || !slot_range(t->arg[1], 1)) {
		if (local)
			__free_page(local);
		return -EINVAL;
	}
	p = page_address(local);
	memset64(p, t->arg[0] ? t->arg[2] : ~t->arg[2], IOTEST_WORDS);
	rc = edu_run(arbitrary_virt_to_machine(p).maddr, slots[t->arg[1]].dev, t->arg[0]);
	for (w = 0; w < EDU_WORDS; w++)
		equal += READ_ONCE(p[w]) == t->arg[2];
	__free_page(local);
	say(t, "rc=%d equal=%u", rc, equal);
	return 0;
}
