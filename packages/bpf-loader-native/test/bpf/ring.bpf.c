/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Producers of records with known contents. A record of blnt_vary is a u32 sequence number, a u32 length and bytes
 * that follow from the number; one of blnt_fixed is 48 bytes that start with a u64 sequence number. blnt_slow takes
 * its time between reserving such a record and submitting it.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define MAX_WORDS 64

const volatile __u32 burst = 64;
const volatile __u32 discard_every = 0;

/* One variable, since the compiler may place several in any order. */
struct {
	__u64 produced;
	__u64 dropped;
	__u64 discarded;
} counts;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct fixed {
	__u64 sequence;
	__u64 rest[5];
};

SEC("uprobe")
int blnt_vary(void *context)
{
	__u32 words[MAX_WORDS];

	for (__u32 i = 0; i < burst && i < 1024; i++) {
		__u32 sequence = (__u32)__sync_fetch_and_add(&counts.produced, 1);
		__u32 length = 8 + ((sequence * 2654435761u) >> 16) % 248;

		if (discard_every && sequence % discard_every == 0) {
			void *unwanted = bpf_ringbuf_reserve(&ring, 24, 0);

			if (unwanted) {
				bpf_ringbuf_discard(unwanted, BPF_RB_NO_WAKEUP);
				__sync_fetch_and_add(&counts.discarded, 1);
			}
		}
		words[0] = sequence;
		words[1] = length;
		for (int word = 2; word < MAX_WORDS; word++)
			words[word] = sequence * 31 + word;
		/* Proves the bound to the verifier, which did not follow the arithmetic as the compiler did. */
		__asm__ volatile("" : "+r"(length));
		length &= 0xff;
		if (bpf_ringbuf_output(&ring, words, length, BPF_RB_NO_WAKEUP))
			__sync_fetch_and_add(&counts.dropped, 1);
	}
	return 0;
}

/* Nobody reads it: something for a heartbeat to write to. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} sign_of_life SEC(".maps");

SEC("uprobe")
int blnt_fixed(void *context)
{
	for (__u32 i = 0; i < burst && i < 1024; i++) {
		struct fixed *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
		__u64 sequence = __sync_fetch_and_add(&counts.produced, 1);

		if (!record) {
			__sync_fetch_and_add(&counts.dropped, 1);
			continue;
		}
		record->sequence = sequence;
		for (int word = 0; word < 5; word++)
			record->rest[word] = sequence;
		bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	}
	return 0;
}

SEC("uprobe")
int blnt_slow(void *context)
{
	struct fixed *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record)
		return 0;
	__u64 sequence = __sync_fetch_and_add(&counts.produced, 1);

	for (int word = 0; word < 5; word++)
		record->rest[word] = 0;
	record->sequence = sequence;
	for (int i = 0; i < 4000; i++)
		bpf_ktime_get_ns();
	for (int word = 0; word < 5; word++)
		record->rest[word] = sequence;
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
