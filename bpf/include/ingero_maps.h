/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
#ifndef INGERO_MAPS_H
#define INGERO_MAPS_H

#include "ingero_events.h"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Streams a thread is followed on between two read-backs: TOUCHED_STREAMS in packages/steps. */
#define INGERO_TOUCHED_STREAMS 8
/* Timed calls inside timed calls, e.g. a wrapper library with the same symbols. */
#define INGERO_NESTING 4

struct ingero_pending_call {
	__u64 entered_ns;
	__u64 stack_pointer;
	__u64 args[3];
	__u64 cookie;
	/* Where the driver writes a result, for allocations. */
	__u64 out_pointer;
	__u32 admitted;
	/* enum ingero_blocking */
	__u32 blocks;
};

/* What a call does to its thread; see ingero_evidence.h. */
enum ingero_blocking {
	INGERO_BLOCKS_NOT = 0,
	INGERO_BLOCKS_FOR_GPU = 1,
	INGERO_BLOCKS_TO_ALLOCATE = 2,
};

/* Why a thread is off the CPU: OffCpu in packages/steps, where a lock is an end of `asleep`. */
enum ingero_off_cpu {
	INGERO_OFF_READY = 0,
	INGERO_OFF_ASLEEP = 1,
	INGERO_OFF_UNINTERRUPTIBLE = 2,
};

/* The account of a thread: its sums, and what they are made from. */
struct ingero_account {
	struct ingero_thread_sums sums;
	/* Since when it is off the CPU, 0 while it is on; when it was woken, 0 before. */
	__u64 out_ns;
	__u64 woken_ns;
	__u32 why; /* enum ingero_off_cpu */
	__u32 inside; /* enum ingero_blocking */
	/* Another thread of the process was running when this one fell asleep, and when it was woken. */
	__u32 locked_from;
	__u32 locked_until;
	/* The last blocking call counted, so that one around it does not count it twice. */
	__u64 counted_from_ns;
	__u64 counted_ns;
	/* Not yet added to those of the process. */
	__u64 fresh_launches;
	/* When a wait returned to it, 0 when it has called something since; whether it then fell asleep at once. */
	__u64 returned_ns;
	__u32 sleeps_after_wait;
	/* Ever, and since its last wait. */
	__u16 has_launched;
	__u16 has_launched_since_wait;
	/* When it was last told of that it ran again. */
	__u64 told_awake_ns;
};

struct ingero_thread {
	__u32 targets_epoch;
	__u8 known;
	__u8 traced;
	__u8 admitted;
	__u8 lossy;
	__u32 depth;
	__u32 touched_count;
	__u8 has_last_stream;
	/* The last thing it enqueued was a read-back, there. */
	__u8 has_read_back;
	__u8 reserved[6];
	__u64 last_stream;
	__u64 read_back_stream;
	__u64 admission_drawn_ns;
	__u64 touched[INGERO_TOUCHED_STREAMS];
	struct ingero_pending_call pending[INGERO_NESTING];
	struct ingero_account account;
};

struct ingero_stream_key {
	__u32 pid;
	__u32 reserved;
	__u64 stream;
};

struct ingero_event_key {
	__u32 pid;
	__u32 reserved;
	__u64 event;
};

/* Ledger parts and the edges between them: small, always on. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} ledger_ring SEC(".maps");

/* Raw events of admitted steps: large, sampled. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} event_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct ingero_thread);
} threads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct ingero_stream_key);
	__type(value, struct ingero_ledger);
} ledgers SEC(".maps");

/* Event → the stream it was last recorded on. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, struct ingero_event_key);
	__type(value, __u64);
} recorded_events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u8);
} targets SEC(".maps");

/* Processes seen to use CUDA, so that their end is worth a record. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct ingero_process);
} processes SEC(".maps");

/* Launches of kernels and graphs by all processes. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} machine_launches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ingero_config);
} config SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ingero_counters);
} counters SEC(".maps");

static __always_inline struct ingero_counters *ingero_own_counters(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero);
}

/*
 * Adds one to a counter of this CPU. Atomic, because a uprobe program may be preempted by another one on the same CPU,
 * and the counts are promised to be exact.
 */
#define INGERO_COUNT(counter)                                             \
	do {                                                              \
		struct ingero_counters *own = ingero_own_counters();      \
		if (own)                                                  \
			__sync_fetch_and_add(&own->counter, 1);           \
	} while (0)

/* Keeps the records' layout in the object's type information, which drops what no map or variable mentions. */
const struct ingero_ledger_part *const ingero_record_layout = 0;
const struct ingero_thread_times *const ingero_times_layout = 0;

#endif
