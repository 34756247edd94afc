/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that does to a CUDA driver what the serving loops do not: reads a command a line from standard input and
 * answers with a line, "ok" and what there is to say. Its commands are the functions with `struct command` below.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "cuda_driver.h"
#include "standin.h"

#define MS 1000000ULL
#define PAGE ((size_t)2 << 20)
#define KERNEL(n) ((CUfunction)(uintptr_t)(0x581000000000 + (n)))

static void *driver;

/* A function of the library that `open` named; ends the program where it is missing. */
static void *find(const char *name)
{
	void *function = driver ? dlsym(driver, name) : NULL;

	if (!function) {
		fprintf(stderr, "target: no %s\n", name);
		exit(1);
	}
	return function;
}

/* Calls a function of the driver through its symbol. */
#define CALL(name) ((__typeof__(name) *)find(#name))
#define MUST(call)                                                              \
	do {                                                                    \
		const int result = (call);                                      \
		if (result) {                                                   \
			fprintf(stderr, "target: %s gave %d\n", #call, result); \
			exit(1);                                                \
		}                                                               \
	} while (0)

static CUstream new_stream(void)
{
	CUstream stream;

	MUST(CALL(cuStreamCreate)(&stream, 0));
	return stream;
}

/* open PATH: loads a library, the driver from now on */
static void open_library(const char *path)
{
	driver = dlopen(path, RTLD_NOW);
	if (!driver) {
		fprintf(stderr, "target: %s\n", dlerror());
		exit(1);
	}
	puts("ok");
}

/* map PATH: maps a file as code, whatever is in it */
static void map_file(const char *path)
{
	const int file = open(path, O_RDONLY);

	if (file < 0 || mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) == MAP_FAILED) {
		perror(path);
		exit(1);
	}
	close(file);
	puts("ok");
}

/* launch N: N launches and a context synchronization */
static void launch(const char *count)
{
	for (long i = 0; i < atol(count); i++)
		MUST(CALL(cuLaunchKernel)(KERNEL(0), 1, 1, 1, 32, 1, 1, 0, NULL, NULL, NULL));
	MUST(CALL(cuCtxSynchronize)());
	puts("ok");
}

/* step N: N launches, a copy back, a wait for the stream */
static void step(const char *count)
{
	char host[64];

	for (long i = 0; i < atol(count); i++)
		MUST(CALL(cuLaunchKernel)(KERNEL(i), 1, 1, 1, 32, 1, 1, 0, NULL, NULL, NULL));
	MUST(CALL(cuMemcpyDtoHAsync_v2)(host, 0x7f1000000000, sizeof host, NULL));
	MUST(CALL(cuStreamSynchronize)(NULL));
	puts("ok");
}

static void nothing(void *data)
{
	(void)data;
}

static void every_launch(CUstream stream)
{
	CUlaunchConfig config = { 2, 3, 4, 5, 6, 7, 128, stream, NULL, 0 };

	MUST(CALL(cuLaunchKernel)(KERNEL(1), 3, 4, 5, 6, 7, 8, 64, stream, NULL, NULL));
	MUST(CALL(cuLaunchKernel_ptsz)(KERNEL(2), 4, 5, 6, 7, 8, 9, 65, stream, NULL, NULL));
	MUST(CALL(cuLaunchKernelEx)(&config, KERNEL(3), NULL, NULL));
	config.gridDimX = 1 << 20;
	MUST(CALL(cuLaunchKernelEx_ptsz)(&config, KERNEL(4), NULL, NULL));
	MUST(CALL(cuLaunchCooperativeKernel)(KERNEL(5), 5, 6, 7, 8, 9, 10, 66, stream, NULL));
	MUST(CALL(cuLaunchCooperativeKernel_ptsz)(KERNEL(6), 6, 7, 8, 9, 10, 11, 67, stream, NULL));
	MUST(CALL(cuGraphLaunch)((CUgraphExec)0x2001, stream));
	MUST(CALL(cuGraphLaunch_ptsz)((CUgraphExec)0x2002, stream));
	MUST(CALL(cuLaunchHostFunc)(stream, nothing, (void *)0x3001));
	MUST(CALL(cuLaunchHostFunc_ptsz)(stream, nothing, (void *)0x3002));
}

static void every_copy(CUstream stream)
{
	char host[64];

	MUST(CALL(cuMemcpyHtoD_v2)(0x7f1000000001, host, 101));
	MUST(CALL(cuMemcpyHtoD_v2_ptds)(0x7f1000000002, host, 102));
	MUST(CALL(cuMemcpyAsync)(0x7f1000000003, 0x7f2000000000, 103, stream));
	MUST(CALL(cuMemcpyAsync_ptsz)(0x7f1000000004, 0x7f2000000000, 104, stream));
	MUST(CALL(cuMemcpyHtoDAsync_v2)(0x7f1000000005, host, 105, stream));
	MUST(CALL(cuMemcpyHtoDAsync_v2_ptsz)(0x7f1000000006, host, 106, stream));
	MUST(CALL(cuMemcpyDtoDAsync_v2)(0x7f1000000007, 0x7f2000000000, 107, stream));
	MUST(CALL(cuMemcpyDtoDAsync_v2_ptsz)(0x7f1000000008, 0x7f2000000000, ((size_t)3 << 32) + 108, stream));
	MUST(CALL(cuMemsetD8Async)(0x7f1000000009, 1, 109, stream));
	MUST(CALL(cuMemsetD8Async_ptsz)(0x7f100000000a, 1, 110, stream));
	MUST(CALL(cuMemcpyDtoHAsync_v2)(host, 0x7f2000000000, 111, stream));
	MUST(CALL(cuMemcpyDtoHAsync_v2_ptsz)(host + 1, 0x7f2000000000, 112, stream));
	MUST(CALL(cuMemcpyDtoH_v2)(host + 2, 0x7f2000000000, 113));
	MUST(CALL(cuMemcpyDtoH_v2_ptds)(host + 3, 0x7f2000000000, 114));
}

static void every_wait(CUstream stream)
{
	CUevent event;

	MUST(CALL(cuEventCreate)(&event, 0));
	MUST(CALL(cuEventRecord)(event, stream));
	MUST(CALL(cuEventRecord_ptsz)(event, stream));
	/* As a compiler may: the upper half of the register that flags come in is not theirs. */
	MUST(((CUresult(*)(CUevent, CUstream, uint64_t))find("cuEventRecordWithFlags"))(event, stream, 0x5aULL << 32 | 1));
	MUST(CALL(cuEventRecordWithFlags_ptsz)(event, stream, 1));
	MUST(CALL(cuStreamWaitEvent)(stream, event, 1));
	MUST(CALL(cuStreamWaitEvent_ptsz)(stream, event, 1));
	MUST(CALL(cuStreamSynchronize)(stream));
	MUST(CALL(cuStreamSynchronize_ptsz)(stream));
	MUST(CALL(cuEventSynchronize)(event));
	MUST(CALL(cuCtxSynchronize)());
	MUST(CALL(cuStreamQuery)(stream));
	MUST(CALL(cuStreamQuery_ptsz)(stream));
	MUST(CALL(cuEventQuery)(event));
}

#define POOL ((CUmemoryPool)0x4001)

/* Answers with the addresses that the allocations gave, in their order. */
static void every_allocation(CUstream stream)
{
	CUmemGenericAllocationHandle handle, no_handle = 0;
	CUdeviceptr plain, never = 0, async, async_per_thread, pool, pool_per_thread, managed;

	MUST(CALL(cuMemAlloc_v2)(&plain, 4096));
	if (!CALL(cuMemAlloc_v2)(&never, 0))
		exit(1);
	MUST(CALL(cuMemAllocManaged)(&managed, 4095, 1));
	MUST(CALL(cuMemAllocAsync)(&async, 4097, stream));
	MUST(CALL(cuMemAllocAsync_ptsz)(&async_per_thread, 4098, stream));
	MUST(!CALL(cuMemAllocAsync)(&never, (size_t)81 << 30, stream));
	MUST(CALL(cuMemAllocFromPoolAsync)(&pool, 4099, POOL, stream));
	MUST(CALL(cuMemAllocFromPoolAsync_ptsz)(&pool_per_thread, 4100, POOL, stream));
	MUST(CALL(cuMemCreate)(&handle, PAGE, NULL, 0));
	MUST(!CALL(cuMemCreate)(&no_handle, 1, NULL, 0));
	MUST(CALL(cuMemMap)(0x7f3000000000, PAGE, 0, handle, 0));
	MUST(!CALL(cuMemMap)(0x7f3000400000, PAGE, 0, 0, 0));
	MUST(CALL(cuMemUnmap)(0x7f3000000000, PAGE));
	MUST(CALL(cuMemFree_v2)(plain));
	MUST(CALL(cuMemFreeAsync)(async, stream));
	MUST(CALL(cuMemFreeAsync_ptsz)(pool_per_thread, stream));
	printf("ok 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx\n", plain, managed, async, async_per_thread, pool,
	       pool_per_thread, handle);
}

/* every: each probed function once on a stream of its own, then once on each default stream's name */
static void every(const char *unused)
{
	const CUstream streams[] = { new_stream(), NULL, CU_STREAM_LEGACY, CU_STREAM_PER_THREAD };

	(void)unused;
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		every_launch(streams[i]);
		every_copy(streams[i]);
		every_wait(streams[i]);
	}
	every_allocation(streams[0]);
}

/* init: cuInit */
static void init(const char *unused)
{
	(void)unused;
	MUST(CALL(cuInit)(0));
	puts("ok");
}

/* hold MS: half a step, and a wait that takes so long; answers before it */
static void hold(const char *ms)
{
	CALL(standinSetWorkNs)(atol(ms) * MS, 0, 0);
	MUST(CALL(cuLaunchKernel)(KERNEL(0), 1, 1, 1, 32, 1, 1, 0, NULL, NULL, NULL));
	puts("ok");
	MUST(CALL(cuStreamSynchronize)(NULL));
}

static sigjmp_buf outside;

static void jump_out(int signal)
{
	(void)signal;
	siglongjmp(outside, 1);
}

/* leave N: N waits that are left by a jump out of a signal handler */
static void leave(const char *count)
{
	const struct itimerval soon = { .it_value = { .tv_usec = 2000 } };

	signal(SIGALRM, jump_out);
	CALL(standinSetWorkNs)(60000 * MS, 0, 0);
	for (volatile long i = 0; i < atol(count); i++) {
		const CUstream stream = new_stream();

		MUST(CALL(cuLaunchKernel)(KERNEL(0), 1, 1, 1, 32, 1, 1, 0, stream, NULL, NULL));
		if (sigsetjmp(outside, 1) == 0) {
			setitimer(ITIMER_REAL, &soon, NULL);
			CALL(cuStreamSynchronize)(stream);
		}
	}
	CALL(standinSetWorkNs)(0, 0, 0);
	puts("ok");
}

static void *own_step(void *unused)
{
	char host[64];

	MUST(CALL(cuLaunchKernel_ptsz)(KERNEL(0), 1, 1, 1, 32, 1, 1, 0, NULL, NULL, NULL));
	MUST(CALL(cuMemcpyDtoHAsync_v2_ptsz)(host, 0x7f1000000000, sizeof host, NULL));
	MUST(CALL(cuStreamSynchronize_ptsz)(NULL));
	return unused;
}

/* threads N: N threads, one after the other, each with a step on its own default stream */
static void threads(const char *count)
{
	for (long i = 0; i < atol(count); i++) {
		pthread_t thread;

		MUST(pthread_create(&thread, NULL, own_step, NULL));
		MUST(pthread_join(thread, NULL));
	}
	puts("ok");
}

struct handover {
	CUstream stream;
	CUevent event;
	long launches;
};

static void *work_elsewhere(void *argument)
{
	const struct handover *handover = argument;

	for (long i = 0; i < handover->launches; i++)
		MUST(CALL(cuLaunchKernel)(KERNEL(i), 1, 1, 1, 32, 1, 1, 0, handover->stream, NULL, NULL));
	MUST(CALL(cuEventRecord)(handover->event, handover->stream));
	return NULL;
}

/* join N: another thread launches N on a stream and records an event; this one waits for it on another and reads back */
static void join(const char *count)
{
	struct handover handover = { .stream = new_stream(), .launches = atol(count) };
	const CUstream results = new_stream();
	pthread_t worker;
	char host[64];

	MUST(CALL(cuEventCreate)(&handover.event, 0));
	MUST(pthread_create(&worker, NULL, work_elsewhere, &handover));
	MUST(pthread_join(worker, NULL));
	MUST(CALL(cuStreamWaitEvent)(results, handover.event, 0));
	MUST(CALL(cuMemcpyDtoHAsync_v2)(host, 0x7f1000000000, sizeof host, results));
	MUST(CALL(cuStreamSynchronize)(results));
	puts("ok");
}

/* exec: becomes this program anew */
static void exec_again(const char *unused)
{
	(void)unused;
	execl("/proc/self/exe", "target", (char *)NULL);
	exit(1);
}

static void *read_commands(void *unused);

/* orphan: the main thread ends, another goes on */
static void orphan(const char *unused)
{
	pthread_t other;

	(void)unused;
	MUST(pthread_create(&other, NULL, read_commands, NULL));
	puts("ok");
	pthread_exit(NULL);
}

static const struct command {
	const char *name;
	void (*run)(const char *argument);
} commands[] = {
	{ "open", open_library }, { "map", map_file },	  { "launch", launch },	  { "step", step },
	{ "every", every },	  { "hold", hold },	  { "leave", leave },	  { "threads", threads },
	{ "join", join },	  { "exec", exec_again }, { "orphan", orphan }, { "init", init },
};

static void *read_commands(void *unused)
{
	char line[4096];

	while (fgets(line, sizeof line, stdin)) {
		char *argument = line + strcspn(line, " \n");

		if (*argument)
			*argument++ = '\0';
		argument[strcspn(argument, "\n")] = '\0';
		for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
			if (!strcmp(commands[i].name, line))
				commands[i].run(argument);
	}
	exit(0);
	return unused;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* So that a command that comes with another is not lost to an exec. */
	setvbuf(stdin, NULL, _IONBF, 0);
	puts("ok");
	read_commands(NULL);
}
