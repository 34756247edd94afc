// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * What becomes of the traced processes: the programs they start, the children they have, the memory they take.
 *
 * Hooks:   tp_btf sched_process_exec, sched_process_fork (records), sched_process_exit (only tidies up: the end of a
 *          process is a record of programs/scheduler.c), mm_page_alloc (sums).
 * Kernel:  5.15.
 *
 * A page allocation costs a process that is not traced one look-up, and one that is traced no record, only additions on
 * its own CPU.
 */
#include "ingero_host.h"

/* Traced processes: filled by user space, and by forks. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u8);
} host_targets SEC(".maps");

/* Sums that only grow, so that reading them takes nothing away. */
struct ingero_page_sums {
	__u64 allocations;
	__u64 pages;
	/* Not 0: the process is over. */
	__u64 ended;
};

/* By process. User space removes those that are over. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct ingero_page_sums);
} page_sums SEC(".maps");

SEC("tp_btf/sched_process_exec")
int BPF_PROG(program_executed, struct task_struct *task, int old_tid)
{
	__u32 pid = task->tgid;

	if (!bpf_map_lookup_elem(&host_targets, &pid))
		return 0;
	INGERO_HOST_COUNT(produced);
	/* The thread that called exec() has become the main one; its number was another if it was not that already. */
	ingero_host_deliver(bpf_ktime_get_ns(), 0, pid, task->pid, INGERO_OP_PROCESS_EXEC, (__u32)old_tid, 0, 0);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_forked, struct task_struct *parent, struct task_struct *child)
{
	__u32 pid = parent->tgid, child_pid = child->tgid;
	__u8 traced = 1;

	if (child_pid == pid || !bpf_map_lookup_elem(&host_targets, &pid))
		return 0;
	if (bpf_map_update_elem(&host_targets, &child_pid, &traced, BPF_ANY))
		INGERO_HOST_COUNT(table_full);
	INGERO_HOST_COUNT(produced);
	ingero_host_deliver(bpf_ktime_get_ns(), 0, pid, parent->pid, INGERO_OP_PROCESS_FORK, child_pid, 0, 0);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(target_exited, struct task_struct *task)
{
	__u32 pid = task->tgid;
	struct ingero_page_sums *sums;

	/* The process ends with its last thread, whichever that is. */
	if (task->signal->live.counter != 0 || bpf_map_delete_elem(&host_targets, &pid))
		return 0;
	sums = bpf_map_lookup_elem(&page_sums, &pid);
	if (sums)
		sums->ended = 1;
	return 0;
}

SEC("tp_btf/mm_page_alloc")
int BPF_PROG(pages_allocated, void *page, unsigned int order)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct ingero_host_counters *own;
	struct ingero_page_sums *sums;
	__u64 allocated = 0;

	if (!bpf_map_lookup_elem(&host_targets, &pid))
		return 0;
	own = ingero_own_host_counters();
	/*
	 * The tracepoint tells of allocations that failed, too, without a page. Some verifiers hold the argument to be
	 * never null and drop a plain comparison.
	 */
	if (!own || bpf_probe_read_kernel(&allocated, sizeof(allocated), ctx) || !allocated)
		return 0;
	__sync_fetch_and_add(&own->produced, 1);
	sums = bpf_map_lookup_elem(&page_sums, &pid);
	if (!sums) {
		struct ingero_page_sums none = {};

		/* Fails when another CPU was faster, too. */
		bpf_map_update_elem(&page_sums, &pid, &none, BPF_NOEXIST);
		sums = bpf_map_lookup_elem(&page_sums, &pid);
		if (!sums) {
			__sync_fetch_and_add(&own->no_slot, 1);
			return 0;
		}
	}
	__sync_fetch_and_add(&sums->allocations, 1);
	__sync_fetch_and_add(&sums->pages, 1ULL << (order & 63));
	__sync_fetch_and_add(&own->summed, 1);
	return 0;
}
