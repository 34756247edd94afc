// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * When traced threads run, and when traced processes end.
 *
 * Hooks:   tp_btf sched_switch and sched_wakeup (raw events of admitted steps), sched_process_exit (an edge).
 * Kernel:  5.15. A thread is traced when a CUDA probe has given it state; others cost one look-up.
 */
#include "ingero_deliver.h"
#include <bpf/bpf_tracing.h>

static __always_inline void deliver_scheduling(struct task_struct *task, __u64 now_ns, __u32 op, __u64 detail,
					       __u64 other_tid)
{
	__u64 args[3] = { (__u32)task->pid, detail, other_tid };
	struct ingero_event *event = bpf_ringbuf_reserve(&event_ring, sizeof(*event), 0);

	if (!event) {
		ingero_count(INGERO_SCHED_RING_FULL, 1);
		return;
	}
	ingero_fill(event, now_ns, 0, task->tgid, task->pid, op, args);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	ingero_count(INGERO_SCHED_DELIVERED, 1);
}

static __always_inline int admitted(struct task_struct *task)
{
	struct ingero_thread *thread = bpf_task_storage_get(&threads, task, 0, 0);

	return thread && thread->traced && thread->admitted;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(thread_switched, _Bool preempt, struct task_struct *previous, struct task_struct *next)
{
	/* 0: could have gone on. The tracepoint hands the state over only since 5.18, so it is read from the task. */
	if (admitted(previous))
		deliver_scheduling(previous, bpf_ktime_get_ns(), INGERO_OP_SCHED_SWITCH_OUT,
				   preempt ? 0 : previous->__state, (__u32)next->pid);
	if (admitted(next))
		deliver_scheduling(next, bpf_ktime_get_ns(), INGERO_OP_SCHED_SWITCH_IN, 0, (__u32)previous->pid);
	return 0;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(thread_woken, struct task_struct *task)
{
	if (admitted(task))
		deliver_scheduling(task, bpf_ktime_get_ns(), INGERO_OP_SCHED_WAKEUP, 0, 0);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exited, struct task_struct *task)
{
	__u32 pid = task->tgid;
	__u64 args[3] = {};

	/* The process ends with its leader for us; its other threads' state goes with them. */
	if (task->pid != task->tgid || !bpf_map_lookup_elem(&processes, &pid))
		return 0;
	bpf_map_delete_elem(&processes, &pid);
	ingero_deliver_edge(bpf_ktime_get_ns(), 0, pid, pid, INGERO_OP_PROCESS_EXIT, args);
	return 0;
}
