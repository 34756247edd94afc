/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CUDA driver whose functions do nothing, so that what a call costs is the call and its probes. Each begins with
 * endbr64 and a push, as libcuda's do: the probe goes to the push, which the kernel emulates. The sites at the end have
 * other first instructions.
 */
#if defined(__x86_64__)
#define FUNCTION(name, first)                                                                                          \
	__asm__("\t.text\n\t.p2align 5\n\t.globl " #name "\n\t.type " #name ", @function\n" #name ":\n\tendbr64\n" first   \
		"\txor %eax, %eax\n\tret\n\t.size " #name ", . - " #name "\n")
#define EMULATED "\tpush %rbx\n\tpop %rbx\n"
#define NOP5 "\t.byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n"
#define STEPPED "\tmov %rsp, %rcx\n"
#elif defined(__aarch64__)
#define FUNCTION(name, first)                                                                                          \
	__asm__("\t.text\n\t.p2align 5\n\t.globl " #name "\n\t.type " #name ", %function\n" #name ":\n" first              \
		"\tmov w0, #0\n\tret\n\t.size " #name ", . - " #name "\n")
#define EMULATED "\tnop\n"
#define NOP5 "\tnop\n"
#define STEPPED "\tmov x9, sp\n"
#else
#error "no functions for this architecture"
#endif

FUNCTION(cuLaunchKernel, EMULATED);
FUNCTION(cuLaunchKernelEx, EMULATED);
FUNCTION(cuGraphLaunch, EMULATED);
FUNCTION(cuMemcpyHtoDAsync_v2, EMULATED);
FUNCTION(cuMemcpyDtoHAsync_v2, EMULATED);
FUNCTION(cuEventRecord, EMULATED);
FUNCTION(cuStreamQuery, EMULATED);
FUNCTION(cuStreamSynchronize, EMULATED);
FUNCTION(cuMemAlloc_v2, EMULATED);

FUNCTION(site_emulated, EMULATED);
FUNCTION(site_nop5, NOP5);
FUNCTION(site_stepped, STEPPED);
/* Never called: forty places to put a probe. */
FUNCTION(site_forty, "\t.rept 40\n\tnop\n\t.endr\n");
