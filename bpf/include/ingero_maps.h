/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
#ifndef INGERO_MAPS_H
#define INGERO_MAPS_H

#include "ingero_events.h"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Streams a thread is followed on between two read-backs: TOUCHED_STREAMS in packages/steps. */
#define INGERO_TOUCHED_STREAMS 8
/* Streams that one is known to have waited for since its ledger was last taken: JOINED_STREAMS in packages/steps. */
#define INGERO_JOINED_STREAMS 4
/* Timed calls inside timed calls, e.g. a wrapper library with the same symbols. */
#define INGERO_NESTING 8
/* An agent that has given no sign of life for so long stands still: nobody will read what is delivered. */
#define INGERO_STALLED_NS 2000000000ULL
/* What one process may put among the ledgers in 8 ms while their ring is more than half full: 2 MB/s. */
#define INGERO_SHARE_SHIFT 23
#define INGERO_SHARE_BYTES 16384
/* Streams and events of one process: STREAMS_OF_A_PROCESS, EVENTS_OF_A_PROCESS in packages/steps. */
#define INGERO_STREAMS_OF_A_PROCESS 512
#define INGERO_STREAM_SLOTS 32768
#define INGERO_EVENTS_OF_A_PROCESS 8192
#define INGERO_STACK_DEPTH 64
/* What is enqueued on streams beyond these: OTHER_STREAMS in packages/steps. */
#define INGERO_OTHER_STREAMS 0xffffffffffffffffULL

/* A call that was entered and has not returned. */
struct ingero_pending_call {
	__u64 entered_ns;
	/* As it was at the function's entry. */
	__u64 stack_pointer;
	__u64 args[3];
	__u64 stream;
	__u64 bytes;
	/* Where the call writes a result; 0 for nowhere. */
	__u64 out_pointer;
	__u32 op;
	/* enum ingero_kind */
	__u32 kind;
	__u32 admitted;
	/* enum ingero_blocking */
	__u32 blocks;
};

/* What becomes of the raw events of a step. */
enum ingero_admission {
	INGERO_LEFT_OUT = 0,
	INGERO_ADMITTED = 1,
	/* Left out, as the agent stands still. */
	INGERO_STALLED = 2,
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
	__u64 fresh_hits;
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
	/* Of the configuration that it last looked at; never 0 there. */
	__u32 epoch;
	/* A step has begun since it last looked. */
	__u8 has_drawn;
	__u8 traced;
	/* enum ingero_admission */
	__u8 admitted;
	__u8 lossy;
	__u32 depth;
	__u32 touched_count;
	__u8 has_last_stream;
	/* The last thing it enqueued was a read-back, there. */
	__u8 has_read_back;
	__u8 reserved1[2];
	__u32 last_slot;
	__u32 pid;
	__u32 tid;
	/* Where it enqueued last, of the calls that name a stream; and who owned the slot then. */
	__u64 last_stream;
	__u64 last_owner;
	__u64 read_back_stream;
	/* Slots of `streams`. */
	__u32 touched[INGERO_TOUCHED_STREAMS];
	struct ingero_pending_call pending[INGERO_NESTING];
	struct ingero_account account;
};

/* What is known of a stream: a slot of the table `streams`. */
struct ingero_stream {
	/* The process in the upper half, in the lower a hash of the name; 0 for a free slot. */
	__u64 owner;
	__u64 name;
	struct ingero_ledger ledger;
	/* The stream whose capture takes what is enqueued here, itself or one joined to it; 0 for none. */
	__u64 captured_by;
	/* Slots of the streams it waits for, whoever made it wait: what is read back from it is behind their work, too. */
	__u32 joined_count;
	__u32 joined[INGERO_JOINED_STREAMS];
	__u32 reserved;
	/* Which of that stream's captures it is; how many have begun here. */
	__u32 capture;
	__u32 captures_begun;
};

struct ingero_event_key {
	__u32 pid;
	__u32 reserved;
	__u64 event;
};

/* Ledger parts and the edges between them: small, always on. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
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

/* States of threads that the kernel had no storage for, by thread id: until it has. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct ingero_thread);
} waiting_threads SEC(".maps");

/* The state that one begins with: too large for a program's stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ingero_thread);
} no_thread SEC(".maps");

/* A table of our own, so that a thread which enqueues where it did before finds its ledger without a search. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, INGERO_STREAM_SLOTS);
	__type(key, __u32);
	__type(value, struct ingero_stream);
} streams SEC(".maps");

/* Event → the stream it was last recorded on. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 131072);
	__type(key, struct ingero_event_key);
	__type(value, __u64);
} recorded_events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u8);
} targets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u8);
} users SEC(".maps");

/* Processes seen to use CUDA, so that their end is worth a record. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct ingero_process);
} processes SEC(".maps");

/* When the agent last gave a sign of life, in ns of CLOCK_BOOTTIME; 0 when it gives none. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} heartbeat SEC(".maps");

/* User stacks by id; one entry unless they are asked for. */
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, INGERO_STACK_DEPTH * sizeof(__u64));
} stacks SEC(".maps");

/* Half the size of `ledger_ring`; set before the programs are loaded. */
const volatile __u64 ledger_ring_half = 8 << 20;

/* Set before the programs are loaded: those without it have no code for stacks. */
const volatile __u32 takes_stacks = 0;

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
const struct ingero_edge_with_times *const ingero_times_layout = 0;

#endif
