// SPDX-License-Identifier: GPL-2.0
/*
 * Makes, when loaded with mistake=NAME, one mistake of that kind, so that a test can
 * tell a kernel that watches itself from one that does not.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *mistake = "none";
module_param(mistake, charp, 0);

static int number = 64;		/* unknown to the compiler */
module_param(number, int, 0);

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static int shared;
static void *lost;

static void use_after_free(void)
{
	int *p = kmalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return;
	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(*p, 1);
}

static void past_the_end(void)
{
	char *p = kmalloc(13, GFP_KERNEL);

	if (!p)
		return;
	OPTIMIZER_HIDE_VAR(p);
	p[13] = 1;
	OPTIMIZER_HIDE_VAR(p);
	kfree(p);
}

/* Two locks in two orders, by one thread: nobody hangs. */
static void lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void sleep_in_atomic(void)
{
	preempt_disable();
	msleep(20);
	preempt_enable();
}

/* Not in the code that init leaves behind: its frames would have no names. */
static noinline void leak(void)
{
	/* Written for certain, or this would end by a jump and have no frame. */
	WRITE_ONCE(lost, kmalloc(200, GFP_KERNEL));
	WRITE_ONCE(lost, NULL);
}

static void shift(void)
{
	pr_info("%d\n", 1 << number);
}

static int add(void *unused)
{
	while (!kthread_should_stop()) {
		shared++;
		cond_resched();
	}
	return 0;
}

static void race(void)
{
	struct task_struct *t[2];

	for (int i = 0; i < ARRAY_SIZE(t); i++) {
		t[i] = kthread_create(add, NULL, "drb-faulty/%d", i);
		if (IS_ERR(t[i]))
			return;
		kthread_bind(t[i], i % num_online_cpus());
		wake_up_process(t[i]);
	}
	msleep(3000);
	for (int i = 0; i < ARRAY_SIZE(t); i++)
		kthread_stop(t[i]);
}

static void unlocked_processor_id(void)
{
	pr_info("on CPU %d\n", smp_processor_id());
}

static const struct {
	const char *name;
	void (*make)(void);
} mistakes[] = {
	{ "use-after-free", use_after_free },
	{ "past-the-end", past_the_end },
	{ "lock-order", lock_order },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "leak", leak },
	{ "shift", shift },
	{ "race", race },
	{ "processor-id", unlocked_processor_id },
};

static int __init faulty_init(void)
{
	for (int i = 0; i < ARRAY_SIZE(mistakes); i++) {
		if (strcmp(mistakes[i].name, mistake))
			continue;
		mistakes[i].make();
		return 0;
	}
	return -EINVAL;
}

static void __exit faulty_exit(void)
{
}

module_init(faulty_init);
module_exit(faulty_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Mistakes that a kernel which watches itself must report");
