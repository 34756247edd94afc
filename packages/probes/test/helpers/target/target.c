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

#include "standin.h"
#include "target.h"

static void *libraries[LIBRARIES];

void *find(enum library library, const char *name)
{
	void *function = libraries[library] ? dlsym(libraries[library], name) : NULL;

	if (!function) {
		fprintf(stderr, "target: no %s\n", name);
		exit(1);
	}
	return function;
}

CUstream new_stream(void)
{
	CUstream stream;

	MUST(CALL(cuStreamCreate)(&stream, 0));
	return stream;
}

void launch_on(CUstream stream, long kernel)
{
	MUST(CALL(cuLaunchKernel)(KERNEL(kernel), 1, 1, 1, 32, 1, 1, 0, stream, NULL, NULL));
}

void read_back(CUstream stream, size_t bytes)
{
	static char host[64];

	MUST(CALL(cuMemcpyDtoHAsync_v2)(host, DEVICE_ADDRESS, bytes, stream));
}

static void load(enum library library, const char *path)
{
	libraries[library] = dlopen(path, RTLD_NOW);
	if (!libraries[library]) {
		fprintf(stderr, "target: %s\n", dlerror());
		exit(1);
	}
	puts("ok");
}

/* open PATH: loads a library, the driver from now on */
static void open_driver(const char *path)
{
	load(DRIVER, path);
}

/* open-runtime PATH, open-nccl PATH: likewise */
static void open_runtime(const char *path)
{
	load(RUNTIME, path);
}

static void open_nccl(const char *path)
{
	load(NCCL, path);
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
		launch_on(NULL, 0);
	MUST(CALL(cuCtxSynchronize)());
	puts("ok");
}

/* step N: N launches, a copy back, a wait for the stream */
static void step(const char *count)
{
	for (long i = 0; i < atol(count); i++)
		launch_on(NULL, i);
	read_back(NULL, 64);
	MUST(CALL(cuStreamSynchronize)(NULL));
	puts("ok");
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
	launch_on(NULL, 0);
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

		launch_on(stream, 0);
		if (sigsetjmp(outside, 1) == 0) {
			setitimer(ITIMER_REAL, &soon, NULL);
			CALL(cuStreamSynchronize)(stream);
		}
	}
	CALL(standinSetWorkNs)(0, 0, 0);
	puts("ok");
}

static void jump_from_inside(void *unused)
{
	(void)unused;
	siglongjmp(outside, 1);
}

/* leave-both N: N waits that are left by a jump from inside, for a stream and for an event in turn */
static void leave_both(const char *count)
{
	const CUstream stream = new_stream();
	CUevent event;

	MUST(CALL(cuEventCreate)(&event, 0));
	MUST(CALL(cuEventRecord)(event, stream));
	CALL(standinOnWait)(jump_from_inside, NULL);
	for (volatile long i = 0; i < atol(count); i++) {
		if (sigsetjmp(outside, 1))
			continue;
		if (i % 2)
			CALL(cuStreamSynchronize)(stream);
		else
			CALL(cuEventSynchronize)(event);
	}
	CALL(standinOnWait)(NULL, NULL);
	puts("ok");
}

/* streams N: a step on each of N streams */
static void use_streams(const char *count)
{
	for (long i = 0; i < atol(count); i++) {
		const CUstream stream = new_stream();

		launch_on(stream, i);
		read_back(stream, 64);
		MUST(CALL(cuStreamSynchronize)(stream));
	}
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
		launch_on(handover->stream, i);
	MUST(CALL(cuEventRecord)(handover->event, handover->stream));
	return NULL;
}

/* join N: another thread launches N on a stream and records an event; this one waits for it on another and reads back */
static void join(const char *count)
{
	struct handover handover = { .stream = new_stream(), .launches = atol(count) };
	const CUstream results = new_stream();
	pthread_t worker;

	MUST(CALL(cuEventCreate)(&handover.event, 0));
	MUST(pthread_create(&worker, NULL, work_elsewhere, &handover));
	MUST(pthread_join(worker, NULL));
	MUST(CALL(cuStreamWaitEvent)(results, handover.event, 0));
	read_back(results, 64);
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
	{ "open", open_driver },
	{ "open-runtime", open_runtime },
	{ "open-nccl", open_nccl },
	{ "map", map_file },
	{ "launch", launch },
	{ "step", step },
	{ "every", every },
	{ "copies", copies },
	{ "every-runtime", every_runtime },
	{ "stubs", stubs },
	{ "capture", capture },
	{ "spoil", spoil },
	{ "recapture", recapture },
	{ "communicators", communicators },
	{ "collectives", collectives },
	{ "reduce", reduce },
	{ "backward", backward },
	{ "hold", hold },
	{ "leave", leave },
	{ "leave-both", leave_both },
	{ "streams", use_streams },
	{ "threads", threads },
	{ "join", join },
	{ "exec", exec_again },
	{ "orphan", orphan },
	{ "init", init },
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
