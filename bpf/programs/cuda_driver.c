// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * Probes on libcuda, the one place that sees all CUDA work.
 *
 * Hooks:   entry uprobes on everything that enqueues work or orders it; entry and return on what blocks or has a
 *          result worth having (waits, queries, allocations).
 * Cookie:  says what a function is, so that few programs serve many functions; its bits are drawn below.
 * Kernel:  5.15 (attach cookie); uprobe_multi from 6.6 where user space asks for it.
 */
#include "ingero_registers.h"
#include "ingero_deliver.h"
#include <bpf/bpf_tracing.h>

/*
 * Attach cookie, made by packages/probes/src/attach/cookie.ts:
 *   bits  0-15 operation code
 *   bits 16-23 enum ingero_kind
 *   bit  24    per-thread default stream variant (_ptsz, _ptds)
 *   bit  25    args[2] is an unsigned int: the upper half of its register means nothing
 *   bit  26    takes or gives back device memory, and somebody follows that: the call also goes among the ledgers
 *   bit  27    args[1] is 1 when this is the first call seen of its process, else 0
 *   bits 28-31, 32-35, 36-39 which parameter (1-6) is args[0], args[1], args[2]; 0 for none
 *   bits 40-43 which parameter is the stream: 0 for none, 15 for "the default stream"
 *   bits 44-47 which parameter is the size in bytes; 0 for none
 *   bits 48-63 bytes the prologue has moved the stack pointer down before the probe
 */
#define COOKIE_OP(cookie) ((__u32)((cookie)&0xffff))
#define COOKIE_KIND(cookie) ((enum ingero_kind)(((cookie) >> 16) & 0xff))
#define COOKIE_PER_THREAD(cookie) (((cookie) >> 24) & 1)
#define COOKIE_LAST_IS_INT(cookie) (((cookie) >> 25) & 1)
#define COOKIE_TELLS_MEMORY(cookie) (((cookie) >> 26) & 1)
#define COOKIE_ASKS_FIRST(cookie) (((cookie) >> 27) & 1)
#define COOKIE_ARG(cookie, place) (((cookie) >> (28 + 4 * (place))) & 0xf)
#define COOKIE_STREAM(cookie) (((cookie) >> 40) & 0xf)
#define COOKIE_BYTES(cookie) (((cookie) >> 44) & 0xf)
#define COOKIE_STACK_SHIFT(cookie) ((cookie) >> 48)

/*
 * The six integer arguments that are in registers, from place 1 on. All are read first: a register picked at run time
 * would be an access through a computed context pointer, which the verifier refuses.
 */
struct parameters {
	__u64 at[16];
};

static __always_inline void read_parameters(struct parameters *to, struct pt_regs *ctx)
{
	__builtin_memset(to, 0, sizeof(*to));
	to->at[1] = PT_REGS_PARM1(ctx);
	to->at[2] = PT_REGS_PARM2(ctx);
	to->at[3] = PT_REGS_PARM3(ctx);
	to->at[4] = PT_REGS_PARM4(ctx);
	to->at[5] = PT_REGS_PARM5(ctx);
	to->at[6] = SIXTH_PARAMETER(ctx);
}

/*
 * One stream, one name: the legacy default stream is 0; a thread's own default stream is its thread id over the
 * special handle, since every thread has another one.
 */
static __always_inline __u64 stream_name(__u64 handle, __u64 cookie, __u32 tid)
{
	if (handle == INGERO_STREAM_PER_THREAD || (handle == 0 && COOKIE_PER_THREAD(cookie)))
		return ingero_own_stream(tid);
	if (handle == INGERO_STREAM_LEGACY)
		return 0;
	return handle;
}

/* The ledger that this call's work goes on; a call that names no stream belongs to the thread's latest one. */
static __always_inline struct ingero_ledger *open_ledger(struct ingero_thread *thread, __u32 pid, __u64 stream,
							 int names_stream)
{
	struct ingero_ledger *ledger;

	if (names_stream) {
		thread->last_stream = stream;
		thread->has_last_stream = 1;
	} else {
		stream = thread->has_last_stream ? thread->last_stream : 0;
	}
	ingero_touch_stream(thread, stream);
	ledger = ingero_ledger_of(pid, stream);
	if (!ledger)
		thread->lossy = 1;
	return ledger;
}

/* A host function right behind a read-back reads it: nobody will wait. */
static __always_inline void call_back(struct ingero_thread *thread, __u64 now_ns, __u32 pid, __u32 tid, __u32 op,
				      const __u64 *args)
{
	struct ingero_process *process = bpf_map_lookup_elem(&processes, &pid);

	if (process)
		process->called_back_ns = now_ns;
	ingero_deliver_order(thread, now_ns, 0, pid, tid, op, args);
}

/* Puts anything but a launch on a stream's ledger. */
static __always_inline void enqueue(struct ingero_thread *thread, __u64 now_ns, __u32 pid, __u32 tid, __u64 cookie,
				    __u64 stream, int names_stream, __u64 bytes, const __u64 *args)
{
	enum ingero_kind kind = COOKIE_KIND(cookie);
	struct ingero_ledger *ledger = open_ledger(thread, pid, stream, names_stream);

	if (kind == INGERO_KIND_GRAPH_LAUNCH)
		ingero_launched(&thread->account);
	else if (kind >= INGERO_KIND_COPY_HOST_TO_DEVICE && kind <= INGERO_KIND_COPY_DEVICE_TO_HOST_BLOCKING)
		ingero_copied(&thread->account, pid, bytes);
	if (kind == INGERO_KIND_HOST_FUNCTION && thread->has_read_back && thread->read_back_stream == stream)
		call_back(thread, now_ns, pid, tid, COOKIE_OP(cookie), args);
	thread->has_read_back = kind == INGERO_KIND_COPY_DEVICE_TO_HOST;
	thread->read_back_stream = stream;
	if (!ledger)
		return;
	switch (kind) {
	case INGERO_KIND_GRAPH_LAUNCH:
		ingero_ledger_graph_launch(ledger, now_ns, args[0]);
		return;
	case INGERO_KIND_COLLECTIVE:
		ingero_ledger_touch(ledger, now_ns);
		__sync_fetch_and_add(&ledger->collectives, 1);
		return;
	case INGERO_KIND_MEMSET:
		ingero_ledger_touch(ledger, now_ns);
		__sync_fetch_and_add(&ledger->memsets, 1);
		return;
	case INGERO_KIND_HOST_FUNCTION:
		ingero_ledger_touch(ledger, now_ns);
		__sync_fetch_and_add(&ledger->host_functions, 1);
		return;
	case INGERO_KIND_ALLOC:
		__sync_fetch_and_add(&ledger->allocs, 1);
		__sync_fetch_and_add(&ledger->alloc_bytes, bytes);
		return;
	case INGERO_KIND_FREE:
		__sync_fetch_and_add(&ledger->frees, 1);
		return;
	default:
		break;
	}
	ingero_ledger_copy(ledger, now_ns, kind, bytes);
	if (kind == INGERO_KIND_COPY_DEVICE_TO_HOST || kind == INGERO_KIND_COPY_DEVICE_TO_HOST_BLOCKING)
		ingero_close_step(thread, now_ns, pid, tid, COOKIE_OP(cookie), args);
}

static __always_inline int launch(struct pt_regs *ctx, __u64 function, __u64 stream_handle, __u64 blocks,
				  __u64 block_threads)
{
	__u64 now_ns = bpf_ktime_get_ns();
	__u64 id = bpf_get_current_pid_tgid();
	__u64 cookie = bpf_get_attach_cookie(ctx);
	__u32 pid = id >> 32, tid = (__u32)id;
	struct ingero_thread *thread = ingero_current_thread(pid, now_ns);
	struct ingero_ledger *ledger;
	__u64 args[3];

	if (!thread)
		return 0;
	INGERO_COUNT(calls_produced);
	args[0] = function;
	args[1] = stream_name(stream_handle, cookie, tid);
	args[2] = (blocks << 12) | (block_threads > 4095 ? 4095 : block_threads);
	ingero_deliver_call(thread->admitted, now_ns, 0, pid, tid, COOKIE_OP(cookie), args);
	ingero_launched(&thread->account);
	thread->account.returned_ns = 0;
	thread->has_read_back = 0;
	ledger = open_ledger(thread, pid, args[1], 1);
	if (ledger)
		ingero_ledger_launch(ledger, now_ns, function, blocks);
	return 0;
}

/* cuLaunchKernel(f, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedMemBytes, hStream, ...) and the cooperative one. */
SEC("uprobe")
int launch_kernel(struct pt_regs *ctx)
{
	__u64 blocks = (__u64)(__u32)PT_REGS_PARM2(ctx) * (__u32)PT_REGS_PARM3(ctx) * (__u32)PT_REGS_PARM4(ctx);
	__u32 block_x = (__u32)PT_REGS_PARM5(ctx), block_y = (__u32)SIXTH_PARAMETER(ctx);
	__u32 block_z = 1;
	__u64 stream = 0;

#if defined(__TARGET_ARCH_x86)
	/* SysV: [rsp] is the return address, [rsp+8] blockDimZ, [rsp+16] sharedMemBytes, [rsp+24] hStream. */
	__u64 stack = PT_REGS_SP(ctx) + COOKIE_STACK_SHIFT(bpf_get_attach_cookie(ctx));
	__u64 slots[3] = {};

	if (bpf_probe_read_user(slots, sizeof(slots), (void *)(stack + 8)))
		INGERO_COUNT(calls_unread_arguments);
	block_z = (__u32)slots[0];
	stream = slots[2];
#elif defined(__TARGET_ARCH_arm64)
	/* AAPCS64: w6 blockDimZ, w7 sharedMemBytes, [sp] hStream. */
	__u64 stack = PT_REGS_SP(ctx) + COOKIE_STACK_SHIFT(bpf_get_attach_cookie(ctx));

	block_z = (__u32)SEVENTH_PARAMETER(ctx);
	if (bpf_probe_read_user(&stream, sizeof(stream), (void *)stack))
		INGERO_COUNT(calls_unread_arguments);
#endif
	return launch(ctx, PT_REGS_PARM1(ctx), stream, blocks, (__u64)block_x * block_y * block_z);
}

/* First 40 bytes of CUlaunchConfig (cuda.h). */
struct launch_config {
	__u32 grid_x, grid_y, grid_z;
	__u32 block_x, block_y, block_z;
	__u32 shared_memory_bytes;
	__u32 padding;
	__u64 stream;
};

/* cuLaunchKernelEx(config, f, kernelParams, extra) */
SEC("uprobe")
int launch_kernel_ex(struct pt_regs *ctx)
{
	struct launch_config config_read = {};

	if (bpf_probe_read_user(&config_read, sizeof(config_read), (void *)PT_REGS_PARM1(ctx)))
		INGERO_COUNT(calls_unread_arguments);
	return launch(ctx, PT_REGS_PARM2(ctx), config_read.stream,
		      (__u64)config_read.grid_x * config_read.grid_y * config_read.grid_z,
		      (__u64)config_read.block_x * config_read.block_y * config_read.block_z);
}

/* Makes args[] of a call from its registers; returns its stream. */
static __always_inline __u64 read_arguments(struct pt_regs *ctx, __u64 cookie, __u32 tid, __u64 *args, __u64 *bytes)
{
	__u32 stream_place = COOKIE_STREAM(cookie);
	struct parameters parameters;
	__u64 stream = 0;
	int i;

	read_parameters(&parameters, ctx);
	/* Place 15 is always 0: a blocking copy runs on the default stream. */
	if (stream_place)
		stream = stream_name(parameters.at[stream_place & 15], cookie, tid);
	*bytes = parameters.at[COOKIE_BYTES(cookie) & 15];
#pragma unroll
	for (i = 0; i < 3; i++) {
		__u32 place = COOKIE_ARG(cookie, i);

		args[i] = place && place == stream_place ? stream : parameters.at[place & 15];
	}
	if (COOKIE_LAST_IS_INT(cookie))
		args[2] = (__u32)args[2];
	return stream;
}

/* A call that somebody follows the memory of a process by goes where its order among the steps is kept. */
static __always_inline void tell_memory(__u64 cookie, __u64 ts_ns, __u64 duration_ns, __u32 pid, __u32 tid,
					const __u64 *args)
{
	if (COOKIE_TELLS_MEMORY(cookie))
		ingero_deliver_memory(ts_ns, duration_ns, pid, tid, COOKIE_OP(cookie), args);
}

/* Anything that is over for us once it is entered: copies, graph launches, event records, frees. */
SEC("uprobe")
int call_entered(struct pt_regs *ctx)
{
	__u64 now_ns = bpf_ktime_get_ns();
	__u64 id = bpf_get_current_pid_tgid();
	__u64 cookie = bpf_get_attach_cookie(ctx);
	__u32 pid = id >> 32, tid = (__u32)id;
	int is_first = COOKIE_ASKS_FIRST(cookie) && !bpf_map_lookup_elem(&processes, &pid);
	struct ingero_thread *thread = ingero_current_thread(pid, now_ns);
	__u64 args[3], stream, bytes;

	if (!thread)
		return 0;
	INGERO_COUNT(calls_produced);
	thread->account.returned_ns = 0;
	stream = read_arguments(ctx, cookie, tid, args, &bytes);
	if (COOKIE_ASKS_FIRST(cookie))
		args[1] = is_first;
	ingero_deliver_call(thread->admitted, now_ns, 0, pid, tid, COOKIE_OP(cookie), args);
	tell_memory(cookie, now_ns, 0, pid, tid, args);
	switch (COOKIE_KIND(cookie)) {
	case INGERO_KIND_NONE:
		return 0;
	case INGERO_KIND_EVENT_RECORD: {
		struct ingero_event_key key = { .pid = pid, .event = args[0] };

		bpf_map_update_elem(&recorded_events, &key, &stream, BPF_ANY);
		ingero_deliver_order(thread, now_ns, 0, pid, tid, COOKIE_OP(cookie), args);
		return 0;
	}
	case INGERO_KIND_STREAM_WAIT_EVENT: {
		struct ingero_event_key key = { .pid = pid, .event = args[1] };
		__u64 *joined = bpf_map_lookup_elem(&recorded_events, &key);

		if (joined)
			ingero_touch_stream(thread, *joined);
		return 0;
	}
	default:
		enqueue(thread, now_ns, pid, tid, cookie, stream, COOKIE_STREAM(cookie) != 0, bytes, args);
		return 0;
	}
}

/*
 * Drops calls that will not return, because a longjmp or a signal handler left them: a call that is under way lies
 * above the stack pointer of every call inside it. They stay counted as entered and not returned.
 */
static __always_inline void forget_left_calls(struct ingero_thread *thread, __u64 stack_pointer)
{
	int i;

#pragma unroll
	for (i = 0; i < INGERO_NESTING; i++) {
		__u32 depth = thread->depth;

		if (!depth || thread->pending[(depth - 1) & (INGERO_NESTING - 1)].stack_pointer > stack_pointer)
			return;
		thread->depth = depth - 1;
	}
}

/* Calls whose return matters: the arguments wait in the thread's state. */
SEC("uprobe")
int timed_call_entered(struct pt_regs *ctx)
{
	__u64 now_ns = bpf_ktime_get_ns();
	__u64 id = bpf_get_current_pid_tgid();
	__u64 cookie = bpf_get_attach_cookie(ctx);
	__u32 pid = id >> 32, tid = (__u32)id;
	struct ingero_thread *thread = ingero_current_thread(pid, now_ns);
	struct ingero_pending_call *call;
	__u64 bytes;

	if (!thread)
		return 0;
	INGERO_COUNT(calls_produced);
	forget_left_calls(thread, PT_REGS_SP(ctx));
	if (thread->depth >= INGERO_NESTING) {
		INGERO_COUNT(calls_nesting_overflow);
		return 0;
	}
	call = &thread->pending[thread->depth & (INGERO_NESTING - 1)];
	read_arguments(ctx, cookie, tid, call->args, &bytes);
	thread->account.returned_ns = 0;
	call->entered_ns = now_ns;
	call->stack_pointer = PT_REGS_SP(ctx);
	call->cookie = cookie;
	call->admitted = thread->admitted;
	call->blocks = ingero_blocks(COOKIE_KIND(cookie));
	/* An allocation's result is written where its first parameter points. */
	call->out_pointer = COOKIE_KIND(cookie) == INGERO_KIND_ALLOC ? PT_REGS_PARM1(ctx) : 0;
	thread->depth++;
	INGERO_COUNT(calls_timed_entered);
	return 0;
}

SEC("uretprobe")
int timed_call_returned(struct pt_regs *ctx)
{
	__u64 now_ns = bpf_ktime_get_ns();
	__u64 id = bpf_get_current_pid_tgid();
	__u64 cookie = bpf_get_attach_cookie(ctx);
	__u32 pid = id >> 32, tid = (__u32)id;
	struct ingero_thread *thread = ingero_known_thread();
	struct ingero_pending_call *call;
	__u64 args[3], duration_ns;
	__u32 op = COOKIE_OP(cookie), result = (__u32)PT_REGS_RC(ctx), place;
	int admitted;

	if (!thread)
		return 0;
	/* Calls inside this one that were left without a return lie above it: look for its like. */
	for (place = thread->depth; place > 0 && place <= INGERO_NESTING; place--)
		if (COOKIE_OP(thread->pending[(place - 1) & (INGERO_NESTING - 1)].cookie) == op)
			break;
	if (place == 0 || place > INGERO_NESTING)
		return 0; /* entered before the probes came */
	call = &thread->pending[(place - 1) & (INGERO_NESTING - 1)];
	thread->depth = place - 1;
	INGERO_COUNT(calls_timed_returned);
	args[0] = call->args[0];
	args[1] = call->args[1];
	args[2] = call->args[2];
	admitted = call->admitted;
	duration_ns = now_ns - call->entered_ns;
	ingero_blocking_call_returned(&thread->account, call->blocks, call->entered_ns, now_ns);

	switch (COOKIE_KIND(cookie)) {
	case INGERO_KIND_COPY_DEVICE_TO_HOST_BLOCKING:
		ingero_deliver_call(admitted, now_ns, duration_ns, pid, tid, op, args);
		enqueue(thread, now_ns, pid, tid, cookie, args[1], 1, args[2], args);
		return 0;
	case INGERO_KIND_ALLOC: {
		int names_stream = COOKIE_STREAM(cookie) != 0;

		/* With the stream in its place, address 0 is all that tells of a refusal. */
		args[1] = 0;
		if (result == 0 && bpf_probe_read_user(&args[1], sizeof(args[1]), (void *)call->out_pointer))
			INGERO_COUNT(calls_unread_arguments);
		if (!names_stream)
			args[2] = result;
		ingero_deliver_call(admitted, now_ns, duration_ns, pid, tid, op, args);
		tell_memory(cookie, now_ns, duration_ns, pid, tid, args);
		if (result == 0)
			enqueue(thread, now_ns, pid, tid, cookie, args[2], names_stream, args[0], args);
		return 0;
	}
	case INGERO_KIND_NONE:
		args[2] = result;
		ingero_deliver_call(admitted, now_ns, duration_ns, pid, tid, op, args);
		tell_memory(cookie, now_ns, duration_ns, pid, tid, args);
		return 0;
	case INGERO_KIND_QUERY_EVENT:
	case INGERO_KIND_QUERY_STREAM:
		args[2] = result;
		ingero_deliver_call(admitted, now_ns, duration_ns, pid, tid, op, args);
		if (result == 0) {
			ingero_deliver_times(thread, now_ns, pid, tid);
			ingero_deliver_order(thread, now_ns, duration_ns, pid, tid, op, args);
		}
		return 0;
	default:
		args[2] = result;
		ingero_deliver_call(admitted, now_ns, duration_ns, pid, tid, op, args);
		ingero_close_by_wait(thread, now_ns, pid, tid);
		ingero_deliver_times(thread, now_ns, pid, tid);
		ingero_deliver_order(thread, now_ns, duration_ns, pid, tid, op, args);
		return 0;
	}
}
