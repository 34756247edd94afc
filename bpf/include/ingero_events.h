/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * Records shared with user space. Little endian, naturally aligned, multiples of 8 bytes.
 * A test in packages/probes compares its offsets with these, through the object's type information.
 */
#ifndef INGERO_EVENTS_H
#define INGERO_EVENTS_H

#include <linux/types.h>

/*
 * What an operation does to the ledgers of its process: the numbers of OperationKind in packages/steps.
 * They travel in the attach cookie.
 */
enum ingero_kind {
	INGERO_KIND_NONE = 0,
	INGERO_KIND_LAUNCH = 1,
	INGERO_KIND_GRAPH_LAUNCH = 2,
	INGERO_KIND_COPY_HOST_TO_DEVICE = 3,
	INGERO_KIND_COPY_DEVICE_TO_HOST = 4,
	INGERO_KIND_COPY_DEVICE_TO_DEVICE = 5,
	INGERO_KIND_COPY_UNKNOWN = 6,
	INGERO_KIND_COPY_DEVICE_TO_HOST_BLOCKING = 7,
	INGERO_KIND_MEMSET = 8,
	INGERO_KIND_ALLOC = 9,
	INGERO_KIND_FREE = 10,
	INGERO_KIND_HOST_FUNCTION = 11,
	INGERO_KIND_COLLECTIVE = 12,
	INGERO_KIND_EVENT_RECORD = 13,
	INGERO_KIND_STREAM_WAIT_EVENT = 14,
	INGERO_KIND_WAIT_STREAM = 15,
	INGERO_KIND_WAIT_CONTEXT = 16,
	INGERO_KIND_WAIT_EVENT = 17,
	INGERO_KIND_QUERY_EVENT = 18,
	INGERO_KIND_QUERY_STREAM = 19,
	/* 20 to 23 are no calls. */
	INGERO_KIND_CAPTURE_BEGIN = 24,
	INGERO_KIND_CAPTURE_END = 25,
	INGERO_KIND_EVENT_DESTROY = 26,
	INGERO_KIND_DESCRIBED_COPY = 27,
	INGERO_KIND_DESCRIBED_COPY_BLOCKING = 28,
	/* Makes, asks or ends a communicator. */
	INGERO_KIND_COMMUNICATOR = 29,
	/* Of another layer than the driver, which sees its work too: nothing but an event. */
	INGERO_KIND_OBSERVED = 30,
};

/* In the state of a switch-out: the thread was in a call whose record comes only when it returns. No task state has it. */
#define INGERO_IN_CALL 0x80000000u

/* Operation codes that no function has: see the table in packages/probes for the others. */
enum ingero_op {
	/* The stack of the call before it; args are its id in the map `stacks` and the call's operation. */
	INGERO_OP_CALL_STACK = 64,
	INGERO_OP_SCHED_SWITCH_OUT = 60,
	INGERO_OP_SCHED_SWITCH_IN = 61,
	INGERO_OP_SCHED_WAKEUP = 62,
	INGERO_OP_PROCESS_EXIT = 63,
	/* Never in a recording: a ledger part follows the 48 bytes. */
	INGERO_OP_LEDGER_PART = 200,
	/* Nor these: sleeps that matter to steps, LedgerSink in packages/steps; args are out_ns, asleep_ns, is_lock. */
	INGERO_OP_WAITER_ASLEEP = 202,
	INGERO_OP_WAITER_AWAKE = 203,
	INGERO_OP_LAUNCHER_AWAKE = 204,
};

/* In the operation of an edge: the times of its thread follow the 48 bytes. No operation code is as large. */
#define INGERO_WITH_TIMES 0x10000u

/* One call or one scheduler event; byte for byte a record of an .igr file. */
struct ingero_event {
	/* CLOCK_MONOTONIC: when a timed call returned, else when it was entered. */
	__u64 ts_ns;
	__u32 duration_ns; /* saturating */
	__u32 pid;	   /* user space's process id */
	__u32 tid;
	__u32 op;
	__u64 args[3];
};
_Static_assert(sizeof(struct ingero_event) == 48, "a recording's record is 48 bytes");

#define INGERO_LEDGER_VERSION 3
/* A part of this ledger could not be delivered earlier, or could not be counted. */
#define INGERO_LEDGER_LOSSY 1

/* What one process enqueued on one stream since its ledger was last shipped: a value that adds. */
struct ingero_ledger {
	__u64 first_work_ns;
	__u64 launches;
	__u64 graph_launches;
	__u64 grid_blocks;
	__u64 host_to_device_bytes;
	__u64 device_to_host_bytes;
	__u64 device_to_device_bytes;
	__u64 unknown_copy_bytes;
	__u64 copies;
	__u64 memsets;
	__u64 allocs;
	__u64 alloc_bytes;
	__u64 frees;
	__u64 collectives;
	__u64 host_functions;
	/* Two 32-bit lanes of a rolling hash of the functions launched, in order. */
	__u64 fingerprint;
	/* 256 bits: the set of functions launched, each with the size of its grid, and of graphs. */
	__u64 sketch[4];
	/* The last function or graph enqueued, mixed to 32 bits; 0 for none. */
	__u64 last_function;
};

/* A ledger on its way: event.op is INGERO_OP_LEDGER_PART, event.args[0] the stream, args[1] flags. */
struct ingero_ledger_part {
	struct ingero_event event;
	__u32 version;
	__u32 reserved0;
	struct ingero_ledger ledger;
	__u64 reserved1[4];
};
_Static_assert(sizeof(struct ingero_ledger_part) == 256, "a ledger part is 256 bytes");

/* Where the time of a thread went, as sums since its first call into CUDA: ThreadTimes in packages/steps. */
struct ingero_thread_sums {
	__u64 run_queue_ns;
	__u64 wait_run_queue_ns;
	__u64 behind_sibling_ns;
	__u64 lock_ns;
	__u64 blocked_ns;
	__u64 io_ns;
	__u64 wait_ns;
	__u64 alloc_ns;
	__u64 copied_bytes;
};

/* What went on around it, likewise. */
struct ingero_surroundings {
	__u64 process_run_queue_ns;
	__u64 process_copied_bytes;
	__u64 process_launches;
	__u64 machine_launches;
	__u64 neighbour_pid;
	__u64 neighbour_switches;
};

/* Both on their way, with the read-back or wait they belong to: INGERO_WITH_TIMES is in event.op. */
struct ingero_edge_with_times {
	struct ingero_event event;
	struct ingero_thread_sums thread;
	struct ingero_surroundings around;
};
_Static_assert(sizeof(struct ingero_edge_with_times) == 168, "an edge with the times of its thread is 168 bytes");

/* Per CPU. For calls: produced = delivered + sampled_out + each dropped cause. */
struct ingero_counters {
	__u64 calls_produced;
	__u64 calls_delivered;
	__u64 calls_sampled_out;
	__u64 calls_ring_full;
	__u64 calls_no_thread_state;
	__u64 calls_nesting_overflow;
	__u64 calls_timed_entered;
	__u64 calls_timed_returned;
	__u64 calls_unread_arguments;
	/* Would have been delivered, had the agent not stood still. */
	__u64 calls_agent_stalled;
	__u64 edges_delivered;
	__u64 edges_ring_full;
	__u64 ledgers_delivered;
	__u64 ledgers_ring_full;
	__u64 ledgers_no_slot;
	__u64 ledgers_fingerprint_contended;
	__u64 touched_overflow;
	__u64 scheduler_delivered;
	__u64 scheduler_ring_full;
	/* Calls that are told whatever the admission. */
	__u64 told_delivered;
	__u64 told_ring_full;
	/* Work on streams, and events recorded, beyond what is followed of one process. */
	__u64 streams_overflow;
	__u64 events_overflow;
	/* Slots of the map `streams` that were taken and given back. */
	__u64 streams_claimed;
	__u64 streams_freed;
	__u64 stacks_delivered;
	__u64 stacks_lost;
};

/* A process that uses CUDA. User space removes those whose end it could not be told through the ring. */
struct ingero_process {
	__u64 ended_ns; /* 0: it goes on */
	/* Threads on a CPU: ProcessAccount.running in packages/steps. */
	__s64 running;
	__u64 run_queue_ns;
	__u64 copied_bytes;
	__u64 launches;
	__u64 neighbour_switches;
	__u64 neighbour_pid;
	/* When a host function was last enqueued right behind a read-back; 0 for never. */
	__u64 called_back_ns;
	/* Waits for work since the last read-back. */
	__u64 waits;
	/* Probes it has hit, but for those on launches of kernels. */
	__u64 other_hits;
	/* Its entries in the maps `streams` and `recorded_events`. */
	__u64 streams;
	__u64 events;
	/* What it has put among the ledgers in this window of time, while there is little room. */
	__u64 share_window;
	__u64 share_bytes;
};

/* Set by user space at any time. */
struct ingero_config {
	/* A step's raw events are admitted when a random u32 is below this; 2^32 admits all. */
	__u64 admit_below;
	/* Until this CLOCK_MONOTONIC time everything is admitted. */
	__u64 admit_all_until_ns;
	/* 1: only the processes in the map `targets` are traced. */
	__u32 only_targets;
	/* 1: only processes of the users in the map `users`, by real user id, are traced. */
	__u32 only_users;
	/* Raised whenever anything here or `targets` has changed, and once a second: threads then look again. */
	__u32 epoch;
	__u32 reserved;
};

#endif
