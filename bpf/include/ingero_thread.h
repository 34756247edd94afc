/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* What is remembered of a thread: is it traced, is its present step admitted, which streams did it touch. */
#ifndef INGERO_THREAD_H
#define INGERO_THREAD_H

#include "ingero_maps.h"

/* Just what is read of the kernel's own structures; the loader finds the fields (CO-RE). */
struct signal_struct {
	struct {
		int counter;
	} live;
} __attribute__((preserve_access_index));

struct task_struct {
	unsigned int __state; /* since 5.14 */
	unsigned int flags;
	int pid;
	int tgid;
	struct signal_struct *signal;
} __attribute__((preserve_access_index));

/* Special stream handles of the CUDA driver API. */
#define INGERO_STREAM_LEGACY 1
#define INGERO_STREAM_PER_THREAD 2

/* The name of a thread's own default stream; see stream_name() in programs/cuda_driver.c. */
static __always_inline __u64 ingero_own_stream(__u32 tid)
{
	return ((__u64)tid << 32) | INGERO_STREAM_PER_THREAD;
}

static __always_inline int ingero_agent_stalled(void)
{
	__u32 zero = 0;
	__u64 *beat_ns = bpf_map_lookup_elem(&heartbeat, &zero);

	return beat_ns && *beat_ns && bpf_ktime_get_boot_ns() > *beat_ns + INGERO_STALLED_NS;
}

static __always_inline enum ingero_admission ingero_admission(const struct ingero_config *set)
{
	if (bpf_get_prandom_u32() >= set->admit_below && bpf_ktime_get_ns() >= set->admit_all_until_ns)
		return INGERO_LEFT_OUT;
	return ingero_agent_stalled() ? INGERO_STALLED : INGERO_ADMITTED;
}

/* Once a step. */
static __always_inline void ingero_draw_admission(struct ingero_thread *thread)
{
	__u32 zero = 0;
	struct ingero_config *set = bpf_map_lookup_elem(&config, &zero);

	if (!set)
		return;
	thread->admitted = ingero_admission(set);
	thread->has_drawn = 1;
}

/* The state of the current thread if it has any: for a call's return, which means nothing without its entry. */
static __always_inline struct ingero_thread *ingero_known_thread(void)
{
	struct ingero_thread *thread = bpf_task_storage_get(&threads, bpf_get_current_task_btf(), 0, 0);

	if (!thread) {
		__u32 tid = (__u32)bpf_get_current_pid_tgid();

		thread = bpf_map_lookup_elem(&waiting_threads, &tid);
	}
	return thread && thread->traced ? thread : 0;
}

static __always_inline void ingero_touch_stream(struct ingero_thread *thread, __u32 slot)
{
	__u32 count = thread->touched_count;
	__u32 i;

#pragma unroll
	for (i = 0; i < INGERO_TOUCHED_STREAMS; i++) {
		if (i >= count) {
			thread->touched[i] = slot;
			thread->touched_count = i + 1;
			return;
		}
		if (thread->touched[i] == slot)
			return;
	}
	INGERO_COUNT(touched_overflow);
}

/*
 * A state for a thread that has none. The kernel refuses storage to who interrupts another thread just as that one takes
 * some on the same processor: such a state waits in a table.
 */
static __always_inline struct ingero_thread *ingero_new_thread(struct task_struct *task, __u32 tid)
{
	struct ingero_thread *thread = bpf_task_storage_get(&threads, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u32 zero = 0;
	struct ingero_thread *nothing;

	if (thread)
		return thread;
	thread = bpf_map_lookup_elem(&waiting_threads, &tid);
	nothing = bpf_map_lookup_elem(&no_thread, &zero);
	if (thread || !nothing)
		return thread;
	bpf_map_update_elem(&waiting_threads, &tid, nothing, BPF_NOEXIST);
	return bpf_map_lookup_elem(&waiting_threads, &tid);
}

/* The kernel has storage for a thread: what has waited in the table moves there. */
static __always_inline void ingero_take_over(struct ingero_thread *thread, __u32 tid)
{
	struct ingero_thread *waiting = bpf_map_lookup_elem(&waiting_threads, &tid);
	__u32 i;

	if (!waiting || waiting == thread)
		return;
	if (!thread->epoch) {
		__builtin_memcpy(thread, waiting, sizeof(*thread));
	} else {
		/* Before Linux 6.2 it also refuses to find what is there. */
		__sync_fetch_and_add(&thread->account.fresh_launches, waiting->account.fresh_launches);
		__sync_fetch_and_add(&thread->account.fresh_hits, waiting->account.fresh_hits);
		for (i = 0; i < INGERO_TOUCHED_STREAMS; i++)
			if (i < waiting->touched_count)
				ingero_touch_stream(thread, waiting->touched[i]);
	}
	bpf_map_delete_elem(&waiting_threads, &tid);
}

/*
 * Looks at the configuration: is the thread traced, is its step admitted. A thread without a state gets one if it is
 * traced: nothing is kept of processes nobody asked for.
 */
static __always_inline struct ingero_thread *ingero_look_again(struct task_struct *task, struct ingero_thread *thread,
							       const struct ingero_config *set)
{
	struct ingero_process goes_on = { .running = 1 };
	__u64 id = bpf_get_current_pid_tgid();
	__u32 pid = id >> 32, tid = (__u32)id, uid = (__u32)bpf_get_current_uid_gid();
	int traced = (!set->only_targets || bpf_map_lookup_elem(&targets, &pid)) &&
		     (!set->only_users || bpf_map_lookup_elem(&users, &uid));

	if (!thread) {
		if (!traced)
			return 0;
		thread = ingero_new_thread(task, tid);
		if (!thread) {
			INGERO_COUNT(calls_produced);
			INGERO_COUNT(calls_no_thread_state);
			return 0;
		}
	}
	ingero_take_over(thread, tid);
	thread->pid = pid;
	thread->tid = tid;
	thread->epoch = set->epoch;
	thread->traced = traced;
	/* In the middle of a step only where there are none, or long ones. */
	if (!thread->has_drawn)
		thread->admitted = ingero_admission(set);
	thread->has_drawn = 0;
	if (traced)
		bpf_map_update_elem(&processes, &pid, &goes_on, BPF_NOEXIST);
	return traced ? thread : 0;
}

/* The state of the current thread, made if need be, or nothing when it is not traced. */
static __always_inline struct ingero_thread *ingero_current_thread(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
	struct ingero_thread *thread = bpf_task_storage_get(&threads, task, 0, 0);
	__u32 zero = 0;
	struct ingero_config *set = bpf_map_lookup_elem(&config, &zero);

	if (!set)
		return 0;
	if (!thread || thread->epoch != set->epoch)
		return ingero_look_again(task, thread, set);
	return thread->traced ? thread : 0;
}

#endif
