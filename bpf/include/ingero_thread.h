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

/* A thread that never reads back draws its admission anew this often. */
#define INGERO_ADMISSION_NS 1000000000ULL

/* The name of a thread's own default stream; see stream_name() in programs/cuda_driver.c. */
static __always_inline __u64 ingero_own_stream(__u32 tid)
{
	return ((__u64)tid << 32) | INGERO_STREAM_PER_THREAD;
}

static __always_inline void ingero_draw_admission(struct ingero_thread *thread, __u64 now_ns)
{
	__u32 zero = 0;
	struct ingero_config *set = bpf_map_lookup_elem(&config, &zero);

	if (!set)
		return;
	thread->admitted = now_ns < set->admit_all_until_ns || bpf_get_prandom_u32() < set->admit_below;
	thread->admission_drawn_ns = now_ns;
}

static __always_inline void ingero_look_up_target(struct ingero_thread *thread, __u32 pid, struct ingero_config *set)
{
	struct ingero_process goes_on = { .running = 1 };

	thread->traced = !set->only_targets || bpf_map_lookup_elem(&targets, &pid) != 0;
	thread->targets_epoch = set->targets_epoch;
	thread->known = 1;
	if (thread->traced)
		bpf_map_update_elem(&processes, &pid, &goes_on, BPF_NOEXIST);
}

/* The state of the current thread if it has any: for a call's return, which means nothing without its entry. */
static __always_inline struct ingero_thread *ingero_known_thread(void)
{
	struct ingero_thread *thread = bpf_task_storage_get(&threads, bpf_get_current_task_btf(), 0, 0);

	return thread && thread->traced ? thread : 0;
}

/* The state of the current thread, made if need be, or nothing when it is not traced. */
static __always_inline struct ingero_thread *ingero_current_thread(__u32 pid, __u64 now_ns)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
	struct ingero_thread *thread = bpf_task_storage_get(&threads, task, 0, 0);
	__u32 zero = 0;
	struct ingero_config *set = bpf_map_lookup_elem(&config, &zero);

	if (!set)
		return 0;
	if (!thread) {
		/* Do not give state to processes nobody asked for. */
		if (set->only_targets && !bpf_map_lookup_elem(&targets, &pid))
			return 0;
		thread = bpf_task_storage_get(&threads, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (!thread) {
			INGERO_COUNT(calls_produced);
			INGERO_COUNT(calls_no_thread_state);
			return 0;
		}
	}
	if (!thread->known || thread->targets_epoch != set->targets_epoch)
		ingero_look_up_target(thread, pid, set);
	if (!thread->traced)
		return 0;
	if (now_ns - thread->admission_drawn_ns > INGERO_ADMISSION_NS)
		ingero_draw_admission(thread, now_ns);
	return thread;
}

static __always_inline void ingero_touch_stream(struct ingero_thread *thread, __u64 stream)
{
	__u32 count = thread->touched_count;
	__u32 i;

#pragma unroll
	for (i = 0; i < INGERO_TOUCHED_STREAMS; i++) {
		if (i >= count) {
			thread->touched[i] = stream;
			thread->touched_count = i + 1;
			return;
		}
		if (thread->touched[i] == stream)
			return;
	}
	INGERO_COUNT(touched_overflow);
}

#endif
