// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * The floor, a program that does nothing, and programs that do one thing eight times, so that it can be seen where the
 * nanoseconds of a real one go. Maps have the sizes of the agent's.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define TIMES 8
#define EIGHT_TIMES _Pragma("unroll") for (int i = 0; i < TIMES; i++)

struct key {
	__u32 pid;
	__u32 reserved;
	__u64 value;
};

struct value_176 {
	__u64 words[22];
};

struct value_800 {
	__u64 words[100];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct value_800);
} task_values SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, struct key);
	__type(value, struct value_176);
} hash_of_streams SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct value_176);
} hash_of_processes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, struct key);
	__type(value, __u64);
} lru SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct value_176);
} array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct value_176);
} per_cpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} ring SEC(".maps");

/* What a program would do with a result; keeps the compiler from dropping the call. */
static __always_inline void use(__u64 value)
{
	__asm__ volatile("" : : "r"(value));
}

SEC("uprobe")
int floor_entry(void *ctx)
{
	return 0;
}

SEC("uretprobe")
int floor_return(void *ctx)
{
	return 0;
}

SEC("uprobe")
int piece_time(void *ctx)
{
	EIGHT_TIMES use(bpf_ktime_get_ns());
	return 0;
}

SEC("uprobe")
int piece_pid_tgid(void *ctx)
{
	EIGHT_TIMES use(bpf_get_current_pid_tgid());
	return 0;
}

SEC("uprobe")
int piece_cookie(void *ctx)
{
	EIGHT_TIMES use(bpf_get_attach_cookie(ctx));
	return 0;
}

SEC("uprobe")
int piece_current_task(void *ctx)
{
	EIGHT_TIMES use((__u64)bpf_get_current_task_btf());
	return 0;
}

SEC("uprobe")
int piece_task_storage(void *ctx)
{
	void *task = bpf_get_current_task_btf();

	EIGHT_TIMES use((__u64)bpf_task_storage_get(&task_values, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE));
	return 0;
}

SEC("uprobe")
int piece_hash_of_streams(void *ctx)
{
	struct key key = { .pid = 1, .value = 0x5000 };

	EIGHT_TIMES use((__u64)bpf_map_lookup_elem(&hash_of_streams, &key));
	return 0;
}

SEC("uprobe")
int piece_hash_of_processes(void *ctx)
{
	__u32 key = 1;

	EIGHT_TIMES use((__u64)bpf_map_lookup_elem(&hash_of_processes, &key));
	return 0;
}

SEC("uprobe")
int piece_lru_update(void *ctx)
{
	struct key key = { .pid = 1, .value = 0x6000 };
	__u64 value = 0x5000;

	EIGHT_TIMES bpf_map_update_elem(&lru, &key, &value, BPF_ANY);
	return 0;
}

SEC("uprobe")
int piece_lru_lookup(void *ctx)
{
	struct key key = { .pid = 1, .value = 0x6000 };

	EIGHT_TIMES use((__u64)bpf_map_lookup_elem(&lru, &key));
	return 0;
}

SEC("uprobe")
int piece_array(void *ctx)
{
	EIGHT_TIMES
	{
		__u32 zero = 0;

		use((__u64)bpf_map_lookup_elem(&array, &zero));
	}
	return 0;
}

SEC("uprobe")
int piece_count_per_cpu(void *ctx)
{
	EIGHT_TIMES
	{
		__u32 zero = 0;
		struct value_176 *value = bpf_map_lookup_elem(&per_cpu, &zero);

		if (value)
			__sync_fetch_and_add(&value->words[i], 1);
	}
	return 0;
}

SEC("uprobe")
int piece_atomic_add(void *ctx)
{
	__u32 zero = 0;
	struct value_176 *value = bpf_map_lookup_elem(&array, &zero);

	if (value)
		EIGHT_TIMES __sync_fetch_and_add(&value->words[i], 1);
	return 0;
}

SEC("uprobe")
int piece_plain_add(void *ctx)
{
	__u32 zero = 0;
	struct value_176 *value = bpf_map_lookup_elem(&array, &zero);

	if (value)
		EIGHT_TIMES(*(volatile __u64 *)&value->words[i])++;
	return 0;
}

SEC("uprobe")
int piece_compare_exchange(void *ctx)
{
	__u32 zero = 0;
	struct value_176 *value = bpf_map_lookup_elem(&array, &zero);

	if (value)
		EIGHT_TIMES use(__sync_val_compare_and_swap(&value->words[i], value->words[i], i));
	return 0;
}

SEC("uprobe")
int piece_exchange(void *ctx)
{
	__u32 zero = 0;
	struct value_176 *value = bpf_map_lookup_elem(&array, &zero);

	if (value)
		EIGHT_TIMES use(__sync_lock_test_and_set(&value->words[i], 0));
	return 0;
}

static __always_inline int read_user(const __u64 *registers, __u32 bytes)
{
	/* The stack pointer: word 19 of pt_regs on x86-64, 31 of user_pt_regs on arm64. */
#if defined(__TARGET_ARCH_arm64)
	__u64 stack = registers[31];
#else
	__u64 stack = registers[19];
#endif
	__u64 slots[5];

	EIGHT_TIMES
	{
		bpf_probe_read_user(slots, bytes, (void *)stack);
		use(slots[0]);
	}
	return 0;
}

SEC("uprobe")
int piece_read_user_8_bytes(void *ctx)
{
	return read_user(ctx, 8);
}

SEC("uprobe")
int piece_read_user_40_bytes(void *ctx)
{
	return read_user(ctx, 40);
}

SEC("uprobe")
int piece_random(void *ctx)
{
	EIGHT_TIMES use(bpf_get_prandom_u32());
	return 0;
}

SEC("uprobe")
int piece_ring_48_bytes(void *ctx)
{
	EIGHT_TIMES
	{
		__u64 *record = bpf_ringbuf_reserve(&ring, 48, 0);

		if (record) {
			record[0] = record[1] = record[2] = record[3] = record[4] = record[5] = i;
			bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
		}
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
