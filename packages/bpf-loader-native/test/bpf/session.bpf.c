/* SPDX-License-Identifier: Apache-2.0 */
/* Counts entries and returns of a session, and the returns that found what their entry left in the session cookie. */
#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

extern bool bpf_session_is_return(void) __ksym;
extern __u64 *bpf_session_cookie(void) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

static void count(__u32 index)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &index);

	if (value)
		__sync_fetch_and_add(value, 1);
}

SEC("uprobe")
int blnt_session(void *context)
{
	__u64 *cookie = bpf_session_cookie();

	if (!bpf_session_is_return()) {
		*cookie = 0x1234;
		count(0);
		return 0;
	}
	count(1);
	if (*cookie == 0x1234)
		count(2);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
