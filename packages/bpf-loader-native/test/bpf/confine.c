/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command under a seccomp filter: confine CALL COMMAND [ARGUMENT...]
 * CALL is the system call that the filter refuses with EPERM: "bpf", or "personality", which nobody here makes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	if (count < 3)
		return 2;
	const unsigned int refused = !strcmp(arguments[1], "bpf") ? SYS_bpf : SYS_personality;
	struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = {
		.len = sizeof(instructions) / sizeof(instructions[0]),
		.filter = instructions,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) {
		perror("confine: prctl");
		return 1;
	}
	execvp(arguments[2], arguments + 2);
	perror("confine: execvp");
	return 1;
}
