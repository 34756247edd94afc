/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/*
 * Registers at a probe, as the kernel's user space headers (asm/ptrace.h) lay them out. Written out here, so that one
 * machine compiles the objects of all architectures; <bpf/bpf_tracing.h> reads them.
 */
#ifndef INGERO_REGISTERS_H
#define INGERO_REGISTERS_H

#include <linux/types.h>

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	__u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	__u64 rax, rcx, rdx, rsi, rdi;
	__u64 orig_rax, rip, cs, eflags, rsp, ss;
};
/* libbpf before 1.2 has no name for it: SysV AMD64 ABI, 3.2.3. */
#define SIXTH_PARAMETER(ctx) ((ctx)->r9)
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	__u64 regs[31];
	__u64 sp, pc, pstate;
};
/* AAPCS64, 6.8.2: x0 to x7. */
#define SIXTH_PARAMETER(ctx) (((struct user_pt_regs *)(ctx))->regs[5])
#define SEVENTH_PARAMETER(ctx) (((struct user_pt_regs *)(ctx))->regs[6])
#define EIGHTH_PARAMETER(ctx) (((struct user_pt_regs *)(ctx))->regs[7])
#else
#error "no register layout for this architecture"
#endif

#endif
