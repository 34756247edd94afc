/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the self-test probes: a program that shuts itself into a strict seccomp filter and then calls functions, some of
 * which have probes on them by then. It ends with 0 when all gave what they should, with 1 when one did not, with 2 when
 * there is no such filter, and by SIGSYS when a probe made it call the kernel.
 *
 * No C library: it must run on any distribution, and it calls the kernel only where it says so.
 */
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

#define CALLS 200
#define DEPTH 8

#ifdef __x86_64__

static long syscall3(long number, long a, long b, long c)
{
	long result = number;
	register long d __asm__("r10") = 0;
	register long e __asm__("r8") = 0;

	__asm__ volatile("syscall" : "+a"(result) : "D"(a), "S"(b), "d"(c), "r"(d), "r"(e) : "rcx", "r11", "memory");
	return result;
}

/*
 * pushed: begins as the functions of the CUDA libraries do. nested: the same, calling itself n times deep, with a value
 * below its return address that a probe must not touch. padded: begins with the nop that newer kernels turn into a call.
 */
__asm__(".text\n"
	".globl _start\n"
	"_start:\n\txor %ebp, %ebp\n\tcall run\n\tud2\n"
	".globl pushed\n.type pushed, @function\n"
	"pushed:\n\tpush %rbp\n\tmov %rsp, %rbp\n\tlea 7(%rdi, %rdi), %rax\n\tpop %rbp\n\tret\n"
	".size pushed, . - pushed\n"
	".globl nested\n.type nested, @function\n"
	"nested:\n\tpush %rbx\n\tmov %rdi, %rbx\n\tlea 7(%rdi), %rax\n\ttest %rdi, %rdi\n\tje 1f\n"
	"\tdec %rdi\n\tcall nested\n\tadd %rbx, %rax\n"
	"1:\n\tpop %rbx\n\tret\n"
	".size nested, . - nested\n"
	".globl padded\n.type padded, @function\n"
	"padded:\n\t.byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n\tlea 7(%rdi, %rdi), %rax\n\tret\n"
	".size padded, . - padded\n");

#elif defined(__aarch64__)

static long syscall3(long number, long a, long b, long c)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = 0;
	register long x4 __asm__("x4") = 0;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}

/* As above. arm64 has no nop that becomes a call: padded is one more function. */
__asm__(".text\n"
	".globl _start\n"
	"_start:\n\tmov x29, xzr\n\tbl run\n\tbrk 0\n"
	".globl pushed\n.type pushed, %function\n"
	"pushed:\n\tstp x29, x30, [sp, #-16]!\n\tadd x0, x0, x0\n\tadd x0, x0, #7\n\tldp x29, x30, [sp], #16\n\tret\n"
	".size pushed, . - pushed\n"
	".globl nested\n.type nested, %function\n"
	"nested:\n\tstp x19, x30, [sp, #-16]!\n\tmov x19, x0\n\tcbz x0, 1f\n\tsub x0, x0, #1\n\tbl nested\n"
	"\tadd x0, x0, x19\n\tldp x19, x30, [sp], #16\n\tret\n"
	"1:\n\tmov x0, #7\n\tldp x19, x30, [sp], #16\n\tret\n"
	".size nested, . - nested\n"
	".globl padded\n.type padded, %function\n"
	"padded:\n\tnop\n\tadd x0, x0, x0\n\tadd x0, x0, #7\n\tret\n"
	".size padded, . - padded\n");

#else
#error "no self-test for this architecture"
#endif

long pushed(long n);
long nested(long n);
long padded(long n);

/* Allowed: to return from a signal and to end. What the kernel's own probes call must pass without being asked for. */
static long shut_in(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(rules) / sizeof(rules[0]), .filter = rules };

	if (syscall3(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0))
		return -1;
	return syscall3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)&program);
}

__attribute__((noreturn, used)) void run(void)
{
	long status = 0;
	long n;

	if (shut_in())
		status = 2;
	for (n = 0; n < CALLS && !status; n++) {
		if (pushed(n) != 2 * n + 7 || padded(n) != 2 * n + 7)
			status = 1;
		if (nested(DEPTH) != DEPTH * (DEPTH + 1) / 2 + 7)
			status = 1;
	}
	for (;;)
		syscall3(SYS_exit_group, status, 0, 0);
}
