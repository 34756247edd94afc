/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * The table of streams: open addressing in an array. A look-up in an array is a few instructions of the program itself,
 * one in the kernel's hash a call that costs a launch as much as all its additions to the ledger together.
 *
 * A slot's owner is claimed and given up by one atomic exchange. Within a process two names may share a hash of 32 bits,
 * and then a ledger: with 512 streams one process in 30,000 has such a pair.
 */
#ifndef INGERO_STREAMS_H
#define INGERO_STREAMS_H

#include "ingero_ledger.h"
#include "ingero_thread.h"

/* Slots where a stream may be. */
#define INGERO_STREAM_PROBES 8
#define INGERO_NO_SLOT 0xffffffffU

static __always_inline __u64 ingero_stream_owner(__u32 pid, __u64 name)
{
	return ((__u64)pid << 32) | ingero_mix_function(name);
}

static __always_inline __u32 ingero_first_slot(__u64 owner)
{
	return (ingero_mix_function(owner) * INGERO_GRID_SPREAD) >> 17;
}
_Static_assert(INGERO_STREAM_SLOTS == 1 << (32 - 17), "the first slot is a hash of so many bits");

/* The slot of a stream that is in the table, or INGERO_NO_SLOT. */
static __always_inline __u32 ingero_find_slot(__u64 owner)
{
	__u32 first = ingero_first_slot(owner), i;

#pragma unroll
	for (i = 0; i < INGERO_STREAM_PROBES; i++) {
		__u32 slot = (first + i) & (INGERO_STREAM_SLOTS - 1);
		struct ingero_stream *stream = bpf_map_lookup_elem(&streams, &slot);

		if (stream && stream->owner == owner)
			return slot;
	}
	return INGERO_NO_SLOT;
}

static __always_inline __u32 ingero_claim_slot(__u64 owner, __u64 name)
{
	__u32 first = ingero_first_slot(owner), i;

#pragma unroll
	for (i = 0; i < INGERO_STREAM_PROBES; i++) {
		__u32 slot = (first + i) & (INGERO_STREAM_SLOTS - 1);
		struct ingero_stream *stream = bpf_map_lookup_elem(&streams, &slot);
		__u64 before;

		if (!stream || stream->owner)
			continue;
		before = __sync_val_compare_and_swap(&stream->owner, 0, owner);
		if (before == owner)
			return slot; /* another thread was faster */
		if (before)
			continue;
		stream->name = name;
		INGERO_COUNT(streams_claimed);
		return slot;
	}
	return INGERO_NO_SLOT;
}

/* A stream that was never named before; beyond so many of a process, that of all others together. */
static __noinline __u32 ingero_new_slot(__u32 pid, __u64 name)
{
	struct ingero_process *process = bpf_map_lookup_elem(&processes, &pid);
	__u64 owner = ingero_stream_owner(pid, name);
	__u32 slot = ingero_find_slot(owner);

	if (slot != INGERO_NO_SLOT)
		return slot;
	if (process && process->streams >= INGERO_STREAMS_OF_A_PROCESS) {
		INGERO_COUNT(streams_overflow);
		name = INGERO_OTHER_STREAMS;
		owner = ingero_stream_owner(pid, name);
		slot = ingero_find_slot(owner);
		if (slot != INGERO_NO_SLOT)
			return slot;
	}
	slot = ingero_claim_slot(owner, name);
	if (slot == INGERO_NO_SLOT)
		INGERO_COUNT(ledgers_no_slot);
	else if (process)
		__sync_fetch_and_add(&process->streams, 1);
	return slot;
}

/* The stream of a slot, if it is the process's still. */
static __always_inline struct ingero_stream *ingero_stream_at(__u32 slot, __u32 pid)
{
	struct ingero_stream *stream = bpf_map_lookup_elem(&streams, &slot);

	return stream && stream->owner >> 32 == pid ? stream : 0;
}

/* A stream that is in the table. */
static __always_inline struct ingero_stream *ingero_known_stream(__u32 pid, __u64 name)
{
	__u32 slot = ingero_find_slot(ingero_stream_owner(pid, name));

	return slot == INGERO_NO_SLOT ? 0 : bpf_map_lookup_elem(&streams, &slot);
}

/* What is enqueued on a stream from now on comes after the work of another, in `joined_slot`. */
static __always_inline void ingero_join(struct ingero_stream *waiting, __u32 waiting_slot, __u32 joined_slot)
{
	__u32 i;

	if (waiting_slot == joined_slot)
		return;
	for (i = 0; i < INGERO_JOINED_STREAMS; i++) {
		if (i >= waiting->joined_count) {
			waiting->joined[i] = joined_slot;
			waiting->joined_count = i + 1;
			return;
		}
		if (waiting->joined[i] == joined_slot)
			return;
	}
	INGERO_COUNT(touched_overflow);
}

/* The streams that one waits for are touched by who takes its ledger. */
static __noinline int ingero_touch_joined(struct ingero_thread *thread, struct ingero_stream *stream)
{
	__u32 i;

	if (!thread || !stream)
		return 0;
	for (i = 0; i < INGERO_JOINED_STREAMS; i++) {
		if (i >= stream->joined_count)
			break;
		ingero_touch_stream(thread, stream->joined[i]);
	}
	stream->joined_count = 0;
	return 0;
}

/* Empty again, for another stream. The owner goes last. */
static __always_inline void ingero_free_slot(struct ingero_stream *stream)
{
	struct ingero_ledger left;

	ingero_ledger_take(&left, &stream->ledger);
	stream->captured_by = 0;
	stream->joined_count = 0;
	__sync_lock_test_and_set(&stream->owner, 0);
	INGERO_COUNT(streams_freed);
}

#endif
