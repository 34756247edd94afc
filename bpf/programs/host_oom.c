// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * Processes that the kernel kills for want of memory: of the whole machine, each of them, in a ring of their own.
 *
 * Hooks:   tp_btf mark_victim where it hands over the victim's task (6.8, and releases it was carried back to), else the
 *          tracepoint oom/mark_victim. User space loads one of the two.
 * Kernel:  5.15.
 */
#include "ingero_host.h"

static __always_inline void deliver_kill(__u32 pid, __u32 tid)
{
	INGERO_HOST_COUNT(produced);
	ingero_host_deliver(bpf_ktime_get_ns(), 0, pid, tid, INGERO_OP_OOM_KILL, bpf_get_current_pid_tgid() >> 32, 0, 0);
}

SEC("tp_btf/mark_victim")
int BPF_PROG(process_oom_killed, struct task_struct *victim)
{
	deliver_kill(victim->tgid, victim->pid);
	return 0;
}

/* /sys/kernel/tracing/events/oom/mark_victim/format: the same place in every kernel so far. */
struct mark_victim {
	__u64 common;
	int tid;
};

/* The number is that of a thread of the victim that still has its memory: the main one, unless it ended before others. */
SEC("tracepoint/oom/mark_victim")
int thread_oom_killed(struct mark_victim *context)
{
	deliver_kill(context->tid, context->tid);
	return 0;
}
