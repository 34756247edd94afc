/* SPDX-License-Identifier: Apache-2.0 */
/* Counts entries and returns of a kernel function. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__u64 entered;
	__u64 returned;
} counts;

SEC("fentry/vfs_read")
int blnt_entered(void *context)
{
	__sync_fetch_and_add(&counts.entered, 1);
	return 0;
}

SEC("fexit/vfs_read")
int blnt_returned(void *context)
{
	__sync_fetch_and_add(&counts.returned, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
