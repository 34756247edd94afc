/* SPDX-License-Identifier: Apache-2.0 */
/* Maps of several kinds, load-time constants of every width, and a record whose layout is compared. */
#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "layout.h"

const volatile __u8 constant_u8 = 1;
const volatile __s16 constant_s16 = -2;
const volatile __u32 constant_u32 = 3;
const volatile __u64 constant_u64;
const volatile bool constant_bool;
const volatile enum layout_kind constant_enum;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__uint(value_size, 12);
} table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __s64);
} constants SEC(".maps");

struct counters {
	__u64 hits;
	__u64 doubled;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct counters);
} per_cpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct layout_record);
} records SEC(".maps");

/* A kind that is left out by tests; its capacity is more than any kernel grants. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 0xffffffff);
	__type(key, __u32);
	__uint(value_size, 1 << 30);
} impossible SEC(".maps");

static void store(__u32 index, __s64 value)
{
	bpf_map_update_elem(&constants, &index, &value, BPF_ANY);
}

SEC("uprobe")
int blnt_count_cpu(void *context)
{
	__u32 index = 1;
	struct counters *counters = bpf_map_lookup_elem(&per_cpu, &index);

	if (counters) {
		__sync_fetch_and_add(&counters->hits, 1);
		__sync_fetch_and_add(&counters->doubled, 2);
	}
	store(0, constant_u8);
	store(1, constant_s16);
	store(2, constant_u32);
	store(3, constant_u64);
	store(4, constant_bool);
	store(5, constant_enum);
	return 0;
}

SEC("uprobe")
int blnt_impossible(void *context)
{
	__u32 index = 0;

	return bpf_map_lookup_elem(&impossible, &index) != 0;
}

char LICENSE[] SEC("license") = "GPL";
