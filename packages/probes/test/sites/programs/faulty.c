/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for the self-test program, with the same exported functions, and one FAULT: something that a kernel might do
 * to a probed process, or that this one really does to a probe where none belongs.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A call of the kernel in a traced process, which its filter knows nothing of. */
#define CALLS_KERNEL 1
/* Answers wrongly. */
#define WRONG_VALUE 2
/* `pushed` is the instruction behind the push: a return probe there sends the process astray. */
#define BEHIND_PUSH 3
/* `padded` is a nop inside a function that keeps a value in the red zone. */
#define RED_ZONE 4
/* Calls nothing: the probes never fire. */
#define NO_CALLS 5
/* Not shut in. */
#define NO_FILTER 6

__asm__(".text\n"
	".globl call_pushed\n.globl pushed\n.type pushed, @function\n"
#if FAULT == BEHIND_PUSH
	"call_pushed:\n\tpush %rbp\n"
	"pushed:\n\tnop\n\tmov %rsp, %rbp\n\tlea 7(%rdi, %rdi), %rax\n\tpop %rbp\n\tret\n"
#else
	"call_pushed:\n"
	"pushed:\n\tpush %rbp\n\tmov %rsp, %rbp\n\tlea 7(%rdi, %rdi), %rax\n\tpop %rbp\n\tret\n"
#endif
	".size pushed, . - pushed\n"
	".globl nested\n.type nested, @function\n"
	"nested:\n\tpush %rbx\n\tmov %rdi, %rbx\n\tlea 7(%rdi), %rax\n\ttest %rdi, %rdi\n\tje 1f\n"
	"\tdec %rdi\n\tcall nested\n\tadd %rbx, %rax\n"
	"1:\n\tpop %rbx\n\tret\n"
	".size nested, . - nested\n"
	".globl call_padded\n.globl padded\n.type padded, @function\n"
#if FAULT == RED_ZONE
	"call_padded:\n\tlea 7(%rdi, %rdi), %rax\n\tmov %rax, -8(%rsp)\n"
	"padded:\n\t.byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n\tmov -8(%rsp), %rax\n\tret\n"
#else
	"call_padded:\n"
	"padded:\n\t.byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n\tlea 7(%rdi, %rdi), %rax\n\tret\n"
#endif
	".size padded, . - padded\n");

long call_pushed(long n);
long nested(long n);
long call_padded(long n);

static int shut_in(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(rules) / sizeof(rules[0]), .filter = rules };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

int main(void)
{
	int wrong = 0;

	if (FAULT == NO_FILTER)
		_exit(2);
	if (shut_in())
		_exit(3);
	for (long n = 0; n < 200 && FAULT != NO_CALLS; n++) {
		wrong |= call_pushed(n) != 2 * n + 7 || call_padded(n) != 2 * n + 7 || nested(8) != 43;
		if (FAULT == CALLS_KERNEL)
			getppid();
		if (FAULT == WRONG_VALUE)
			wrong = 1;
	}
	_exit(wrong);
}
