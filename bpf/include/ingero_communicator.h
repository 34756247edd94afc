/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* NCCL communicators: made, asked and ended; each is told, whatever the admission. */
#ifndef INGERO_COMMUNICATOR_H
#define INGERO_COMMUNICATOR_H

#include "ingero_timed.h"

/* Devices of one process that ncclCommInitAll makes communicators for. */
#define INGERO_MAX_DEVICES 16

static __always_inline void deliver_communicator(struct pt_regs *ctx, __u64 cookie, int admitted, __u64 now_ns,
						 __u64 duration_ns, __u32 pid, __u32 tid, const __u64 *args)
{
	ingero_deliver_call(ctx, admitted, now_ns, duration_ns, pid, tid, COOKIE_OP(cookie), args);
	ingero_tell(now_ns, duration_ns, pid, tid, COOKIE_OP(cookie), args);
}

/* @args with the handle, which is 0 when the call failed, or with the answer in args[0], an int */
static __always_inline void communicator_returned(struct pt_regs *ctx, __u64 cookie, struct ingero_pending_call *call,
						  __u64 now_ns, __u64 duration_ns, __u32 pid, __u32 tid, __u32 result,
						  __u64 *args)
{
	/* ncclCommInitAll alone has a size and no unique id. */
	__u32 devices = COOKIE_ARG(cookie, 0) && !COOKIE_ARG(cookie, 2) ? (__u32)(args[0] >> 32) : 0;
	__u64 handles = call->out_pointer;
	int admitted = call->admitted;
	__u32 i;

	if (COOKIE_OUT(cookie) == 1)
		args[0] = (__u32)args[0];
	deliver_communicator(ctx, cookie, admitted, now_ns, duration_ns, pid, tid, args);
	if (result)
		return;
	for (i = 1; i < INGERO_MAX_DEVICES; i++) {
		if (i >= devices)
			return;
		if (bpf_probe_read_user(&args[1], sizeof(args[1]), (void *)(handles + 8 * i)))
			return;
		args[0] = (args[0] & 0xffffffff00000000ULL) | i;
		INGERO_COUNT(calls_produced);
		deliver_communicator(ctx, cookie, admitted, now_ns, duration_ns, pid, tid, args);
	}
}

#endif
