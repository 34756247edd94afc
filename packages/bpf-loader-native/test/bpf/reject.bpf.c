/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier rejects it, after a long walk: the loop makes a log of several megabytes. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} values SEC(".maps");

SEC("uprobe")
int blnt_reject(void *context)
{
	__u32 index = 0;
	__u64 sum = 0;

	for (int i = 0; i < 20000; i++)
		sum += bpf_get_prandom_u32() & i;
	__u64 *value = bpf_map_lookup_elem(&values, &index);

	return *value + sum;
}

char LICENSE[] SEC("license") = "GPL";
