/* SPDX-License-Identifier: Apache-2.0 */
/* Counts hits by attach cookie. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} hits SEC(".maps");

SEC("uprobe")
int blnt_count(void *context)
{
	__u64 cookie = bpf_get_attach_cookie(context), zero = 0;
	__u64 *count;

	bpf_map_update_elem(&hits, &cookie, &zero, BPF_NOEXIST);
	count = bpf_map_lookup_elem(&hits, &cookie);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
