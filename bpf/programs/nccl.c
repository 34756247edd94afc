// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * Probes on libnccl: collectives, sends and receives, and the making of communicators. Their returns are served by
 * timed_call_returned in cuda_driver.c, as are all other calls of NCCL.
 */
#include "ingero_timed.h"

#define MOST(value, bits) ((value) < (1ULL << (bits)) - 1 ? (value) : (1ULL << (bits)) - 1)
#define NO_PEER 0xffff

/* The first argument of a collective: count<<24|datatype<<20|op<<16|peer. */
SEC("uprobe")
int collective_entered(struct pt_regs *ctx)
{
	__u64 cookie = ingero_cookie(ctx);
	struct ingero_thread *thread = ingero_current_thread();
	struct ingero_pending_call *call = thread ? begin_timed_call(ctx, cookie, thread) : 0;
	struct parameters at;
	__u64 count, datatype, op, peer;

	if (!call)
		return 0;
	read_parameters(&at, ctx, cookie);
	count = at.at[COOKIE_BYTES(cookie) & 15];
	datatype = (__u32)at.at[COOKIE_ARG(cookie, 0)];
	op = COOKIE_ARG(cookie, 1) ? (__u32)at.at[COOKIE_ARG(cookie, 1)] : 0xf;
	peer = COOKIE_ARG(cookie, 2) ? (__u32)at.at[COOKIE_ARG(cookie, 2)] : NO_PEER;
	call->args[0] = (MOST(count, 40) << 24) | (MOST(datatype, 4) << 20) | (MOST(op, 4) << 16) | MOST(peer, 16);
	call->args[1] = at.at[COOKIE_COMMUNICATOR(cookie)];
	call->stream = stream_name(at.at[COOKIE_STREAM(cookie) & 15], cookie, thread->tid);
	call->args[2] = call->stream;
	call->bytes = 0;
	call->kind = COOKIE_KIND(cookie);
	call->blocks = INGERO_BLOCKS_NOT;
	call->out_pointer = 0;
	return 0;
}

#define UNIQUE_ID_WORDS 16

/* Equal on all ranks, on all hosts. The finaliser of splitmix64, folded over the 128 bytes. */
static __always_inline __u64 hash_unique_id(const void *id)
{
	__u64 words[UNIQUE_ID_WORDS], hash = 0x9e3779b97f4a7c15ULL;
	int i;

	if (bpf_probe_read_user(words, sizeof(words), id)) {
		INGERO_COUNT(calls_unread_arguments);
		return 0;
	}
#pragma unroll
	for (i = 0; i < UNIQUE_ID_WORDS; i++) {
		__u64 x = hash ^ words[i];

		x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
		x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
		hash = x ^ (x >> 31);
	}
	return hash;
}

/*
 * An ncclUniqueId passed by value: on x86-64 its 128 bytes lie on the stack and take no register, so that the rank behind
 * it is the third (SysV 3.2.3, class MEMORY); on arm64 the third register points to a copy (AAPCS64 6.8.2, C.14).
 */
#if defined(__TARGET_ARCH_x86)
#define ID_BY_VALUE(at, ctx, cookie) ((const void *)(entry_stack_pointer(ctx, cookie) + 8))
#define RANK_BEHIND_ID(at) ((__u32)(at).at[3])
#elif defined(__TARGET_ARCH_arm64)
#define ID_BY_VALUE(at, ctx, cookie) ((const void *)(at).at[3])
#define RANK_BEHIND_ID(at) ((__u32)(at).at[4])
#endif

SEC("uprobe")
int communicator_entered(struct pt_regs *ctx)
{
	__u64 cookie = ingero_cookie(ctx);
	struct ingero_thread *thread = ingero_current_thread();
	struct ingero_pending_call *call = thread ? begin_timed_call(ctx, cookie, thread) : 0;
	int by_value = COOKIE_ARG(cookie, 2) == PLACE_BY_VALUE;
	struct parameters at;
	__u64 ranks, rank, hash = 0;

	if (!call)
		return 0;
	read_parameters(&at, ctx, cookie);
	ranks = (__u32)at.at[COOKIE_ARG(cookie, 0)];
	rank = by_value ? RANK_BEHIND_ID(at) : (__u32)at.at[COOKIE_ARG(cookie, 1)];
	if (by_value)
		hash = hash_unique_id(ID_BY_VALUE(at, ctx, cookie));
	else if (COOKIE_ARG(cookie, 2))
		hash = hash_unique_id((const void *)at.at[COOKIE_ARG(cookie, 2)]);
	call->args[0] = (ranks << 32) | rank;
	call->args[1] = 0;
	call->args[2] = hash;
	call->stream = 0;
	call->bytes = 0;
	call->kind = INGERO_KIND_COMMUNICATOR;
	call->blocks = INGERO_BLOCKS_NOT;
	call->out_pointer = at.at[COOKIE_OUT_PARAMETER(cookie)];
	return 0;
}
