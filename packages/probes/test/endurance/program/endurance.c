/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that wears probes out, and sees whether they do it harm.
 *
 *   endurance speed LIBRARY THREADS     calls as fast as it can until SIGTERM, checks every result and the registers that a
 *                                       call must keep; prints the number of calls every 10 ms, and what went wrong
 *   endurance crowd LIBRARY N AT_ONCE   N processes, one in three of which calls CUDA: a step of two launches
 *   endurance step LIBRARY LAUNCHES     a step with so many launches
 *   endurance family LIBRARY            steps of a parent, of a child of fork, and of a program that the child becomes
 *   endurance churn                     commands a line: `open PATH`, `close`, `step LAUNCHES`; each answered by `ok`
 */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cuda_driver.h"

#define KERNEL ((CUfunction)(uintptr_t)0x581000000000)
#define DEVICE_ADDRESS ((CUdeviceptr)0x7f2000000000)

static struct {
	__typeof__(cuLaunchKernel) *launch;
	__typeof__(cuMemcpyDtoHAsync_v2) *read_back;
	__typeof__(cuStreamSynchronize) *wait;
	__typeof__(cuMemAlloc_v2) *allocate;
	__typeof__(cuMemFree_v2) *release;
} cuda;
static void *library;

static void *find(const char *name)
{
	void *function = dlsym(library, name);

	if (!function) {
		fprintf(stderr, "endurance: no %s\n", name);
		exit(1);
	}
	return function;
}

static void load(const char *path)
{
	library = dlopen(path, RTLD_NOW);
	if (!library) {
		fprintf(stderr, "endurance: %s\n", dlerror());
		exit(1);
	}
	cuda.launch = find("cuLaunchKernel");
	cuda.read_back = find("cuMemcpyDtoHAsync_v2");
	cuda.wait = find("cuStreamSynchronize");
	cuda.allocate = find("cuMemAlloc_v2");
	cuda.release = find("cuMemFree_v2");
}

static int step(long launches)
{
	char host[64];
	int wrong = 0;

	for (long i = 0; i < launches; i++)
		wrong += cuda.launch(KERNEL, 1, 1, 1, 32, 1, 1, 0, NULL, NULL, NULL) != 0;
	wrong += cuda.read_back(host, DEVICE_ADDRESS, sizeof host, NULL) != 0;
	wrong += cuda.wait(NULL) != 0;
	return wrong;
}

static atomic_bool stopped;
static atomic_ulong calls, wrong_results, wrong_registers;

static void stop(int signal)
{
	(void)signal;
	stopped = true;
}

/* Waits for a stream with a pattern in every register that a call must keep; the result, or -1 if one was not kept. */
static int wait_and_watch_registers(void)
{
#if defined(__x86_64__)
	long result, changed;

	/* Below what the compiler may keep below the stack pointer. */
	asm volatile("lea -128(%%rsp), %%rsp\n\t"
		     "push %%rbp\n\t"
		     "mov $0x1111111111111111, %%rbp\n\t"
		     "mov %%rbp, %%rbx\n\t"
		     "mov %%rbp, %%r12\n\t"
		     "mov %%rbp, %%r13\n\t"
		     "mov %%rbp, %%r14\n\t"
		     "mov %%rsp, %%r15\n\t"
		     "and $-16, %%rsp\n\t"
		     "xor %%edi, %%edi\n\t"
		     "call *%[wait]\n\t"
		     "xor %%rbp, %%rbx\n\t"
		     "xor %%rbp, %%r12\n\t"
		     "or %%r12, %%rbx\n\t"
		     "xor %%rbp, %%r13\n\t"
		     "or %%r13, %%rbx\n\t"
		     "xor %%rbp, %%r14\n\t"
		     "or %%r14, %%rbx\n\t"
		     "mov $0x1111111111111111, %%r14\n\t"
		     "xor %%r14, %%rbp\n\t"
		     "or %%rbp, %%rbx\n\t"
		     "mov %%r15, %%rsp\n\t"
		     "pop %%rbp\n\t"
		     "lea 128(%%rsp), %%rsp\n\t"
		     : "=a"(result), "=&b"(changed)
		     : [wait] "a"(cuda.wait)
		     : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
	return changed ? -1 : (int)result;
#else
	return cuda.wait(NULL);
#endif
}

static void *work(void *unused)
{
	while (!stopped) {
		CUdeviceptr pointer = 0, never = 7;
		unsigned int wrong = 0;
		int waited;

		for (int i = 0; i < 100; i++)
			wrong += cuda.launch(KERNEL, 1, 1, 1, 32, 1, 1, 0, NULL, NULL, NULL) != 0;
		wrong += cuda.allocate(&pointer, 4096) != 0 || !pointer;
		wrong += cuda.allocate(&never, 0) == 0 || never != 7;
		wrong += cuda.release(pointer) != 0;
		waited = wait_and_watch_registers();
		wrong_registers += waited == -1;
		wrong += waited != 0;
		wrong_results += wrong;
		calls += 104;
	}
	return unused;
}

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int speed(int threads)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	pthread_t thread[threads];

	signal(SIGTERM, stop);
	printf("{\"type\":\"hello\",\"pid\":%d}\n", getpid());
	for (int i = 0; i < threads; i++)
		pthread_create(&thread[i], NULL, work, NULL);
	while (!stopped) {
		nanosleep(&pause, NULL);
		printf("{\"type\":\"calls\",\"ns\":%lld,\"calls\":%lu}\n", now_ns(), calls);
	}
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	printf("{\"type\":\"done\",\"calls\":%lu,\"wrongResults\":%lu,\"wrongRegisters\":%lu}\n", calls, wrong_results,
	       wrong_registers);
	return wrong_results != 0;
}

/* Becomes this program anew, with other arguments. */
static void become(const char *mode, const char *path, const char *argument)
{
	execl("/proc/self/exe", "endurance", mode, path, argument, (char *)NULL);
	_exit(1);
}

/* Waits for one child; 1 when it ended in any way but well. */
static int bury(void)
{
	int status;

	return wait(&status) < 0 || status != 0;
}

static int crowd(const char *path, long processes, long at_once)
{
	long using_cuda = 0;
	int failed = 0;

	printf("{\"type\":\"hello\",\"pid\":%d}\n", getpid());
	for (long i = 0; i < processes; i++) {
		if (i >= at_once)
			failed += bury();
		using_cuda += i % 3 == 0;
		if (fork() == 0) {
			if (i % 3 == 0)
				become("step", path, "2");
			_exit(0);
		}
	}
	for (long i = 0; i < at_once && i < processes; i++)
		failed += bury();
	printf("{\"type\":\"done\",\"usingCuda\":%ld,\"failed\":%d}\n", using_cuda, failed);
	return failed != 0;
}

static int family(const char *path)
{
	int failed = 0;
	pid_t child;

	load(path);
	printf("{\"type\":\"hello\",\"pid\":%d}\n", getpid());
	getchar();
	failed += step(1);
	child = fork();
	if (child == 0) {
		if (step(2))
			_exit(1);
		become("step", path, "3");
	}
	failed += step(4);
	failed += bury();
	failed += step(5);
	printf("{\"type\":\"done\",\"child\":%d,\"failed\":%d}\n", child, failed);
	return failed != 0;
}

static int churn(void)
{
	char line[4096];

	puts("ok");
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "open ", 5))
			load(line + 5);
		else if (!strcmp(line, "close"))
			dlclose(library);
		else if (step(atol(line + 5)))
			return 1;
		puts("ok");
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(mode, "churn"))
		return churn();
	if (argc > 2 && !strcmp(mode, "family"))
		return family(argv[2]);
	if (argc > 4 && !strcmp(mode, "crowd"))
		return crowd(argv[2], atol(argv[3]), atol(argv[4]));
	if (argc > 3 && (!strcmp(mode, "speed") || !strcmp(mode, "step"))) {
		load(argv[2]);
		return !strcmp(mode, "speed") ? speed(atoi(argv[3])) : step(atol(argv[3]));
	}
	fprintf(stderr, "endurance: see the comment at the start of endurance.c\n");
	return 2;
}
