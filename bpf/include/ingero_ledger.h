/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * The ledger of one (process, stream): what packages/steps/src/ledger.ts says, in C. Every addition commutes and is
 * atomic, so any number of threads may launch on one stream; shipping takes each field with an atomic exchange, so an
 * addition that comes at the same time lands in this ledger or in the next one, never in neither.
 */
#ifndef INGERO_LEDGER_H
#define INGERO_LEDGER_H

#include "ingero_maps.h"

#define INGERO_LANE_0_BASE 0x85ebca77U
#define INGERO_LANE_1_BASE 0xc2b2ae3dU
#define INGERO_HIGH_WORD_SPREAD 0x9e3779b1U
#define INGERO_GRID_SPREAD 0x9e3779b1U
#define INGERO_GRAPH_SPREAD 0x27d4eb2fU
/* Tries to fold a function into the fingerprint while other threads do the same. */
#define INGERO_FINGERPRINT_TRIES 4

/* @now_ns 0 where the time has not been asked for */
static __always_inline void ingero_ledger_touch(struct ingero_ledger *ledger, __u64 now_ns)
{
	if (!ledger->first_work_ns)
		__sync_val_compare_and_swap(&ledger->first_work_ns, 0, now_ns ? now_ns : bpf_ktime_get_ns());
}

static __always_inline __u32 ingero_mix_function(__u64 function)
{
	__u32 mixed = (__u32)function ^ ((__u32)(function >> 32) * INGERO_HIGH_WORD_SPREAD);

	mixed = (mixed ^ (mixed >> 15)) * INGERO_LANE_0_BASE;
	return mixed ^ (mixed >> 13);
}

/* Bits of the sketch, as in packages/steps/src/function-sketch.ts: a function with the power of two of its grid. */
static __always_inline __u32 ingero_launch_bit(__u32 mixed, __u64 grid_blocks)
{
	__u32 magnitude = grid_blocks < 0x80000000ULL ? (__u32)grid_blocks | 1 : 0x80000000U;

	magnitude |= magnitude >> 1;
	magnitude |= magnitude >> 2;
	magnitude |= magnitude >> 4;
	magnitude |= magnitude >> 8;
	magnitude |= magnitude >> 16;
	return ((mixed ^ magnitude) * INGERO_GRID_SPREAD) >> 24;
}

/* A graph that is replayed; its bit is the uppermost byte. */
static __always_inline __u32 ingero_mix_graph(__u64 graph)
{
	return ingero_mix_function(graph) * INGERO_GRAPH_SPREAD;
}

static __always_inline void ingero_ledger_set_bit(struct ingero_ledger *ledger, __u32 bit)
{
	__u64 mask = 1ULL << (bit & 63);
	__u64 *word = &ledger->sketch[(bit >> 6) & 3];

	if (!(*word & mask))
		__sync_fetch_and_or(word, mask);
}

static __always_inline void ingero_ledger_launch(struct ingero_ledger *ledger, __u64 now_ns, __u64 function,
						 __u64 grid_blocks)
{
	__u32 mixed = ingero_mix_function(function);
	__u64 before = ledger->fingerprint;
	int tries;

	ingero_ledger_touch(ledger, now_ns);
	__sync_fetch_and_add(&ledger->launches, 1);
	__sync_fetch_and_add(&ledger->grid_blocks, grid_blocks);
	ledger->last_function = mixed;
	ingero_ledger_set_bit(ledger, ingero_launch_bit(mixed, grid_blocks));
#pragma unroll
	for (tries = 0; tries < INGERO_FINGERPRINT_TRIES; tries++) {
		__u32 lane_0 = (__u32)before * INGERO_LANE_0_BASE + mixed;
		__u32 lane_1 = (__u32)(before >> 32) * INGERO_LANE_1_BASE + mixed;
		__u64 after = ((__u64)lane_1 << 32) | lane_0;
		__u64 seen = __sync_val_compare_and_swap(&ledger->fingerprint, before, after);

		if (seen == before)
			return;
		before = seen;
	}
	INGERO_COUNT(ledgers_fingerprint_contended);
}

static __always_inline void ingero_ledger_graph_launch(struct ingero_ledger *ledger, __u64 now_ns, __u64 graph)
{
	__u32 mixed = ingero_mix_graph(graph);

	ingero_ledger_touch(ledger, now_ns);
	__sync_fetch_and_add(&ledger->graph_launches, 1);
	ledger->last_function = mixed;
	ingero_ledger_set_bit(ledger, mixed >> 24);
}

static __always_inline void ingero_ledger_copy(struct ingero_ledger *ledger, __u64 now_ns, enum ingero_kind kind,
					       __u64 bytes)
{
	ingero_ledger_touch(ledger, now_ns);
	__sync_fetch_and_add(&ledger->copies, 1);
	switch (kind) {
	case INGERO_KIND_COPY_HOST_TO_DEVICE:
		__sync_fetch_and_add(&ledger->host_to_device_bytes, bytes);
		break;
	case INGERO_KIND_COPY_DEVICE_TO_DEVICE:
		__sync_fetch_and_add(&ledger->device_to_device_bytes, bytes);
		break;
	case INGERO_KIND_COPY_UNKNOWN:
		__sync_fetch_and_add(&ledger->unknown_copy_bytes, bytes);
		break;
	default:
		__sync_fetch_and_add(&ledger->device_to_host_bytes, bytes);
	}
}

/* Nothing was put on it since it was last taken. */
static __always_inline int ingero_ledger_is_empty(const struct ingero_ledger *ledger)
{
	return !ledger->first_work_ns && !ledger->launches && !ledger->copies && !ledger->allocs && !ledger->frees;
}

#define INGERO_TAKE(to, from, field) ((to)->field = __sync_lock_test_and_set(&(from)->field, 0))

/* Moves the ledger's content out, leaving it empty. */
static __always_inline void ingero_ledger_take(struct ingero_ledger *to, struct ingero_ledger *from)
{
	INGERO_TAKE(to, from, first_work_ns);
	INGERO_TAKE(to, from, launches);
	INGERO_TAKE(to, from, graph_launches);
	INGERO_TAKE(to, from, grid_blocks);
	INGERO_TAKE(to, from, host_to_device_bytes);
	INGERO_TAKE(to, from, device_to_host_bytes);
	INGERO_TAKE(to, from, device_to_device_bytes);
	INGERO_TAKE(to, from, unknown_copy_bytes);
	INGERO_TAKE(to, from, copies);
	INGERO_TAKE(to, from, memsets);
	INGERO_TAKE(to, from, allocs);
	INGERO_TAKE(to, from, alloc_bytes);
	INGERO_TAKE(to, from, frees);
	INGERO_TAKE(to, from, collectives);
	INGERO_TAKE(to, from, host_functions);
	INGERO_TAKE(to, from, fingerprint);
	INGERO_TAKE(to, from, sketch[0]);
	INGERO_TAKE(to, from, sketch[1]);
	INGERO_TAKE(to, from, sketch[2]);
	INGERO_TAKE(to, from, sketch[3]);
	INGERO_TAKE(to, from, last_function);
}

#endif
