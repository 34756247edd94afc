// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * When traced threads run, and when traced processes end.
 *
 * Hooks:   tp_btf sched_switch and sched_wakeup (the times of traced threads, raw events of admitted steps),
 *          sched_process_exit and sched_process_exec (an edge: the program that used CUDA is gone).
 * Kernel:  5.15 (task storage in tracing programs is of 5.13, task_struct.__state of 5.14).
 *
 * A thread is traced when a CUDA probe has given it state. Of others in its process it is kept how many run. A thread
 * of another process costs one look-up, one of the kernel none.
 */
#include "ingero_deliver.h"
#include <bpf/bpf_tracing.h>

/* task_struct.flags: a thread of the kernel, the idle ones included. */
#define PF_KTHREAD 0x00200000

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

/*
 * Sleeps that matter to steps: right after a wait, before the program can use what it waited for; and of a thread that
 * launches work whose results callbacks read, for which this is the wait. Its times are without the sleep.
 */
static __always_inline void tell_awake(struct task_struct *task, struct ingero_thread *thread,
				       const struct ingero_process *process, __u64 now_ns)
{
	struct ingero_account *account = &thread->account;
	__u64 out_ns = account->out_ns, woken_ns, asleep_ns;
	int is_lock = account->why == INGERO_OFF_ASLEEP && ingero_was_locked(account);
	__u64 args[3] = { out_ns, 0, is_lock };

	if (!out_ns)
		return;
	woken_ns = account->why == INGERO_OFF_READY ? out_ns : account->woken_ns ? account->woken_ns : now_ns;
	asleep_ns = args[1] = woken_ns - out_ns;
	if (account->sleeps_after_wait) {
		account->returned_ns = asleep_ns >= INGERO_ASKS_AFTER_NS ? now_ns : 0;
		ingero_deliver_edge(now_ns, 0, task->tgid, task->pid, INGERO_OP_WAITER_AWAKE, args);
	} else if (account->has_launched &&
		   (asleep_ns ? account->told_awake_ns : out_ns) < process->called_back_ns) {
		if (asleep_ns)
			account->told_awake_ns = now_ns;
		if (ingero_deliver_with_times(thread, now_ns, 0, task->tgid, task->pid, INGERO_OP_LAUNCHER_AWAKE, args))
			thread->lossy = 1;
	}
}

static __always_inline struct ingero_process *process_of(struct task_struct *task)
{
	__u32 pid = task->tgid;

	return task->flags & PF_KTHREAD ? 0 : bpf_map_lookup_elem(&processes, &pid);
}

static __always_inline struct ingero_thread *traced_thread(struct task_struct *task)
{
	struct ingero_thread *thread = bpf_task_storage_get(&threads, task, 0, 0);

	return thread && thread->traced ? thread : 0;
}

/* A thread without calls of its own has no steps to be admitted with: it is of interest where nothing is left out. */
static __always_inline int is_admitted(const struct ingero_thread *thread, __u64 now_ns)
{
	__u32 zero = 0;
	struct ingero_config *set;

	if (thread)
		return thread->admitted == INGERO_ADMITTED;
	set = bpf_map_lookup_elem(&config, &zero);
	return set && (set->admit_below > 0xffffffffULL || now_ns < set->admit_all_until_ns);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(thread_switched, _Bool preempt, struct task_struct *previous, struct task_struct *next)
{
	int is_sibling = previous->tgid == next->tgid;
	struct ingero_process *from = process_of(previous), *to = is_sibling ? from : process_of(next);

	if (from) {
		/* 0: could have gone on. The tracepoint hands the state over only since 5.18, so it is read from the task. */
		__u32 state = preempt ? 0 : previous->__state;
		__u64 now_ns = bpf_ktime_get_ns();
		struct ingero_thread *thread = traced_thread(previous);

		ingero_left_cpu(from);
		if (thread)
			ingero_switched_out(thread, from, now_ns, state, is_sibling);
		if (thread && thread->account.sleeps_after_wait) {
			__u64 args[3] = { now_ns };

			ingero_deliver_edge(now_ns, 0, previous->tgid, previous->pid, INGERO_OP_WAITER_ASLEEP, args);
		}
		if (is_admitted(thread, now_ns))
			deliver_scheduling(previous, now_ns, INGERO_OP_SCHED_SWITCH_OUT,
					   state | (thread && thread->account.inside ? INGERO_IN_CALL : 0),
					   (__u32)next->pid);
		if (to && !is_sibling)
			ingero_met_on_cpu(from, to, previous->tgid, next->tgid);
	}
	if (to) {
		__u64 now_ns = bpf_ktime_get_ns();
		struct ingero_thread *thread = traced_thread(next);
		/* Who else ran then is told, not left to be worked out from events of several CPUs, whose order is a race. */
		__u32 about = !thread ? 0 : thread->account.out_ns && ingero_was_locked(&thread->account) ? 3 : 1;

		if (thread) {
			tell_awake(next, thread, to, now_ns);
			ingero_switched_in(&thread->account, to, now_ns, is_sibling);
		}
		__sync_fetch_and_add(&to->running, 1);
		if (is_admitted(thread, now_ns))
			deliver_scheduling(next, now_ns, INGERO_OP_SCHED_SWITCH_IN, about, (__u32)previous->pid);
	}
	return 0;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(thread_woken, struct task_struct *task)
{
	struct ingero_process *process = process_of(task);
	struct ingero_thread *thread;
	__u64 now_ns;

	if (!process)
		return 0;
	thread = traced_thread(task);
	now_ns = bpf_ktime_get_ns();
	if (thread)
		ingero_woken(&thread->account, process, now_ns);
	if (is_admitted(thread, now_ns))
		deliver_scheduling(task, now_ns, INGERO_OP_SCHED_WAKEUP, 0, 0);
	return 0;
}

/* Called for each slot of the table of streams. */
static long free_if_of_process(void *map, __u32 *slot, struct ingero_stream *stream, __u32 *pid)
{
	if (stream->owner >> 32 == *pid)
		ingero_free_slot(stream);
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
	if (process->streams)
		bpf_for_each_map_elem(&streams, free_if_of_process, &pid, 0);
	if (ingero_deliver_edge(now_ns, 0, pid, pid, INGERO_OP_PROCESS_EXIT, args) == 0)
		bpf_map_delete_elem(&processes, &pid);
	else
		process->ended_ns = now_ns;
}

/* A thread's own default stream ends with it; unless somebody is still to read it back, its slot is free. */
static __always_inline void free_own_stream(struct task_struct *task)
{
	__u32 pid = task->tgid;
	struct ingero_stream *stream = ingero_known_stream(pid, ingero_own_stream(task->pid));
	struct ingero_process *process;

	if (!stream || !ingero_ledger_is_empty(&stream->ledger))
		return;
	ingero_free_slot(stream);
	process = bpf_map_lookup_elem(&processes, &pid);
	if (process)
		__sync_fetch_and_sub(&process->streams, 1);
}

static __always_inline void forget_waiting(struct task_struct *task)
{
	__u32 tid = task->pid;

	if (process_of(task))
		bpf_map_delete_elem(&waiting_threads, &tid);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(thread_exited, struct task_struct *task)
{
	forget_waiting(task);
	/* The main thread may end before others: the process ends with the last one. */
	if (task->signal->live.counter == 0)
		deliver_end(task->tgid);
	else if (bpf_task_storage_get(&threads, task, 0, 0))
		free_own_stream(task);
	return 0;
}

/* The other threads are gone by now, and their state with them; the one that goes on keeps its own. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(program_replaced, struct task_struct *task)
{
	forget_waiting(task);
	bpf_task_storage_delete(&threads, task);
	deliver_end(task->tgid);
	return 0;
}
