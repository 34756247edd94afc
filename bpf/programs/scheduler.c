// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * When traced threads run, and when traced processes end.
 *
 * Hooks:   tp_btf sched_switch and sched_wakeup (raw events of admitted steps), sched_process_exit and
 *          sched_process_exec (an edge: the program that used CUDA is gone).
 * Kernel:  5.15 (task storage in tracing programs is of 5.13, task_struct.__state of 5.14).
 *
 * A thread is traced when a CUDA probe has given it state; others cost one look-up.
 */
#include "ingero_deliver.h"
#include <bpf/bpf_tracing.h>

static __always_inline void deliver_scheduling(struct task_struct *task, __u64 now_ns, __u32 op, __u64 detail,
					       __u64 other_tid)
{
	__u64 args[3] = { (__u32)task->pid, detail, other_tid };
	struct ingero_event *event = bpf_ringbuf_reserve(&event_ring, sizeof(*event), 0);

	if (!event) {
		INGERO_COUNT(scheduler_ring_full);
		return;
	}
	ingero_fill(event, now_ns, 0, task->tgid, task->pid, op, args);
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	INGERO_COUNT(scheduler_delivered);
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

/* The process stops being the one that used CUDA. What the ring has no room for is left in the map. */
static __always_inline void deliver_end(__u32 pid)
{
	struct ingero_process *process = bpf_map_lookup_elem(&processes, &pid);
	__u64 now_ns = bpf_ktime_get_ns();
	__u64 args[3] = {};

	if (!process)
		return;
	if (ingero_deliver_edge(now_ns, 0, pid, pid, INGERO_OP_PROCESS_EXIT, args) == 0)
		bpf_map_delete_elem(&processes, &pid);
	else
		process->ended_ns = now_ns;
}

/* A thread's own default stream ends with it; unless somebody is still to read it back, its ledger is free. */
static __always_inline void free_own_ledger(struct task_struct *task)
{
	struct ingero_stream_key key = { .pid = task->tgid, .stream = ingero_own_stream(task->pid) };
	struct ingero_ledger *ledger = bpf_map_lookup_elem(&ledgers, &key);

	if (ledger && ingero_ledger_is_empty(ledger))
		bpf_map_delete_elem(&ledgers, &key);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(thread_exited, struct task_struct *task)
{
	/* The main thread may end before others: the process ends with the last one. */
	if (task->signal->live.counter == 0)
		deliver_end(task->tgid);
	else if (bpf_task_storage_get(&threads, task, 0, 0))
		free_own_ledger(task);
	return 0;
}

/* The other threads are gone by now, and their state with them; the one that goes on keeps its own. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(program_replaced, struct task_struct *task)
{
	bpf_task_storage_delete(&threads, task);
	deliver_end(task->tgid);
	return 0;
}
