/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* Records on their way to user space. Never with a wake-up: that would cost the traced program 20 to 30 us. */
#ifndef INGERO_DELIVER_H
#define INGERO_DELIVER_H

#include "ingero_evidence.h"
#include "ingero_streams.h"

/*
 * After so many waits in a row for work that was not read back, a process does not read back at all, or rarely:
 * WAITS_WITHOUT_READ_BACK in packages/steps.
 */
#define INGERO_WAITS_WITHOUT_READ_BACK 64

static __always_inline void ingero_fill(struct ingero_event *to, __u64 ts_ns, __u64 duration_ns, __u32 pid, __u32 tid,
					__u32 op, const __u64 *args)
{
	to->ts_ns = ts_ns;
	to->duration_ns = duration_ns > 0xffffffffULL ? 0xffffffffU : (__u32)duration_ns;
	to->pid = pid;
	to->tid = tid;
	to->op = op;
	to->args[0] = args[0];
	to->args[1] = args[1];
	to->args[2] = args[2];
}

/* A call that is produced, and not delivered as its step was not admitted. */
static __always_inline void ingero_count_left_out(enum ingero_admission admission)
{
	struct ingero_counters *own = ingero_own_counters();

	if (own)
		__sync_fetch_and_add(admission == INGERO_STALLED ? &own->calls_agent_stalled : &own->calls_sampled_out, 1);
}

/* The stack of the call just delivered. */
static __always_inline void ingero_deliver_stack(void *ctx, __u64 ts_ns, __u32 pid, __u32 tid, __u32 op)
{
	long id = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK | BPF_F_FAST_STACK_CMP);
	__u64 args[3] = { (__u32)id, op, 0 };
	struct ingero_event *event = id < 0 ? 0 : bpf_ringbuf_reserve(&event_ring, sizeof(*event), 0);

	if (!event) {
		INGERO_COUNT(stacks_lost);
		return;
	}
	ingero_fill(event, ts_ns, 0, pid, tid, INGERO_OP_CALL_STACK, args);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	INGERO_COUNT(stacks_delivered);
}

/* A call as a raw event, when its step was admitted. Counts where the call went. */
static __always_inline void ingero_deliver_call(void *ctx, enum ingero_admission admitted, __u64 ts_ns,
						__u64 duration_ns, __u32 pid, __u32 tid, __u32 op,
						const __u64 *args)
{
	struct ingero_event *event;

	if (admitted != INGERO_ADMITTED) {
		ingero_count_left_out(admitted);
		return;
	}
	event = bpf_ringbuf_reserve(&event_ring, sizeof(*event), 0);
	if (!event) {
		INGERO_COUNT(calls_ring_full);
		return;
	}
	ingero_fill(event, ts_ns, duration_ns, pid, tid, op, args);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	INGERO_COUNT(calls_delivered);
	if (takes_stacks)
		ingero_deliver_stack(ctx, ts_ns, pid, tid, op);
}

/*
 * Whether a process may put a record among the ledgers. While the ring is more than half full, it may put in so many bytes
 * in 8 ms: one that floods it keeps none of the others from theirs.
 */
static __always_inline int ingero_has_share(__u32 pid, __u64 now_ns, __u32 bytes)
{
	__u64 window = now_ns >> INGERO_SHARE_SHIFT;
	struct ingero_process *process;

	if (bpf_ringbuf_query(&ledger_ring, BPF_RB_AVAIL_DATA) < ledger_ring_half)
		return 1;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (!process)
		return 1;
	if (process->share_window != window) {
		process->share_window = window;
		process->share_bytes = 0;
	}
	return __sync_add_and_fetch(&process->share_bytes, bytes) <= INGERO_SHARE_BYTES;
}

#define INGERO_RESERVE_AMONG_LEDGERS(pid, now_ns, size) \
	(ingero_has_share(pid, now_ns, size) ? bpf_ringbuf_reserve(&ledger_ring, size, 0) : 0)

/* A record among the ledgers. */
static __always_inline int ingero_deliver_among_ledgers(__u64 ts_ns, __u64 duration_ns, __u32 pid, __u32 tid, __u32 op,
							const __u64 *args)
{
	struct ingero_event *event = INGERO_RESERVE_AMONG_LEDGERS(pid, ts_ns, sizeof(*event));

	if (!event)
		return -1;
	ingero_fill(event, ts_ns, duration_ns, pid, tid, op, args);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	return 0;
}

/* A record that orders ledgers: a read-back, a wait, an event record. */
static __always_inline int ingero_deliver_edge(__u64 ts_ns, __u64 duration_ns, __u32 pid, __u32 tid, __u32 op,
					       const __u64 *args)
{
	if (ingero_deliver_among_ledgers(ts_ns, duration_ns, pid, tid, op, args)) {
		INGERO_COUNT(edges_ring_full);
		return -1;
	}
	INGERO_COUNT(edges_delivered);
	return 0;
}

/* A call that somebody keeps book of, where its order among the steps is kept. */
static __always_inline void ingero_tell(__u64 ts_ns, __u64 duration_ns, __u32 pid, __u32 tid, __u32 op,
					const __u64 *args)
{
	if (ingero_deliver_among_ledgers(ts_ns, duration_ns, pid, tid, op, args))
		INGERO_COUNT(told_ring_full);
	else
		INGERO_COUNT(told_delivered);
}

/*
 * The same for a thread that is on its way to a read-back. Without this record steps may be joined: its next ledger
 * says so.
 */
static __always_inline void ingero_deliver_order(struct ingero_thread *thread, __u64 ts_ns, __u64 duration_ns,
						 __u32 pid, __u32 tid, __u32 op, const __u64 *args)
{
	if (ingero_deliver_edge(ts_ns, duration_ns, pid, tid, op, args))
		thread->lossy = 1;
}

/*
 * A read-back, a wait that has returned or the sleep that is one, with the times of the thread. Without it two steps
 * share what they were to tell: the caller has the next ledger say so.
 */
static __always_inline int ingero_deliver_with_times(struct ingero_thread *thread, __u64 ts_ns, __u64 duration_ns,
						     __u32 pid, __u32 tid, __u32 op, const __u64 *args)
{
	struct ingero_process *process = bpf_map_lookup_elem(&processes, &pid);
	struct ingero_edge_with_times *edge;

	if (!process)
		return ingero_deliver_edge(ts_ns, duration_ns, pid, tid, op, args);
	ingero_add_up(&thread->account, process);
	edge = INGERO_RESERVE_AMONG_LEDGERS(pid, ts_ns, sizeof(*edge));
	if (!edge) {
		INGERO_COUNT(edges_ring_full);
		return -1;
	}
	ingero_fill(&edge->event, ts_ns, duration_ns, pid, tid, op | INGERO_WITH_TIMES, args);
	edge->thread = thread->account.sums;
	ingero_look_around(&edge->around, process);
	bpf_ringbuf_submit(edge, BPF_RB_NO_WAKEUP);
	INGERO_COUNT(edges_delivered);
	return 0;
}

/* Ships the ledger of one stream; fails when the ring has no room, and then leaves it as it is. */
static __always_inline int ingero_ship_ledger(struct ingero_thread *thread, __u64 now_ns, __u32 pid, __u32 tid,
					      __u32 slot)
{
	struct ingero_stream *stream = ingero_stream_at(slot, pid);
	__u64 args[3] = { 0, thread->lossy ? INGERO_LEDGER_LOSSY : 0, 0 };
	struct ingero_ledger_part *part;

	if (stream && stream->joined_count)
		ingero_touch_joined(thread, stream);
	if (!stream || ingero_ledger_is_empty(&stream->ledger))
		return 0;
	args[0] = stream->name;
	part = INGERO_RESERVE_AMONG_LEDGERS(pid, now_ns, sizeof(*part));
	if (!part) {
		INGERO_COUNT(ledgers_ring_full);
		return -1;
	}
	ingero_fill(&part->event, now_ns, 0, pid, tid, INGERO_OP_LEDGER_PART, args);
	part->version = INGERO_LEDGER_VERSION;
	part->reserved0 = 0;
	ingero_ledger_take(&part->ledger, &stream->ledger);
	part->reserved1[0] = part->reserved1[1] = part->reserved1[2] = part->reserved1[3] = 0;
	bpf_ringbuf_submit(part, BPF_RB_NO_WAKEUP);
	INGERO_COUNT(ledgers_delivered);
	return 0;
}

/*
 * The ledgers of all streams this thread touched go, and those of the streams that these wait for; false when the ring
 * has no room for one of them.
 */
static __always_inline int ingero_ship_ledgers(struct ingero_thread *thread, __u64 now_ns, __u32 pid, __u32 tid)
{
	__u32 i;

	for (i = 0; i < INGERO_TOUCHED_STREAMS; i++) {
		if (i >= thread->touched_count) /* it grows meanwhile */
			break;
		if (ingero_ship_ledger(thread, now_ns, pid, tid, thread->touched[i]))
			return 0;
	}
	thread->touched_count = 0;
	return 1;
}

/*
 * A read-back is being enqueued: the ledgers of all streams this thread touched go, then the read-back itself.
 * What the ring has no room for goes with the next read-back, marked: no call is lost from the sums.
 */
static __always_inline void ingero_close_step(struct ingero_thread *thread, __u64 now_ns, __u32 pid, __u32 tid,
					      __u32 op, const __u64 *args)
{
	struct ingero_process *process = bpf_map_lookup_elem(&processes, &pid);

	if (process && process->waits)
		process->waits = 0;
	if (ingero_ship_ledgers(thread, now_ns, pid, tid)) {
		thread->lossy = ingero_deliver_with_times(thread, now_ns, 0, pid, tid, op, args) != 0;
	} else {
		/* Without its ledgers a read-back would complete the step before. */
		thread->lossy = 1;
		INGERO_COUNT(edges_ring_full);
	}
	ingero_draw_admission(thread);
}

/* A wait has returned: in a program that never reads back, a step ends with it. */
static __always_inline void ingero_close_by_wait(struct ingero_thread *thread, __u64 now_ns, __u32 pid, __u32 tid)
{
	struct ingero_process *process;

	if (!thread->account.has_launched_since_wait)
		return;
	thread->account.has_launched_since_wait = 0;
	process = bpf_map_lookup_elem(&processes, &pid);
	if (!process || __sync_add_and_fetch(&process->waits, 1) < INGERO_WAITS_WITHOUT_READ_BACK)
		return;
	thread->lossy = !ingero_ship_ledgers(thread, now_ns, pid, tid);
	ingero_draw_admission(thread);
}

#endif
