// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * Probes on libcudart: what applications call, and how long it takes. Each call reaches libcuda, where its work is
 * counted; here nothing is added to a ledger. Everything but launches is served by the timed pair in cuda_driver.c.
 */
#include "ingero_timed.h"

static __always_inline int runtime_launch(struct pt_regs *ctx, __u64 cookie, __u64 function, __u64 stream_handle,
					  __u64 blocks, __u64 block_threads)
{
	struct ingero_thread *thread = ingero_current_thread();
	struct ingero_pending_call *call = thread ? begin_timed_call(ctx, cookie, thread) : 0;

	if (!call)
		return 0;
	call->stream = stream_name(stream_handle, cookie, thread->tid);
	call->args[0] = function;
	call->args[1] = call->stream;
	call->args[2] = ingero_grid(blocks, block_threads);
	call->bytes = 0;
	call->kind = INGERO_KIND_OBSERVED;
	call->blocks = INGERO_BLOCKS_NOT;
	call->out_pointer = 0;
	return 0;
}

/*
 * cudaLaunchKernel(func, gridDim, blockDim, args, sharedMem, stream): a dim3 is passed in two registers, x and y in the
 * first; on x86-64 the two last arguments are on the stack, on arm64 in x6 and x7.
 */
SEC("uprobe")
int runtime_launch_entered(struct pt_regs *ctx)
{
	__u64 cookie = ingero_cookie(ctx);
	__u64 grid = PT_REGS_PARM2(ctx), block = PT_REGS_PARM4(ctx);
	__u64 blocks = (__u64)(__u32)grid * (grid >> 32) * (__u32)PT_REGS_PARM3(ctx);
	__u64 threads = (__u64)(__u32)block * (block >> 32) * (__u32)PT_REGS_PARM5(ctx);
	__u64 seventh[3] = {};

	read_stack_parameters(ctx, cookie, seventh);
	return runtime_launch(ctx, cookie, PT_REGS_PARM1(ctx), seventh[1], blocks, threads);
}

/* cudaLaunchKernelExC(config, func, args) */
SEC("uprobe")
int runtime_launch_ex_entered(struct pt_regs *ctx)
{
	struct launch_config config_read = {};

	read_launch_config(&config_read, PT_REGS_PARM1(ctx));
	return runtime_launch(ctx, ingero_cookie(ctx), PT_REGS_PARM2(ctx), config_read.stream,
			      config_blocks(&config_read), config_threads(&config_read));
}
