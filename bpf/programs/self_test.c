// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * Counts hits by what the attach cookie says is hit: for the self-test, which must know that its probes did fire.
 *
 * Hooks:   functions of the self-test program, at entry and return.
 * Kernel:  5.15.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define SELF_TEST_PLACES 4

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SELF_TEST_PLACES);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

SEC("uprobe")
int self_test_hit(void *context)
{
	__u32 place = bpf_get_attach_cookie(context);
	__u64 *count = bpf_map_lookup_elem(&hits, &place);

	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
