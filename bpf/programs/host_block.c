// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * Requests to block devices, of the whole machine, each from its way to the device to its completion.
 *
 * Hooks:   tp_btf block_rq_insert, block_rq_issue, block_rq_merge, block_rq_complete.
 * Kernel:  5.15.
 *
 * A request is known by its address, which is its own while it is under way. It belongs to the process that queued it.
 * What only a thread of the kernel had in hand, such as what it writes back from the page cache, belongs to none: pid 0.
 */
#include "ingero_host.h"

struct gendisk {
	int major;
	int first_minor;
} __attribute__((preserve_access_index));

struct request_queue {
	struct gendisk *disk;
} __attribute__((preserve_access_index));

struct request {
	struct request_queue *q;
	unsigned int cmd_flags;
	unsigned int __data_len;
	__u64 __sector;
} __attribute__((preserve_access_index));

/* enum req_op of the kernel, the low bits of cmd_flags. */
enum {
	REQ_OP_READ = 0,
	REQ_OP_WRITE = 1,
	REQ_OP_FLUSH = 2,
	REQ_OP_DISCARD = 3,
	REQ_OP_SECURE_ERASE = 5,
	REQ_OP_ZONE_APPEND = 7,
	REQ_OP_MASK = 255,
};

struct ingero_block_request {
	__u64 issued_ns; /* 0: still queued */
	__u64 sector;
	__u64 bytes;
	__u32 pid;
	__u32 tid;
	__u32 device; /* major << 20 | minor, as the kernel has it */
	__u32 operation;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct ingero_block_request);
} block_requests SEC(".maps");

static __always_inline int in_kernel_thread(void)
{
	return ((struct task_struct *)bpf_get_current_task_btf())->flags & PF_KTHREAD;
}

static __always_inline void set_owner(struct ingero_block_request *request)
{
	__u64 pid_tid = in_kernel_thread() ? 0 : bpf_get_current_pid_tgid();

	request->pid = pid_tid >> 32;
	request->tid = (__u32)pid_tid;
}

SEC("tp_btf/block_rq_insert")
int BPF_PROG(block_request_queued, struct request *rq)
{
	__u64 key = (__u64)rq;
	struct ingero_block_request fresh = {}, *known = bpf_map_lookup_elem(&block_requests, &key);

	/* Issued before, so it was put back, by whomever. */
	if (known && known->issued_ns)
		return 0;
	set_owner(&fresh);
	/* Without room now, it is the issuer's; whether there is room then is counted. */
	bpf_map_update_elem(&block_requests, &key, &fresh, BPF_ANY);
	return 0;
}

/* It goes on as a part of another one. */
SEC("tp_btf/block_rq_merge")
int BPF_PROG(block_request_merged, struct request *rq)
{
	__u64 key = (__u64)rq;
	struct ingero_block_request *known = bpf_map_lookup_elem(&block_requests, &key);

	if (known && !known->issued_ns)
		bpf_map_delete_elem(&block_requests, &key);
	return 0;
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(block_request_issued, struct request *rq)
{
	__u64 key = (__u64)rq;
	struct ingero_block_request fresh = {}, *known = bpf_map_lookup_elem(&block_requests, &key);
	struct gendisk *disk = rq->q->disk;

	if (known && known->issued_ns) {
		known->issued_ns = bpf_ktime_get_ns();
		return 0;
	}
	INGERO_HOST_COUNT(produced);
	if (known) {
		fresh.pid = known->pid;
		fresh.tid = known->tid;
	} else {
		set_owner(&fresh);
	}
	fresh.sector = rq->__sector;
	fresh.operation = rq->cmd_flags & REQ_OP_MASK;
	if (disk)
		fresh.device = (__u32)disk->major << 20 | (__u32)disk->first_minor;
	fresh.issued_ns = bpf_ktime_get_ns();
	if (bpf_map_update_elem(&block_requests, &key, &fresh, BPF_ANY)) {
		INGERO_HOST_COUNT(no_slot);
		return 0;
	}
	INGERO_HOST_COUNT(started);
	return 0;
}

static __always_inline __u32 op_of(__u32 operation)
{
	switch (operation) {
	case REQ_OP_READ:
		return INGERO_OP_BLOCK_READ;
	case REQ_OP_WRITE:
	case REQ_OP_ZONE_APPEND:
		return INGERO_OP_BLOCK_WRITE;
	case REQ_OP_FLUSH:
		return INGERO_OP_BLOCK_FLUSH;
	case REQ_OP_DISCARD:
	case REQ_OP_SECURE_ERASE:
		return INGERO_OP_BLOCK_DISCARD;
	default:
		return INGERO_OP_BLOCK_OTHER;
	}
}

SEC("tp_btf/block_rq_complete")
int BPF_PROG(block_request_completed, struct request *rq, int error, unsigned int bytes)
{
	__u64 now_ns = bpf_ktime_get_ns(), key = (__u64)rq;
	struct ingero_block_request *known = bpf_map_lookup_elem(&block_requests, &key);
	struct ingero_block_request done;

	/* Issued before the probe, or without room in the table. */
	if (!known || !known->issued_ns)
		return 0;
	known->bytes += bytes;
	/* The rest is still to come. */
	if (bytes < rq->__data_len)
		return 0;
	done = *known;
	if (bpf_map_delete_elem(&block_requests, &key))
		return 0;
	INGERO_HOST_COUNT(finished);
	ingero_host_deliver(now_ns, now_ns - done.issued_ns, done.pid, done.tid, op_of(done.operation), done.bytes,
			    done.sector,
			    done.device | (__u64)done.operation << 32 | (__u64)(error != 0) << 40);
	return 0;
}
