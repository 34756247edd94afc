/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* Notes what a probe sees of a call of nine numbers, and of its return. The cookie is place | stack shift << 32. */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define PLACES 1024
#define REGISTER_ARGUMENTS 6
#define STACK_ARGUMENTS 3

struct pt_regs {
	__u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	__u64 rax, rcx, rdx, rsi, rdi;
	__u64 orig_rax, rip, cs, eflags, rsp, ss;
};

struct note {
	__u64 entries;
	__u64 returns;
	__u64 result;
	__u64 arguments[REGISTER_ARGUMENTS + STACK_ARGUMENTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PLACES);
	__type(key, __u32);
	__type(value, struct note);
} notes SEC(".maps");

SEC("uprobe")
int entered(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);
	__u32 place = cookie;
	struct note *note = bpf_map_lookup_elem(&notes, &place);
	const __u64 registers[REGISTER_ARGUMENTS] = { ctx->rdi, ctx->rsi, ctx->rdx, ctx->rcx, ctx->r8, ctx->r9 };

	if (!note)
		return 0;
	note->entries++;
	__builtin_memcpy(note->arguments, registers, sizeof(registers));
	bpf_probe_read_user(&note->arguments[REGISTER_ARGUMENTS], STACK_ARGUMENTS * sizeof(__u64),
			    (void *)(ctx->rsp + (cookie >> 32) + 8));
	return 0;
}

SEC("uprobe")
int returned(struct pt_regs *ctx)
{
	__u32 place = bpf_get_attach_cookie(ctx);
	struct note *note = bpf_map_lookup_elem(&notes, &place);

	if (!note)
		return 0;
	note->returns++;
	note->result = ctx->rax;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
