/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that can be probed among some whose first instruction Linux refuses; calls the former for each line of input. */
#include <stdio.h>

#define FUNCTION(name, instructions)                                                                   \
	__asm__(".text\n.globl " #name "\n.type " #name ", @function\n" #name ":\n" instructions       \
		"\n.size " #name ", . - " #name "\n");                                                  \
	void name(void)

FUNCTION(good_0, "push %rbp\n\tpop %rbp\n\tret");
FUNCTION(refused_0, "lock orl $0, -8(%rsp)\n\tret");
FUNCTION(good_1, "push %r12\n\tpop %r12\n\tret");
FUNCTION(refused_1, ".byte 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0\n\tret");
FUNCTION(refused_2, "int3\n\tret");
FUNCTION(good_2, "push %rbx\n\tpop %rbx\n\tret");

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	puts("ready");
	while (getchar() == '\n') {
		good_0();
		good_1();
		good_2();
		puts("called");
	}
	return 0;
}
