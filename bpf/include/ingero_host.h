/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * What the objects about the host share: a ring, and counters of which nothing is missing. Each object is a group that
 * stands or falls alone, with a ring of its own, so that many block requests cannot crowd out one OOM kill.
 */
#ifndef INGERO_HOST_H
#define INGERO_HOST_H

#include "ingero_events.h"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* Operation codes of records about the host: the table in packages/probes/src/host/operations.ts. */
enum ingero_host_op {
	INGERO_OP_PROCESS_EXEC = 70,
	INGERO_OP_PROCESS_FORK = 71,
	INGERO_OP_OOM_KILL = 72,
	/* 73 is page_alloc, which user space makes from sums. */
	INGERO_OP_BLOCK_READ = 74,
	INGERO_OP_BLOCK_WRITE = 75,
	INGERO_OP_BLOCK_FLUSH = 76,
	INGERO_OP_BLOCK_DISCARD = 77,
	INGERO_OP_BLOCK_OTHER = 78,
	INGERO_OP_TCP_RETRANSMIT = 79,
	INGERO_OP_TCP_RETRANSMIT_IPV6 = 80,
	INGERO_OP_NVIDIA_IOCTL_ALLOC = 81,
	INGERO_OP_NVIDIA_IOCTL_FREE = 82,
};

/*
 * Per CPU, of one group: produced = delivered + summed + ring_full + no_slot + (started - finished).
 * What the kernel did not run a program for, because another one was at work on that CPU, it counts itself.
 */
struct ingero_host_counters {
	__u64 produced;
	/* As a record of its own. */
	__u64 delivered;
	/* Added to a sum that user space reads. */
	__u64 summed;
	__u64 ring_full;
	/* The table that was to keep it was full. */
	__u64 no_slot;
	/* Of what lasts: begun, and over. */
	__u64 started;
	__u64 finished;
	/* Beside a record: a table had no room for what it says, a child among the targets or a sum. */
	__u64 table_full;
};

/* Just what is read of the kernel's own structures; the loader finds the fields (CO-RE). */
struct signal_struct {
	struct {
		int counter;
	} live;
} __attribute__((preserve_access_index));

struct task_struct {
	unsigned int flags;
	int pid;
	int tgid;
	struct signal_struct *signal;
} __attribute__((preserve_access_index));

/* task_struct.flags: a thread of the kernel, the idle ones included. */
#define PF_KTHREAD 0x00200000

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 << 10);
} host_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ingero_host_counters);
} host_counters SEC(".maps");

static __always_inline struct ingero_host_counters *ingero_own_host_counters(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&host_counters, &zero);
}

/* Adds to a counter of this CPU. Atomic, because some kernels let one program interrupt another. */
#define INGERO_HOST_COUNT(counter)                                             \
	do {                                                                   \
		struct ingero_host_counters *own = ingero_own_host_counters(); \
		if (own)                                                       \
			__sync_fetch_and_add(&own->counter, 1);                \
	} while (0)

/* Never with a wake-up, which would be paid by whoever happens to run. */
static __always_inline void ingero_host_deliver(__u64 ts_ns, __u64 duration_ns, __u32 pid, __u32 tid, __u32 op,
						__u64 arg0, __u64 arg1, __u64 arg2)
{
	struct ingero_event *event = bpf_ringbuf_reserve(&host_ring, sizeof(*event), 0);

	if (!event) {
		INGERO_HOST_COUNT(ring_full);
		return;
	}
	event->ts_ns = ts_ns;
	event->duration_ns = duration_ns > 0xffffffffULL ? 0xffffffffU : (__u32)duration_ns;
	event->pid = pid;
	event->tid = tid;
	event->op = op;
	event->args[0] = arg0;
	event->args[1] = arg1;
	event->args[2] = arg2;
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	INGERO_HOST_COUNT(delivered);
}

/* Keeps the record's layout in the object's type information. */
const struct ingero_event *const ingero_host_layout = 0;

char LICENSE[] SEC("license") = "GPL";

#endif
