/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * Where the time of threads went: what packages/steps/src/evidence/thread-account.ts says, in C. A thread's account is
 * written by its own calls and, while it is off the CPU or about to be, by the scheduler; what several threads write,
 * those of a process, is atomic.
 */
#ifndef INGERO_EVIDENCE_H
#define INGERO_EVIDENCE_H

#include "ingero_thread.h"

/* include/linux/sched.h; idle kernel threads are uninterruptible in name only. */
#define TASK_UNINTERRUPTIBLE 0x2
#define TASK_NOLOAD 0x400
/* Who falls asleep so soon after a wait needs something else to go on: SOON_NS in packages/steps. */
#define INGERO_SOON_NS 25000
/* Who has slept so long asks for the lock and goes on waiting: ASKS_AFTER_NS in packages/steps. */
#define INGERO_ASKS_AFTER_NS 5000000
/* Tries to take one off the threads that run while other CPUs do the same. */
#define INGERO_RUNNING_TRIES 4

static __always_inline enum ingero_blocking ingero_blocks(enum ingero_kind kind)
{
	switch (kind) {
	case INGERO_KIND_WAIT_STREAM:
	case INGERO_KIND_WAIT_CONTEXT:
	case INGERO_KIND_WAIT_EVENT:
	case INGERO_KIND_COPY_DEVICE_TO_HOST_BLOCKING:
		return INGERO_BLOCKS_FOR_GPU;
	case INGERO_KIND_ALLOC:
		return INGERO_BLOCKS_TO_ALLOCATE;
	default:
		return INGERO_BLOCKS_NOT;
	}
}

/* The innermost blocking call the thread is in. */
static __always_inline enum ingero_blocking ingero_inside(const struct ingero_thread *thread)
{
	int i;

#pragma unroll
	for (i = INGERO_NESTING - 1; i >= 0; i--)
		if ((__u32)i < thread->depth && thread->pending[i].blocks)
			return thread->pending[i].blocks;
	return INGERO_BLOCKS_NOT;
}

static __always_inline void ingero_blocking_call_returned(struct ingero_account *account, enum ingero_blocking blocks,
							  __u64 from_ns, __u64 now_ns)
{
	__u64 inner_ns = from_ns <= account->counted_from_ns ? account->counted_ns : 0;
	__u64 ns = now_ns - from_ns;

	if (!blocks)
		return;
	if (blocks == INGERO_BLOCKS_FOR_GPU)
		account->sums.wait_ns += ns - inner_ns;
	else
		account->sums.alloc_ns += ns - inner_ns;
	account->counted_from_ns = from_ns;
	account->counted_ns = ns;
	account->returned_ns = blocks == INGERO_BLOCKS_FOR_GPU ? now_ns : 0;
}

/* Atomic, because the scheduler may interrupt this and add up. */
static __always_inline void ingero_launched(struct ingero_account *account)
{
	account->has_launched = 1;
	account->has_launched_since_wait = 1;
	__sync_fetch_and_add(&account->fresh_launches, 1);
}

/* A probe that is not on a launch was hit. */
static __always_inline void ingero_hit(struct ingero_account *account)
{
	__sync_fetch_and_add(&account->fresh_hits, 1);
}

/* Copies are few: these are added at once. */
static __always_inline void ingero_copied(struct ingero_account *account, __u32 pid, __u64 bytes)
{
	struct ingero_process *process = bpf_map_lookup_elem(&processes, &pid);

	account->sums.copied_bytes += bytes;
	if (process)
		__sync_fetch_and_add(&process->copied_bytes, bytes);
}

/*
 * Adds the thread's launches and hits to those of its process, and the launches to those of the machine: when it leaves
 * the CPU, and at the ends of its waits, rather than with every one.
 */
static __always_inline void ingero_add_up(struct ingero_account *account, struct ingero_process *process)
{
	__u64 launches, *of_machine;
	__u32 zero = 0;

	if (account->fresh_hits)
		__sync_fetch_and_add(&process->other_hits, __sync_lock_test_and_set(&account->fresh_hits, 0));
	if (!account->fresh_launches)
		return;
	launches = __sync_lock_test_and_set(&account->fresh_launches, 0);
	__sync_fetch_and_add(&process->launches, launches);
	of_machine = bpf_map_lookup_elem(&machine_launches, &zero);
	if (of_machine)
		__sync_fetch_and_add(of_machine, launches);
}

static __always_inline void ingero_look_around(struct ingero_surroundings *to, const struct ingero_process *process)
{
	__u32 zero = 0;
	__u64 *of_machine = bpf_map_lookup_elem(&machine_launches, &zero);

	to->process_run_queue_ns = process->run_queue_ns;
	to->process_copied_bytes = process->copied_bytes;
	to->process_launches = process->launches;
	to->machine_launches = of_machine ? *of_machine : 0;
	to->neighbour_pid = process->neighbour_pid;
	to->neighbour_switches = process->neighbour_switches;
}

/* Never below 0: threads that ran before the process was known were not counted in. */
static __always_inline void ingero_left_cpu(struct ingero_process *process)
{
	__s64 before = process->running;
	int tries;

	for (tries = 0; tries < INGERO_RUNNING_TRIES; tries++) {
		__s64 seen;

		if (before <= 0)
			return;
		seen = __sync_val_compare_and_swap(&process->running, before, before - 1);
		if (seen == before)
			return;
		before = seen;
	}
}

static __always_inline void ingero_met_on_cpu(struct ingero_process *from, struct ingero_process *to, __u32 from_pid,
					      __u32 to_pid)
{
	from->neighbour_pid = to_pid;
	to->neighbour_pid = from_pid;
	__sync_fetch_and_add(&from->neighbour_switches, 1);
	__sync_fetch_and_add(&to->neighbour_switches, 1);
}

/* @to_sibling the CPU goes to another thread of the process */
static __always_inline void ingero_switched_out(struct ingero_thread *thread, struct ingero_process *process,
						__u64 now_ns, __u32 state, int to_sibling)
{
	struct ingero_account *account = &thread->account;

	account->out_ns = now_ns;
	account->woken_ns = 0;
	account->why = !state ? INGERO_OFF_READY :
		       (state & TASK_UNINTERRUPTIBLE) && !(state & TASK_NOLOAD) ? INGERO_OFF_UNINTERRUPTIBLE :
										  INGERO_OFF_ASLEEP;
	account->inside = ingero_inside(thread);
	account->locked_from = process->running > 0 || to_sibling;
	account->locked_until = 0;
	account->sleeps_after_wait = account->why == INGERO_OFF_ASLEEP && !account->inside && account->returned_ns &&
				     now_ns - account->returned_ns <= INGERO_SOON_NS;
	ingero_add_up(account, process);
}

/* Another thread of the process ran when this one fell asleep, and when it was woken. */
static __always_inline int ingero_was_locked(const struct ingero_account *account)
{
	return account->locked_from && account->locked_until;
}

static __always_inline void ingero_woken(struct ingero_account *account, const struct ingero_process *process,
					 __u64 now_ns)
{
	if (!account->out_ns || account->woken_ns)
		return;
	account->woken_ns = now_ns;
	account->locked_until = process->running > 0;
}

/* @from_sibling another thread of the process had the CPU */
static __always_inline void ingero_switched_in(struct ingero_account *account, struct ingero_process *process,
					       __u64 now_ns, int from_sibling)
{
	struct ingero_thread_sums *sums = &account->sums;
	__u64 out_ns = account->out_ns, woken_ns, asleep_ns, ready_ns;

	if (!out_ns)
		return;
	account->out_ns = 0;
	woken_ns = account->why == INGERO_OFF_READY ? out_ns : account->woken_ns ? account->woken_ns : now_ns;
	asleep_ns = woken_ns - out_ns;
	ready_ns = now_ns - woken_ns;
	__sync_fetch_and_add(&process->run_queue_ns, ready_ns);
	if (from_sibling)
		sums->behind_sibling_ns += ready_ns;
	if (account->inside == INGERO_BLOCKS_FOR_GPU)
		sums->wait_run_queue_ns += ready_ns;
	if (account->inside)
		return;
	sums->run_queue_ns += ready_ns;
	if (account->why == INGERO_OFF_UNINTERRUPTIBLE)
		sums->io_ns += asleep_ns;
	else if (ingero_was_locked(account))
		sums->lock_ns += asleep_ns;
	else
		sums->blocked_ns += asleep_ns;
}

#endif
