/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* Calls that are followed from their entry to their return: the thread's state has room for some inside each other. */
#ifndef INGERO_TIMED_H
#define INGERO_TIMED_H

#include "ingero_cookie.h"
#include "ingero_deliver.h"

/* First 40 bytes of CUlaunchConfig (cuda.h) and of cudaLaunchConfig_t (driver_types.h). */
struct launch_config {
	__u32 grid_x, grid_y, grid_z;
	__u32 block_x, block_y, block_z;
	__u64 shared_memory_bytes;
	__u64 stream;
};

static __always_inline void read_launch_config(struct launch_config *to, __u64 from)
{
	if (bpf_probe_read_user(to, sizeof(*to), (void *)from))
		INGERO_COUNT(calls_unread_arguments);
}

static __always_inline __u64 config_blocks(const struct launch_config *config)
{
	return (__u64)config->grid_x * config->grid_y * config->grid_z;
}

static __always_inline __u64 config_threads(const struct launch_config *config)
{
	return (__u64)config->block_x * config->block_y * config->block_z;
}

/* A launch's third argument. */
static __always_inline __u64 ingero_grid(__u64 blocks, __u64 block_threads)
{
	return (blocks << 12) | (block_threads > 4095 ? 4095 : block_threads);
}

/* CUDA_SUCCESS and ncclSuccess; a communicator that is still being made has its handle already: ncclInProgress. */
static __always_inline int ingero_call_succeeded(enum ingero_kind kind, __u32 result)
{
	return result == 0 || (kind == INGERO_KIND_COMMUNICATOR && result == 7);
}

/*
 * Drops calls that will not return, because a longjmp or a signal handler left them: a call that is under way lies
 * above the stack pointer of every call inside it, or where it is when it ends with a jump into that one. They stay counted
 * as entered and not returned.
 */
static __always_inline void forget_left_calls(struct ingero_thread *thread, __u64 stack_pointer, __u32 op)
{
	__u32 depth = thread->depth;
	int i;

#pragma unroll
	for (i = 0; i < INGERO_NESTING; i++) {
		struct ingero_pending_call *call = &thread->pending[(depth - 1) & (INGERO_NESTING - 1)];

		if (!depth || call->stack_pointer > stack_pointer)
			return;
		depth--;
		if (call->stack_pointer < stack_pointer || call->op == op)
			thread->depth = depth;
	}
}

/*
 * The compiler knows from a comparison that the place is in bounds and drops the mask; verifiers before Linux 6.2 may have
 * lost sight of the compared value by then.
 */
static __always_inline struct ingero_pending_call *ingero_pending(struct ingero_thread *thread, __u32 place)
{
	__asm__ volatile("" : "+r"(place));
	return &thread->pending[place & (INGERO_NESTING - 1)];
}

/* Takes room for a call of a traced thread; its program fills in what it is. */
static __always_inline struct ingero_pending_call *begin_timed_call(struct pt_regs *ctx, __u64 cookie,
								    struct ingero_thread *thread)
{
	__u64 stack_pointer = entry_stack_pointer(ctx, cookie);
	struct ingero_pending_call *call;

	ingero_hit(&thread->account);
	INGERO_COUNT(calls_produced);
	forget_left_calls(thread, stack_pointer, COOKIE_OP(cookie));
	if (thread->depth >= INGERO_NESTING) {
		INGERO_COUNT(calls_nesting_overflow);
		return 0;
	}
	call = ingero_pending(thread, thread->depth);
	if (COOKIE_KIND(cookie) != INGERO_KIND_OBSERVED)
		thread->account.returned_ns = 0;
	call->entered_ns = bpf_ktime_get_ns();
	call->stack_pointer = stack_pointer;
	call->op = COOKIE_OP(cookie);
	call->kind = COOKIE_KIND(cookie);
	call->admitted = thread->admitted;
	thread->depth++;
	INGERO_COUNT(calls_timed_entered);
	return call;
}

/* The call of this function that now returns; calls inside it that were left without a return lie above it. */
static __always_inline struct ingero_pending_call *end_timed_call(struct ingero_thread *thread, __u32 op)
{
	__u32 place;

	for (place = thread->depth; place > 0 && place <= INGERO_NESTING; place--)
		if (thread->pending[(place - 1) & (INGERO_NESTING - 1)].op == op)
			break;
	if (place == 0 || place > INGERO_NESTING)
		return 0;
	thread->depth = place - 1;
	return ingero_pending(thread, place - 1);
}

#endif
