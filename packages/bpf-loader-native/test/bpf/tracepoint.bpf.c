/* SPDX-License-Identifier: Apache-2.0 */
/* Counts context switches through a tracepoint and through a BTF tracepoint. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__u64 plain;
	__u64 btf;
} switches;

SEC("tp/sched/sched_switch")
int blnt_switch(void *context)
{
	__sync_fetch_and_add(&switches.plain, 1);
	return 0;
}

SEC("tp_btf/sched_switch")
int blnt_switch_btf(__u64 *context)
{
	__sync_fetch_and_add(&switches.btf, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
