// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * Probes on libcuda, the one place that sees all CUDA work.
 *
 * Hooks:   entry uprobes on everything that enqueues work or orders it; entry and return on what blocks or has a
 *          result worth having (waits, queries, allocations, captures). The timed pair also serves libcudart and libnccl.
 * Cookie:  include/ingero_cookie.h
 * Kernel:  5.15 (attach cookie); uprobe_multi from 6.6 where user space asks for it.
 */
#include "ingero_enqueue.h"
#include "ingero_communicator.h"

/*
 * What is asked of the kernel here, each launch pays: no time and no arguments that nobody will see.
 *
 * @block_threads 0 where the event is not delivered
 */
static __always_inline int launch(struct pt_regs *ctx, struct ingero_thread *thread, __u64 cookie, __u64 function,
				  __u64 stream_handle, __u64 blocks, __u64 block_threads)
{
	__u64 name = stream_name(stream_handle, cookie, thread->tid), now_ns = 0;
	struct ingero_counters *own = ingero_own_counters();
	struct ingero_stream *stream;

	if (own)
		__sync_fetch_and_add(&own->calls_produced, 1);
	if (thread->admitted == INGERO_ADMITTED) {
		__u64 args[3] = { function, name, ingero_grid(blocks, block_threads) };

		now_ns = bpf_ktime_get_ns();
		ingero_deliver_call(ctx, INGERO_ADMITTED, now_ns, 0, thread->pid, thread->tid, COOKIE_OP(cookie), args);
	} else if (own) {
		__sync_fetch_and_add(thread->admitted == INGERO_STALLED ? &own->calls_agent_stalled :
									  &own->calls_sampled_out, 1);
	}
	thread->account.returned_ns = 0;
	stream = open_stream(thread, name, 1);
	if (stream && is_captured(stream, thread->pid))
		return 0;
	ingero_launched(&thread->account);
	thread->has_read_back = 0;
	if (stream)
		ingero_ledger_launch(&stream->ledger, now_ns, function, blocks);
	return 0;
}

/* cuLaunchKernel(f, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedMemBytes, hStream, ...) and the cooperative one. */
SEC("uprobe")
int launch_kernel(struct pt_regs *ctx)
{
	struct ingero_thread *thread = ingero_current_thread();
	__u64 blocks = (__u64)(__u32)PT_REGS_PARM2(ctx) * (__u32)PT_REGS_PARM3(ctx) * (__u32)PT_REGS_PARM4(ctx);
	__u64 block_threads = (__u64)(__u32)PT_REGS_PARM5(ctx) * (__u32)SIXTH_PARAMETER(ctx);
	__u64 cookie, stream = 0;

	if (!thread)
		return 0;
	cookie = ingero_cookie(ctx);
	if (thread->admitted == INGERO_ADMITTED) {
		__u64 seventh[3] = { 1 };

		read_stack_parameters(ctx, cookie, seventh);
		block_threads *= (__u32)seventh[0];
		stream = seventh[2];
	} else {
		stream = read_ninth_parameter(ctx, cookie);
	}
	return launch(ctx, thread, cookie, PT_REGS_PARM1(ctx), stream, blocks, block_threads);
}

/* cuLaunchKernelEx(config, f, kernelParams, extra) */
SEC("uprobe")
int launch_kernel_ex(struct pt_regs *ctx)
{
	struct ingero_thread *thread = ingero_current_thread();
	struct launch_config config_read = {};

	if (!thread)
		return 0;
	read_launch_config(&config_read, PT_REGS_PARM1(ctx));
	return launch(ctx, thread, ingero_cookie(ctx), PT_REGS_PARM2(ctx), config_read.stream,
		      config_blocks(&config_read), config_threads(&config_read));
}

/* A call that somebody keeps book of goes where its order among the steps is kept. */
static __always_inline void tell(__u64 cookie, __u64 ts_ns, __u64 duration_ns, __u32 pid, __u32 tid, const __u64 *args)
{
	if (COOKIE_IS_TOLD(cookie))
		ingero_tell(ts_ns, duration_ns, pid, tid, COOKIE_OP(cookie), args);
}

/* Anything that is over for us once it is entered: copies, graph launches, event records, frees. */
SEC("uprobe")
int call_entered(struct pt_regs *ctx)
{
	__u64 cookie = ingero_cookie(ctx);
	__u32 pid = COOKIE_ASKS_FIRST(cookie) ? bpf_get_current_pid_tgid() >> 32 : 0, tid;
	int is_first = COOKIE_ASKS_FIRST(cookie) && !bpf_map_lookup_elem(&processes, &pid);
	struct ingero_thread *thread = ingero_current_thread();
	struct parameters parameters;
	__u64 args[3], stream, now_ns;

	if (!thread)
		return 0;
	now_ns = bpf_ktime_get_ns();
	pid = thread->pid;
	tid = thread->tid;
	ingero_hit(&thread->account);
	INGERO_COUNT(calls_produced);
	thread->account.returned_ns = 0;
	read_parameters(&parameters, ctx, cookie);
	stream = arguments_of(&parameters, cookie, tid, args);
	if (COOKIE_ASKS_FIRST(cookie))
		args[1] = is_first;
	ingero_deliver_call(ctx, thread->admitted, now_ns, 0, pid, tid, COOKIE_OP(cookie), args);
	tell(cookie, now_ns, 0, pid, tid, args);
	switch (COOKIE_KIND(cookie)) {
	case INGERO_KIND_NONE:
	case INGERO_KIND_COMMUNICATOR:
		return 0;
	case INGERO_KIND_EVENT_RECORD:
		record_event(pid, args[0], stream);
		ingero_deliver_order(thread, now_ns, 0, pid, tid, COOKIE_OP(cookie), args);
		return 0;
	case INGERO_KIND_EVENT_DESTROY:
		forget_event(pid, args[0]);
		return 0;
	case INGERO_KIND_STREAM_WAIT_EVENT:
		join_streams(thread, pid, stream, args[1]);
		return 0;
	default:
		enqueue(thread, now_ns, pid, tid, COOKIE_OP(cookie), COOKIE_KIND(cookie), stream,
			COOKIE_STREAM(cookie) != 0, parameters.at[COOKIE_BYTES(cookie) & 15], args);
		return 0;
	}
}

/* Calls whose return matters: the arguments wait in the thread's state. */
SEC("uprobe")
int timed_call_entered(struct pt_regs *ctx)
{
	struct ingero_thread *thread = ingero_current_thread();
	__u64 cookie = ingero_cookie(ctx);
	struct ingero_pending_call *call = thread ? begin_timed_call(ctx, cookie, thread) : 0;
	struct parameters parameters;

	if (!call)
		return 0;
	read_parameters(&parameters, ctx, cookie);
	call->stream = arguments_of(&parameters, cookie, thread->tid, call->args);
	call->bytes = parameters.at[COOKIE_BYTES(cookie) & 15];
	call->kind = COOKIE_KIND(cookie);
	call->blocks = ingero_blocks(call->kind);
	call->out_pointer = COOKIE_OUT(cookie) ? parameters.at[COOKIE_OUT_PARAMETER(cookie)] : 0;
	return 0;
}

/*
 * CUDA_MEMCPY2D and CUDA_MEMCPY3D (cuda.h): memory types 1 host, 2 device, 3 array, which is on the device, 4 told by the
 * address. The third coordinate makes the one longer than the other.
 */
struct copy_2d {
	__u64 source_x, source_y;
	__u32 source_type, padding0;
	__u64 source_host, source_device, source_array, source_pitch;
	__u64 target_x, target_y;
	__u32 target_type, padding1;
	__u64 target_host, target_device, target_array, target_pitch;
	__u64 width_bytes, height;
};
_Static_assert(sizeof(struct copy_2d) == 128, "CUDA_MEMCPY2D is 128 bytes");

struct copy_3d {
	__u64 source_x, source_y, source_z, source_lod;
	__u32 source_type, padding0;
	__u64 source_host, source_device, source_array, reserved0, source_pitch, source_height;
	__u64 target_x, target_y, target_z, target_lod;
	__u32 target_type, padding1;
	__u64 target_host, target_device, target_array, reserved1, target_pitch, target_height;
	__u64 width_bytes, height, depth;
};
_Static_assert(sizeof(struct copy_3d) == 200, "CUDA_MEMCPY3D is 200 bytes");

#define MEMORY_HOST 1
#define MEMORY_UNIFIED 4

/* cudaMemcpyKind of two memory types; 4 where the addresses decide. */
static __always_inline __u32 memcpy_kind(__u32 from, __u32 to)
{
	if (!from || !to || from >= MEMORY_UNIFIED || to >= MEMORY_UNIFIED)
		return 4;
	if (from == MEMORY_HOST)
		return to == MEMORY_HOST ? 0 : 1;
	return to == MEMORY_HOST ? 2 : 3;
}

static __always_inline enum ingero_kind copy_kind(__u32 memcpy_kind, int is_blocking)
{
	switch (memcpy_kind) {
	case 1:
		return INGERO_KIND_COPY_HOST_TO_DEVICE;
	case 2:
		return is_blocking ? INGERO_KIND_COPY_DEVICE_TO_HOST_BLOCKING : INGERO_KIND_COPY_DEVICE_TO_HOST;
	case 3:
		return INGERO_KIND_COPY_DEVICE_TO_DEVICE;
	default:
		return INGERO_KIND_COPY_UNKNOWN;
	}
}

/* cuMemcpy2D(descriptor), cuMemcpy2DAsync(descriptor, stream) and their like; args[0]'s place is the dimensions. */
SEC("uprobe")
int described_copy_entered(struct pt_regs *ctx)
{
	struct ingero_thread *thread = ingero_current_thread();
	__u64 cookie = ingero_cookie(ctx);
	struct ingero_pending_call *call = thread ? begin_timed_call(ctx, cookie, thread) : 0;
	const void *descriptor = (const void *)PT_REGS_PARM1(ctx);
	__u32 from, to;
	long failed;

	if (!call)
		return 0;
	if (COOKIE_ARG(cookie, 0) == 2) {
		struct copy_2d copy = {};

		failed = bpf_probe_read_user(&copy, sizeof(copy), descriptor);
		from = copy.source_type;
		to = copy.target_type;
		call->bytes = copy.width_bytes * copy.height;
	} else {
		struct copy_3d copy = {};

		failed = bpf_probe_read_user(&copy, sizeof(copy), descriptor);
		from = copy.source_type;
		to = copy.target_type;
		call->bytes = copy.width_bytes * copy.height * copy.depth;
	}
	if (failed)
		INGERO_COUNT(calls_unread_arguments);
	call->args[0] = memcpy_kind(from, to);
	call->stream = stream_name(COOKIE_STREAM(cookie) == 2 ? PT_REGS_PARM2(ctx) : 0, cookie, thread->tid);
	call->args[1] = call->stream;
	call->args[2] = call->bytes;
	call->kind = copy_kind((__u32)call->args[0], COOKIE_KIND(cookie) == INGERO_KIND_DESCRIBED_COPY_BLOCKING);
	call->blocks = ingero_blocks(call->kind);
	call->out_pointer = 0;
	return 0;
}

/* What a call wrote where a parameter points to; 0 when it failed or there is nothing to be read. */
static __always_inline __u64 read_out(__u64 out_pointer, int is_good)
{
	__u64 value = 0;

	if (is_good && bpf_probe_read_user(&value, sizeof(value), (void *)out_pointer))
		INGERO_COUNT(calls_unread_arguments);
	return value;
}

SEC("uretprobe")
int timed_call_returned(struct pt_regs *ctx)
{
	__u64 now_ns = bpf_ktime_get_ns();
	__u64 cookie = ingero_cookie(ctx);
	struct ingero_thread *thread = ingero_known_thread();
	struct ingero_pending_call *call;
	__u64 args[3], duration_ns, stream, bytes;
	__u32 pid, tid, op = COOKIE_OP(cookie), result = (__u32)PT_REGS_RC(ctx);
	int admitted, i, names_stream = COOKIE_STREAM(cookie) != 0;
	enum ingero_kind kind;

	if (!thread)
		return 0;
	call = end_timed_call(thread, op);
	if (!call)
		return 0; /* entered before the probes came */
	ingero_hit(&thread->account);
	INGERO_COUNT(calls_timed_returned);
	pid = thread->pid;
	tid = thread->tid;
	stream = call->stream;
	bytes = call->bytes;
	kind = call->kind;
	admitted = call->admitted;
	duration_ns = now_ns - call->entered_ns;
#pragma unroll
	for (i = 0; i < 3; i++) {
		args[i] = call->args[i];
		if (COOKIE_OUT(cookie) == i + 1)
			args[i] = read_out(call->out_pointer, ingero_call_succeeded(kind, result));
		if (COOKIE_RESULT(cookie) == i + 1)
			args[i] = result;
	}
	ingero_blocking_call_returned(&thread->account, call->blocks, call->entered_ns, now_ns);
	if (kind == INGERO_KIND_COMMUNICATOR) {
		communicator_returned(ctx, cookie, call, now_ns, duration_ns, pid, tid, result, args);
		return 0;
	}
	ingero_deliver_call(ctx, admitted, now_ns, duration_ns, pid, tid, op, args);
	tell(cookie, now_ns, duration_ns, pid, tid, args);
	switch (kind) {
	case INGERO_KIND_NONE:
	case INGERO_KIND_OBSERVED:
		return 0;
	case INGERO_KIND_CAPTURE_BEGIN:
		if (result == 0)
			capture_began(pid, stream);
		return 0;
	case INGERO_KIND_CAPTURE_END:
		capture_ended(pid, stream);
		return 0;
	case INGERO_KIND_QUERY_EVENT:
	case INGERO_KIND_QUERY_STREAM:
		if (result)
			return 0;
		if (ingero_deliver_with_times(thread, now_ns, duration_ns, pid, tid, op, args))
			thread->lossy = 1;
		return 0;
	case INGERO_KIND_WAIT_STREAM:
	case INGERO_KIND_WAIT_CONTEXT:
	case INGERO_KIND_WAIT_EVENT:
		ingero_close_by_wait(thread, now_ns, pid, tid);
		if (ingero_deliver_with_times(thread, now_ns, duration_ns, pid, tid, op, args))
			thread->lossy = 1;
		return 0;
	case INGERO_KIND_ALLOC:
		if (result)
			return 0;
		break;
	default:
		break;
	}
	enqueue(thread, now_ns, pid, tid, op, kind, stream, names_stream, bytes, args);
	return 0;
}
