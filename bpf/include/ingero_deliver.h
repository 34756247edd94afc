/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* Records on their way to user space. Never with a wake-up: that would cost the traced program 20 to 30 us. */
#ifndef INGERO_DELIVER_H
#define INGERO_DELIVER_H

#include "ingero_ledger.h"
#include "ingero_thread.h"

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
		ingero_count(INGERO_CALLS_SAMPLED_OUT, 1);
		return;
	}
	event = bpf_ringbuf_reserve(&event_ring, sizeof(*event), 0);
	if (!event) {
		ingero_count(INGERO_CALLS_RING_FULL, 1);
		return;
	}
	ingero_fill(event, ts_ns, duration_ns, pid, tid, op, args);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	ingero_count(INGERO_CALLS_DELIVERED, 1);
}

/* A record that orders ledgers: a read-back, a wait, an event record, an exit. */
static __always_inline int ingero_deliver_edge(__u64 ts_ns, __u64 duration_ns, __u32 pid, __u32 tid, __u32 op,
					       const __u64 *args)
{
	struct ingero_event *event = bpf_ringbuf_reserve(&ledger_ring, sizeof(*event), 0);

	if (!event) {
		ingero_count(INGERO_EDGES_RING_FULL, 1);
		return -1;
	}
	ingero_fill(event, ts_ns, duration_ns, pid, tid, op, args);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	ingero_count(INGERO_EDGES_DELIVERED, 1);
	return 0;
}

/*
 * Ships the ledger of one stream. Without room in the ring it stays where it is and goes with the next read-back,
 * marked, so that no call is lost from the sums.
 */
static __always_inline void ingero_ship_ledger(struct ingero_thread *thread, __u64 now_ns, __u32 pid, __u32 tid,
					       __u64 stream)
{
	struct ingero_stream_key key = { .pid = pid, .stream = stream };
	struct ingero_ledger *ledger = bpf_map_lookup_elem(&ledgers, &key);
	struct ingero_ledger_part *part;
	__u64 args[3] = { stream, thread->lossy ? INGERO_LEDGER_LOSSY : 0, 0 };

	if (!ledger || (!ledger->first_work_ns && !ledger->allocs && !ledger->frees))
		return;
	part = bpf_ringbuf_reserve(&ledger_ring, sizeof(*part), 0);
	if (!part) {
		thread->lossy = 1;
		ingero_count(INGERO_LEDGERS_RING_FULL, 1);
		return;
	}
	ingero_fill(&part->event, now_ns, 0, pid, tid, INGERO_OP_LEDGER_PART, args);
	part->version = INGERO_LEDGER_VERSION;
	part->reserved0 = 0;
	ingero_ledger_take(&part->ledger, ledger);
	part->reserved1[0] = part->reserved1[1] = part->reserved1[2] = part->reserved1[3] = 0;
	bpf_ringbuf_submit(part, BPF_RB_NO_WAKEUP);
	ingero_count(INGERO_LEDGERS_DELIVERED, 1);
}

/* A read-back is being enqueued: the ledgers of all streams this thread touched go, then the read-back itself. */
static __always_inline void ingero_close_step(struct ingero_thread *thread, __u64 now_ns, __u32 pid, __u32 tid,
					      __u32 op, const __u64 *args)
{
	__u32 count = thread->touched_count;
	__u32 i;

	for (i = 0; i < INGERO_TOUCHED_STREAMS; i++) {
		if (i >= count)
			break;
		ingero_ship_ledger(thread, now_ns, pid, tid, thread->touched[i]);
	}
	thread->touched_count = 0;
	if (ingero_deliver_edge(now_ns, 0, pid, tid, op, args) == 0)
		thread->lossy = 0;
	else
		thread->lossy = 1;
	thread->admitted = ingero_draw_admission(now_ns);
	thread->admission_drawn_ns = now_ns;
}

#endif
