/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program whose results reach it in other ways than by the return of a wait. Says "hello", and once it has read a
 * line, plays so many steps of so many microseconds on the GPU; for each it writes when its result was ready for it, and
 * when it had it (CLOCK_MONOTONIC, in ns).
 *
 *   callback STEPS GPU_US   As JAX does: one thread launches and sleeps; another copies back on a stream of its own, and
 *                           a host function behind the copy wakes the first.
 *   lock STEPS GPU_US       As a Python thread does that takes the interpreter's lock again after each wait; at every
 *                           fourth step another thread holds it, computing.
 *   wait STEPS GPU_US       Reads nothing back: launches and waits.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cuda_driver.h"
#include "standin.h"

#define HOLD_NS 3000000

static CUstream compute, copies;
static CUevent launched;
static sem_t wanted, done, held, holding;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t ready_ns;
static unsigned char result[4];

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void launch(void)
{
	cuLaunchKernel((CUfunction)(uintptr_t)0x581000000000, 8, 1, 1, 128, 1, 1, 0, compute, NULL, NULL);
}

static void wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore))
		;
}

static void arrived(void *unused)
{
	(void)unused;
	ready_ns = now_ns();
	sem_post(&done);
}

static void *read_back(void *unused)
{
	(void)unused;
	for (;;) {
		wait_for(&wanted);
		cuStreamWaitEvent(copies, launched, 0);
		cuMemcpyDtoHAsync_v2(result, 0x7f0000000000, sizeof(result), copies);
		cuLaunchHostFunc(copies, arrived, NULL);
	}
	return NULL;
}

static void call_back(void)
{
	launch();
	cuEventRecord(launched, compute);
	sem_post(&wanted);
	wait_for(&done);
}

static void *hold(void *unused)
{
	(void)unused;
	for (;;) {
		int64_t until_ns;

		wait_for(&held);
		pthread_mutex_lock(&lock);
		sem_post(&holding);
		until_ns = now_ns() + HOLD_NS;
		while (now_ns() < until_ns)
			;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void take_lock(int is_held)
{
	launch();
	cuMemcpyDtoHAsync_v2(result, 0x7f0000000000, sizeof(result), compute);
	if (is_held) {
		sem_post(&held);
		wait_for(&holding);
	}
	cuStreamSynchronize(compute);
	ready_ns = now_ns();
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
}

static void wait_only(void)
{
	launch();
	cuStreamSynchronize(compute);
	ready_ns = now_ns();
}

int main(int argc, char **argv)
{
	int calls_back = argc == 4 && !strcmp(argv[1], "callback");
	int waits_only = argc == 4 && !strcmp(argv[1], "wait");
	int steps, step;
	pthread_t other;

	if (!calls_back && !waits_only && (argc != 4 || strcmp(argv[1], "lock")))
		return 2;
	steps = atoi(argv[2]);
	standinSetWorkNs(1000ULL * strtoul(argv[3], NULL, 10), 0, 0);
	sem_init(&wanted, 0, 0);
	sem_init(&done, 0, 0);
	sem_init(&held, 0, 0);
	sem_init(&holding, 0, 0);
	cuStreamCreate(&compute, 0);
	cuStreamCreate(&copies, 0);
	cuEventCreate(&launched, 0);
	if (pthread_create(&other, NULL, calls_back ? read_back : hold, NULL))
		return 1;
	puts("hello");
	fflush(stdout);
	getchar();
	for (step = 0; step < steps; step++) {
		if (calls_back)
			call_back();
		else if (waits_only)
			wait_only();
		else
			take_lock(step % 4 == 3);
		printf("%lld %lld\n", (long long)ready_ns, (long long)now_ns());
	}
	fflush(stdout);
	getchar();
	return 0;
}
