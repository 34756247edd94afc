/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * The attach cookie, made by packages/probes/src/attach/cookie.ts: it says what a function is, so that few programs
 * serve many functions.
 *   bits  0-15 operation code
 *   bits 16-23 enum ingero_kind
 *   bit  24    per-thread default stream variant (_ptsz, _ptds)
 *   bit  25    args[2] is an int: the upper half of its register means nothing
 *   bit  26    somebody keeps book of what the call makes or ends: it also goes among the ledgers
 *   bit  27    args[1] is 1 when this is the first call seen of its process, else 0
 *   bits 28-31, 32-35, 36-39 the places of args[0], args[1], args[2]
 *   bits 40-43 the place of the stream
 *   bits 44-47 the place of the size in bytes; of a collective that of the count
 *   bit  48    a place from 7 on is used: the stack must be read
 *   bits 49-50 which of args (1-3) is what the call returns
 *   bits 51-52 which of args (1-3) is what it writes where a parameter points to
 *   bits 53-55 which parameter that is (1-6); of a collective the communicator's place
 *   bits 56-63 how far the prologue has moved the stack pointer down before the probe, in slots of 8 bytes
 * Places: 0 none, 1-9 that parameter, 13 a unique id passed by value, 14 the fifth times the sixth, 15 zero.
 */
#ifndef INGERO_COOKIE_H
#define INGERO_COOKIE_H

#include "ingero_registers.h"
#include "ingero_thread.h"
#include <bpf/bpf_tracing.h>

#define COOKIE_OP(cookie) ((__u32)((cookie)&0xffff))
#define COOKIE_KIND(cookie) ((enum ingero_kind)(((cookie) >> 16) & 0xff))
#define COOKIE_PER_THREAD(cookie) (((cookie) >> 24) & 1)
#define COOKIE_LAST_IS_INT(cookie) (((cookie) >> 25) & 1)
#define COOKIE_IS_TOLD(cookie) (((cookie) >> 26) & 1)
#define COOKIE_ASKS_FIRST(cookie) (((cookie) >> 27) & 1)
#define COOKIE_ARG(cookie, place) (((cookie) >> (28 + 4 * (place))) & 0xf)
#define COOKIE_STREAM(cookie) (((cookie) >> 40) & 0xf)
#define COOKIE_BYTES(cookie) (((cookie) >> 44) & 0xf)
#define COOKIE_READS_STACK(cookie) (((cookie) >> 48) & 1)
#define COOKIE_RESULT(cookie) (((cookie) >> 49) & 3)
#define COOKIE_OUT(cookie) (((cookie) >> 51) & 3)
#define COOKIE_OUT_PARAMETER(cookie) (((cookie) >> 53) & 7)
#define COOKIE_COMMUNICATOR(cookie) COOKIE_OUT_PARAMETER(cookie)
#define COOKIE_STACK_SHIFT(cookie) (((cookie) >> 56) * 8)

/*
 * Since Linux 6.13 a kprobe-type program with a frame of 64 bytes or more gets one stack per processor. Uprobe programs
 * are of that type, and yet may be preempted, by another thread that runs the same program on the same stack: seen on
 * 7.3, wrong sums and a kernel that crashed. A program that holds a tail call keeps the thread's own stack. This one is
 * never made, and the verifier drops it. Whoever defines INGERO_ONE_THREAD probes no more than that.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} no_programs SEC(".maps");

const volatile __u32 ingero_never = 0;

/* The cookie of the probe that was hit. Every uprobe program asks for it here, and so keeps its own stack. */
static __always_inline __u64 ingero_cookie(struct pt_regs *ctx)
{
#ifndef INGERO_ONE_THREAD
	if (ingero_never)
		bpf_tail_call(ctx, &no_programs, 0);
#endif
	return bpf_get_attach_cookie(ctx);
}

#define PLACE_BY_VALUE 13
#define PLACE_AREA 14

/*
 * The integer arguments from place 1 on. All are read first: a register picked at run time would be an access through a
 * computed context pointer, which the verifier refuses.
 */
struct parameters {
	__u64 at[16];
};

/* The stack pointer at the function's entry. */
static __always_inline __u64 entry_stack_pointer(struct pt_regs *ctx, __u64 cookie)
{
	return PT_REGS_SP(ctx) + COOKIE_STACK_SHIFT(cookie);
}

/* Parameters 7 to 9. SysV: [rsp] is the return address, they follow. AAPCS64: x6, x7 and [sp]. */
static __always_inline void read_stack_parameters(struct pt_regs *ctx, __u64 cookie, __u64 *seventh)
{
	__u64 stack = entry_stack_pointer(ctx, cookie);

#if defined(__TARGET_ARCH_x86)
	if (bpf_probe_read_user(seventh, 3 * sizeof(*seventh), (void *)(stack + 8)))
		INGERO_COUNT(calls_unread_arguments);
#elif defined(__TARGET_ARCH_arm64)
	seventh[0] = SEVENTH_PARAMETER(ctx);
	seventh[1] = EIGHTH_PARAMETER(ctx);
	if (bpf_probe_read_user(&seventh[2], sizeof(*seventh), (void *)stack))
		INGERO_COUNT(calls_unread_arguments);
#endif
}

/* The ninth alone; 0 if it cannot be read. */
static __always_inline __u64 read_ninth_parameter(struct pt_regs *ctx, __u64 cookie)
{
	__u64 stack = entry_stack_pointer(ctx, cookie), ninth = 0;

#if defined(__TARGET_ARCH_x86)
	stack += 24;
#endif
	if (bpf_probe_read_user(&ninth, sizeof(ninth), (void *)stack))
		INGERO_COUNT(calls_unread_arguments);
	return ninth;
}

static __always_inline void read_parameters(struct parameters *to, struct pt_regs *ctx, __u64 cookie)
{
	__builtin_memset(to, 0, sizeof(*to));
	to->at[1] = PT_REGS_PARM1(ctx);
	to->at[2] = PT_REGS_PARM2(ctx);
	to->at[3] = PT_REGS_PARM3(ctx);
	to->at[4] = PT_REGS_PARM4(ctx);
	to->at[5] = PT_REGS_PARM5(ctx);
	to->at[6] = SIXTH_PARAMETER(ctx);
	to->at[PLACE_AREA] = to->at[5] * to->at[6];
	if (COOKIE_READS_STACK(cookie))
		read_stack_parameters(ctx, cookie, &to->at[7]);
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

/* Makes args[] of a call from its parameters; returns its stream. */
static __always_inline __u64 arguments_of(const struct parameters *parameters, __u64 cookie, __u32 tid, __u64 *args)
{
	__u32 stream_place = COOKIE_STREAM(cookie);
	__u64 stream = 0;
	int i;

	/* Place 15 is always 0: a blocking copy runs on the default stream. */
	if (stream_place)
		stream = stream_name(parameters->at[stream_place & 15], cookie, tid);
#pragma unroll
	for (i = 0; i < 3; i++) {
		__u32 place = COOKIE_ARG(cookie, i);

		args[i] = place && place == stream_place ? stream : parameters->at[place & 15];
	}
	if (COOKIE_LAST_IS_INT(cookie))
		args[2] = (__u32)args[2];
	return stream;
}

#endif
