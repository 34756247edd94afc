/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* Records on their way to user space. Never with a wake-up: that would cost the traced program 20 to 30 us. */
#ifndef INGERO_DELIVER_H
#define INGERO_DELIVER_H

#include "ingero_evidence.h"
#include "ingero_ledger.h"
#include "ingero_thread.h"

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

/* A call as a raw event, when its step was admitted. Counts where the call went. */
static __always_inline void ingero_deliver_call(int admitted, __u64 ts_ns, __u64 duration_ns, __u32 pid, __u32 tid,
						__u32 op, const __u64 *args)
{
	struct ingero_event *event;

	if (!admitted) {
		INGERO_COUNT(calls_sampled_out);
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
}

/* A record among the ledgers. */
static __always_inline int ingero_deliver_among_ledgers(__u64 ts_ns, __u64 duration_ns, __u32 pid, __u32 tid, __u32 op,
							const __u64 *args)
{
	struct ingero_event *event = bpf_ringbuf_reserve(&ledger_ring, sizeof(*event), 0);

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

/* A call that takes or gives back device memory. */
static __always_inline void ingero_deliver_memory(__u64 ts_ns, __u64 duration_ns, __u32 pid, __u32 tid, __u32 op,
						  const __u64 *args)
{
	if (ingero_deliver_among_ledgers(ts_ns, duration_ns, pid, tid, op, args))
		INGERO_COUNT(memory_ring_full);
	else
		INGERO_COUNT(memory_delivered);
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
 * The times of a thread, ahead of its read-back or of a wait that has returned. Without them two steps share what they
 * were to tell: the next ledger says so.
 */
static __always_inline void ingero_deliver_times(struct ingero_thread *thread, __u64 ts_ns, __u32 pid, __u32 tid)
{
	struct ingero_process *process = bpf_map_lookup_elem(&processes, &pid);
	struct ingero_thread_times *record;
	__u64 args[3] = {};

	if (!process)
		return;
	ingero_add_up(&thread->account, process);
	record = bpf_ringbuf_reserve(&ledger_ring, sizeof(*record), 0);
	if (!record) {
		INGERO_COUNT(times_ring_full);
		thread->lossy = 1;
		return;
	}
	ingero_fill(&record->event, ts_ns, 0, pid, tid, INGERO_OP_THREAD_TIMES, args);
	record->thread = thread->account.sums;
	ingero_look_around(&record->around, process);
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	INGERO_COUNT(times_delivered);
}

/* Ships the ledger of one stream; fails when the ring has no room, and then leaves it as it is. */
static __always_inline int ingero_ship_ledger(struct ingero_thread *thread, __u64 now_ns, __u32 pid, __u32 tid,
					      __u64 stream)
{
	struct ingero_stream_key key = { .pid = pid, .stream = stream };
	struct ingero_ledger *ledger = bpf_map_lookup_elem(&ledgers, &key);
	struct ingero_ledger_part *part;
	__u64 args[3] = { stream, thread->lossy ? INGERO_LEDGER_LOSSY : 0, 0 };

	if (!ledger || ingero_ledger_is_empty(ledger))
		return 0;
	part = bpf_ringbuf_reserve(&ledger_ring, sizeof(*part), 0);
	if (!part) {
		INGERO_COUNT(ledgers_ring_full);
		return -1;
	}
	ingero_fill(&part->event, now_ns, 0, pid, tid, INGERO_OP_LEDGER_PART, args);
	part->version = INGERO_LEDGER_VERSION;
	part->reserved0 = 0;
	ingero_ledger_take(&part->ledger, ledger);
	part->reserved1[0] = part->reserved1[1] = part->reserved1[2] = 0;
	bpf_ringbuf_submit(part, BPF_RB_NO_WAKEUP);
	INGERO_COUNT(ledgers_delivered);
	return 0;
}

/* The ledgers of all streams this thread touched go; false when the ring has no room for one of them. */
static __always_inline int ingero_ship_ledgers(struct ingero_thread *thread, __u64 now_ns, __u32 pid, __u32 tid)
{
	__u32 count = thread->touched_count;
	__u32 i;

	for (i = 0; i < INGERO_TOUCHED_STREAMS; i++) {
		if (i >= count)
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
	ingero_deliver_times(thread, now_ns, pid, tid);
	if (ingero_ship_ledgers(thread, now_ns, pid, tid)) {
		thread->lossy = ingero_deliver_edge(now_ns, 0, pid, tid, op, args) != 0;
	} else {
		/* Without its ledgers a read-back would complete the step before. */
		thread->lossy = 1;
		INGERO_COUNT(edges_ring_full);
	}
	ingero_draw_admission(thread, now_ns);
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
	ingero_draw_admission(thread, now_ns);
}

#endif
