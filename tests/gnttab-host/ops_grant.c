// SPDX-License-Identifier: GPL-2.0
/*
 * ops_grant.c - what domains do with grants.
 */
#include "ops.h"

/* ---- granting -------------------------------------------------------------- */

static unsigned long take_gfn(const struct domain *d)
{
	unsigned int b = take();

	if (world.narrow && b < 240)
		return gt_frame(d, 8 + b % 4);
	if (d->hvm)
		return b % GFNS;
	return b < 245 ? take_frame_of(d) : b % FRAMES;
}

/* Mostly as a kernel does it, i.e. not while the entry is in use. */
void op_grant(void)
{
	struct domain *d = take_domain();
	unsigned int b = take();
	grant_ref_t ref = take_ref();
	uint16_t flags = b < 180 ? GTF_permit_access :
			 b < 210 ? GTF_permit_access | GTF_readonly :
			 b < 222 ? GTF_transitive :
			 b < 230 ? GTF_permit_access | GTF_sub_page :
			 b < 250 ? GTF_accept_transfer : b;
	domid_t to = take_id();
	unsigned long gfn;

	if (!d || ref >= gt_refs(d))
		return;
	if (gt_flags(d, ref) & (GTF_reading | GTF_writing) && !rarely())
		return;
	gfn = take_gfn(d);
	say("d%u grants %lu to d%u as ref %u flags %x\n", d->domain_id, gfn, to,
	    ref, flags);
	gt_write(d, ref, flags, to, gfn);
}

void op_end(void)
{
	struct domain *d = take_domain();
	grant_ref_t ref = take_ref();

	if (!d || ref >= gt_refs(d))
		return;
	if (!(gt_flags(d, ref) & (GTF_reading | GTF_writing)) || rarely())
		gt_write(d, ref, 0, 0, 0);
}

/* ---- mapping --------------------------------------------------------------- */

static void take_map(const struct domain *d, struct gnttab_map_grant_ref *op)
{
	const struct domain *rd;
	unsigned int b = take();

	op->flags = GNTMAP_host_map;
	if (b & 1)
		op->flags |= GNTMAP_readonly;
	if (!d->hvm && b < 64)
		op->flags |= GNTMAP_contains_pte;
	if (!d->hvm && (b & 0x1e) == 2)
		op->flags |= GNTMAP_application_map;
	if ((b & 0x1e) == 4 && (!d->hvm || rarely()))
		op->flags ^= b < 128 ? GNTMAP_device_map :
			     GNTMAP_device_map | GNTMAP_host_map;
	op->dom = take_id();
	rd = op->dom < DOMAINS ? world.domain[op->dom] : NULL;
	op->ref = take_ref_for(rd, d->domain_id);
	op->host_addr = op->flags & GNTMAP_contains_pte ?
			take_entry_address(d) : take_address(d);
	if (rarely())
		op->host_addr += 1;
}

static void note_mapping(struct domain *d,
			 const struct gnttab_map_grant_ref *op)
{
	unsigned int i;

	for (i = 0; i < MAPPINGS; i++) {
		struct mapping *m = &d->m->map[i];

		if (m->used)
			continue;
		*m = (struct mapping) {
			.used = true,
			.handle = op->handle,
			.addr = op->host_addr,
			.dom = op->dom,
			.ref = op->ref,
			.flags = op->flags,
			.mfn = op->dev_bus_addr >> PAGE_SHIFT,
		};
		break;
	}
}

void op_map(void)
{
	struct gnttab_map_grant_ref op[3] = {};
	struct domain *d = take_domain();
	unsigned int i, n = 1 + (take() < 40) + (take() < 20);

	if (!d)
		return;
	for (i = 0; i < n; i++) {
		take_map(d, &op[i]);
		op[i].status = 1;
	}
	hypercall(d, GNTTABOP_map_grant_ref, op, n);
	for (i = 0; i < n; i++)
		if (op[i].status == GNTST_okay)
			note_mapping(d, &op[i]);
	for (i = 0; i < n; i++)
		say("d%u maps d%u ref %u flags %x at %lx: %d, handle %u, frame %lu\n",
		    d->domain_id, op[i].dom, op[i].ref, op[i].flags,
		    op[i].host_addr, op[i].status, op[i].handle,
		    op[i].dev_bus_addr >> PAGE_SHIFT);
}

/* ---- unmapping ------------------------------------------------------------- */

static bool take_unmap(struct domain *d, grant_handle_t *handle,
		       uint64_t *host, uint64_t *bus)
{
	struct mapping *m = take_mapping(d), *other;
	unsigned int b = take();

	if (!m || b == 255) {
		*handle = take();
		*host = take_address(d);
		*bus = 0;
		return true;
	}
	*handle = m->handle;
	*host = m->addr;
	*bus = m->flags & GNTMAP_device_map ? m->mfn << PAGE_SHIFT : 0;
	if (b < 16) {
		*host = 0;
	} else if (b < 32) {
		*bus ^= b << PAGE_SHIFT;
	} else if (b < 56) {
		*host = m->flags & GNTMAP_contains_pte ?
			take_entry_address(d) : take_address(d);
	} else if (b < 110) {
		other = take_mapping(d);
		/* An entry's address must be aligned, a debug build insists. */
		if ((m->flags ^ other->flags) & GNTMAP_contains_pte)
			return false;
		*host = other->addr;
	}
	return true;
}

static void forget_mappings(struct domain *d)
{
	unsigned int i;

	for (i = 0; i < MAPPINGS; i++) {
		struct mapping *m = &d->m->map[i];

		if (m->used && (m->handle >= gt_handles(d) ||
				!gt_handle(d, m->handle).flags))
			m->used = false;
	}
}

void op_unmap(void)
{
	struct gnttab_unmap_grant_ref op[3] = {};
	struct domain *d = take_domain();
	unsigned int i, n = 1 + (take() < 40) + (take() < 20);

	if (!d)
		return;
	for (i = 0; i < n; i++) {
		uint64_t host, bus;

		if (!take_unmap(d, &op[i].handle, &host, &bus))
			return;
		op[i].host_addr = host;
		op[i].dev_bus_addr = bus;
	}
	hypercall(d, GNTTABOP_unmap_grant_ref, op, n);
	for (i = 0; i < n; i++)
		say("d%u unmaps handle %u at %lx, %lx: %d\n", d->domain_id,
		    op[i].handle, op[i].host_addr, op[i].dev_bus_addr,
		    op[i].status);
	if (!d->is_dying)
		forget_mappings(d);
}

void op_replace(void)
{
	struct gnttab_unmap_and_replace op = {};
	struct domain *d = take_domain();
	const struct mapping *other;
	uint64_t host, bus;

	if (!d || !take_unmap(d, &op.handle, &host, &bus))
		return;
	op.host_addr = host;
	/* Mostly another mapping is moved there. */
	other = take_mapping(d);
	op.new_addr = other && often() ? other->addr : take_address(d);
	world.moving++;
	hypercall(d, GNTTABOP_unmap_and_replace, &op, 1);
	world.moving--;
	say("d%u unmaps handle %u at %lx, taking %lx: %d\n", d->domain_id,
	    op.handle, op.host_addr, op.new_addr, op.status);
	if (!d->is_dying)
		forget_mappings(d);
}

/* ---- copying --------------------------------------------------------------- */

static bool take_end(const struct domain *d, struct gnttab_copy_ptr *p)
{
	const struct domain *rd;
	unsigned int b = take();

	p->offset = b & 8;
	if (b < 128) {
		p->domid = DOMID_SELF;
		p->u.gmfn = take_gfn(d);
		return false;
	}
	p->domid = take_id();
	rd = p->domid < DOMAINS ? world.domain[p->domid] :
	     p->domid == DOMID_SELF ? d : NULL;
	p->u.ref = take_ref_for(rd, d->domain_id);
	return true;
}

static void take_copy(const struct domain *d, struct gnttab_copy *op)
{
	op->len = 8 * (1 + take() % 4);
	if (take_end(d, (struct gnttab_copy_ptr *)&op->source))
		op->flags |= GNTCOPY_source_gref;
	if (take_end(d, (struct gnttab_copy_ptr *)&op->dest))
		op->flags |= GNTCOPY_dest_gref;
}

/* Does the reference, as it is now, lead to a frame of a task? */
static bool leads_to_task(const struct domain *d, domid_t id, grant_ref_t ref)
{
	const struct domain *rd = id == DOMID_SELF ? d :
				  id < DOMAINS ? world.domain[id] : NULL;
	unsigned long frame;

	if (!rd || ref >= gt_refs(rd) ||
	    (gt_flags(rd, ref) & (GTF_type_mask | GTF_sub_page)) !=
	    GTF_permit_access)
		return false;
	frame = gt_active(rd, ref).pin ? gt_active(rd, ref).mfn :
		gt_frame(rd, ref);
	if (!gt_active(rd, ref).pin && rd->hvm)
		frame = frame < GFNS ? rd->p2m.entry[frame].mfn : 0;
	return frame < HEAP_FRAMES && frame_table[frame].owner == rd &&
	       frame_table[frame].count_info & PGC_iotask;
}

static bool copy_okay(const struct domain *d, const struct gnttab_copy *op)
{
	const struct domain *rd = op->dest.domid == DOMID_SELF ? d :
				  op->dest.domid < DOMAINS ?
				  world.domain[op->dest.domid] : NULL;
	uint32_t pin;

	if (!(op->flags & GNTCOPY_dest_gref) || !rd || op->dest.u.ref >= REFS)
		return true;
	pin = gt_active(rd, op->dest.u.ref).pin;
	return !pin || pin & 0xff00ff;
}

void op_copy(void)
{
	struct gnttab_copy op[2] = {};
	struct domain *d = take_domain();
	unsigned int i, n = 1 + (take() < 40);
	bool task = false;

	if (!d)
		return;
	take_copy(d, &op[0]);
	take_copy(d, &op[1]);
	if (op[0].flags & GNTCOPY_source_gref)
		task = leads_to_task(d, op[0].source.domid, op[0].source.u.ref);
	if (op[0].flags & GNTCOPY_dest_gref)
		task |= leads_to_task(d, op[0].dest.domid, op[0].dest.u.ref);
	op[0].status = 1;
	if (OLD_BASE && op[1].flags & GNTCOPY_dest_gref)
		n = 1;
	/* Nobody interferes with an old base, which has known gaps. */
	world.depth += 3 * OLD_BASE;
	if (!OLD_BASE || copy_okay(d, &op[0]))
		hypercall(d, GNTTABOP_copy, op, n);
	world.depth -= 3 * OLD_BASE;
	for (i = 0; i < n; i++)
		say("d%u copies %s%lu of d%u to %s%lu of d%u: %d\n",
		    d->domain_id,
		    op[i].flags & GNTCOPY_source_gref ? "ref " : "",
		    (unsigned long)op[i].source.u.ref, op[i].source.domid,
		    op[i].flags & GNTCOPY_dest_gref ? "ref " : "",
		    (unsigned long)op[i].dest.u.ref, op[i].dest.domid,
		    op[i].status);
	demand(!task || op[0].status != GNTST_okay || world.interferes,
	       "a frame of a task is copied by a grant");
}

/* ---- the rest -------------------------------------------------------------- */

void op_transfer(void)
{
	struct gnttab_transfer op = {};
	struct domain *d = take_domain();

	if (!d)
		return;
	op.mfn = take_gfn(d);
	op.domid = take_id();
	op.ref = take_ref();
	world.transferring++;
	hypercall(d, GNTTABOP_transfer, &op, 1);
	world.transferring--;
	say("d%u transfers %lu to d%u ref %u: %d\n", d->domain_id, op.mfn,
	    op.domid, op.ref, op.status);
}

void op_swap(void)
{
	struct gnttab_swap_grant_ref op = {};
	struct domain *d = take_domain();

	if (!d)
		return;
	op.ref_a = take_ref();
	op.ref_b = take_ref();
	hypercall(d, GNTTABOP_swap_grant_ref, &op, 1);
}

void op_version(void)
{
	struct gnttab_set_version op = {};
	struct domain *d = take_domain();
	unsigned int before;
	bool task;

	if (!d || often())
		return;
	op.version = take() % 4;
	before = gt_version(d);
	task = task_count(d);
	hypercall(d, GNTTABOP_set_version, &op, 1);
	demand(!task || gt_version(d) == before || world.interferes,
	       "a grant table with tasks has another version");
}

/* Growing it, asking about it, and what is malformed. */
void op_table(void)
{
	uint64_t list[4];
	struct gnttab_setup_table table = { .frame_list = { (void *)list } };
	struct gnttab_get_status_frames status = { .frame_list = { list } };
	struct gnttab_query_size size = {};
	struct gnttab_get_version version = {};
	struct domain *d = take_domain();
	unsigned int b = take();

	if (!d)
		return;
	table.dom = rarely() ? take_id() : DOMID_SELF;
	size.dom = table.dom;
	status.dom = table.dom;
	version.dom = table.dom;
	table.nr_frames = take() % 4;
	status.nr_frames = table.nr_frames;
	if (b < 64)
		hypercall(d, GNTTABOP_query_size, &size, 1);
	else if (b < 128)
		hypercall(d, GNTTABOP_setup_table, &table, 1);
	else if (b < 160)
		hypercall(d, GNTTABOP_get_status_frames, &status, 1);
	else if (b < 192)
		hypercall(d, GNTTABOP_get_version, &version, 1);
	else
		hypercall(d, b, &table, b < 250 ? 1 : -1);
}

void op_cache(void)
{
	struct gnttab_cache_flush op = {};
	struct domain *d = take_domain();

	if (!d || !rarely())
		return;
	op.a.dev_bus_addr = (uint64_t)take() % FRAMES << PAGE_SHIFT;
	op.length = 8;
	op.op = take() % 4;
	hypercall(d, GNTTABOP_cache_flush, &op, 1);
}
