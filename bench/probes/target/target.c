/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program whose calls are timed: target LIBRARY. Reads one command a line and answers each with one line:
 *   offset NAME                 file offset of a function of the library
 *   time CASE BATCHES CALLS     nanoseconds a call, one number a batch
 *   paced CASE BUSY BATCHES CALLS    the same with BUSY ns of work after each call, the same work every time
 *   rate CASE CALLS MS          that many calls a second, in slices of a millisecond; the number of calls made
 * Runs on the last processor, ahead of what else wants it where it is allowed to, and calls from so deep as programs in
 * Python do. Ends at the end of its input.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef int (*function)();

/* The first 40 bytes of CUlaunchConfig, all that is read of it. */
struct launch_config {
	unsigned int grid_x, grid_y, grid_z, block_x, block_y, block_z, shared_memory_bytes, padding;
	void *stream;
};

static struct {
	function launch, launch_ex, graph_launch, host_to_device, device_to_host, event_record, stream_query,
		stream_synchronize, alloc, emulated, nop5, stepped;
} call;

static const struct {
	const char *name;
	function *to;
} names[] = {
	{ "cuLaunchKernel", &call.launch },
	{ "cuLaunchKernelEx", &call.launch_ex },
	{ "cuGraphLaunch", &call.graph_launch },
	{ "cuMemcpyHtoDAsync_v2", &call.host_to_device },
	{ "cuMemcpyDtoHAsync_v2", &call.device_to_host },
	{ "cuEventRecord", &call.event_record },
	{ "cuStreamQuery", &call.stream_query },
	{ "cuStreamSynchronize", &call.stream_synchronize },
	{ "cuMemAlloc_v2", &call.alloc },
	{ "site_emulated", &call.emulated },
	{ "site_nop5", &call.nop5 },
	{ "site_stepped", &call.stepped },
};

static struct launch_config config = { 64, 1, 1, 256, 1, 1, 0, 0, (void *)0x5000 };
static void *const stream = (void *)0x5000, *const kernel = (void *)0x7f0012345000, *const event = (void *)0x6000;
static void *memory;

static void launch(void)
{
	call.launch(kernel, 64, 1, 1, 256, 1, 1, 0, stream, NULL, NULL);
}

static void launch_ex(void)
{
	call.launch_ex(&config, kernel, NULL, NULL);
}

static void graph_launch(void)
{
	call.graph_launch((void *)0x7000, stream);
}

static void host_to_device(void)
{
	call.host_to_device(memory, &memory, (size_t)4096, stream);
}

static void event_record(void)
{
	call.event_record(event, stream);
}

static void stream_query(void)
{
	call.stream_query(stream);
}

static void stream_synchronize(void)
{
	call.stream_synchronize(stream);
}

static void alloc(void)
{
	call.alloc(&memory, (size_t)4096);
}

static void step(void)
{
	call.device_to_host(&memory, memory, (size_t)4, stream);
	call.stream_synchronize(stream);
}

/* One with work in it: without, a read-back ends no step. */
static void working_step(void)
{
	launch();
	step();
}

static void emulated(void)
{
	call.emulated();
}

static void nop5(void)
{
	call.nop5();
}

static void stepped(void)
{
	call.stepped();
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "launch", launch },
	{ "launch_ex", launch_ex },
	{ "graph_launch", graph_launch },
	{ "host_to_device", host_to_device },
	{ "event_record", event_record },
	{ "stream_query", stream_query },
	{ "stream_synchronize", stream_synchronize },
	{ "alloc", alloc },
	{ "step", step },
	{ "working_step", working_step },
	{ "emulated", emulated },
	{ "nop5", nop5 },
	{ "stepped", stepped },
};

static void (*find_case(const char *name))(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!strcmp(cases[i].name, name))
			return cases[i].run;
	fprintf(stderr, "target: no case %s\n", name);
	exit(2);
}

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void work(long turns)
{
	for (long i = 0; i < turns; i++)
		__asm__ volatile("");
}

/* Turns of work() that take so long. */
static long turns_of(long busy_ns)
{
	const long probe = 1000000;
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 20; i++) {
		uint64_t start = now_ns();

		work(probe);
		uint64_t took = now_ns() - start;

		best = took < best ? took : best;
	}
	return (long)((double)probe * (double)busy_ns / (double)best);
}

/* Frames below main(). */
#define DEPTH 40
#define SLICE_NS 1000000

static void hold_rate(void (*run)(void), long calls_per_second, long ms)
{
	const uint64_t start = now_ns();
	long made = 0;

	for (long slice = 1; slice <= ms; slice++) {
		const uint64_t until = start + (uint64_t)slice * SLICE_NS;

		for (const long due = calls_per_second * slice / 1000; made < due; made++)
			run();
		while (now_ns() < until) {
			const struct timespec moment = { .tv_sec = (time_t)(until / 1000000000),
							 .tv_nsec = (long)(until % 1000000000) };

			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL);
		}
	}
	printf("%ld", made);
}

static void time_case(void (*run)(void), long turns, int batches, int calls)
{
	double took[256];

	for (int i = 0; i < 100; i++)
		run();
	for (int batch = 0; batch < batches && batch < 256; batch++) {
		uint64_t start = now_ns();

		for (int i = 0; i < calls; i++) {
			run();
			if (turns)
				work(turns);
		}
		took[batch] = (double)(now_ns() - start) / calls;
	}
	for (int batch = 0; batch < batches && batch < 256; batch++)
		printf("%.2f ", took[batch]);
}

static void answer(const char *line, void *library);

/* Each level is a frame of its own, which a walk of the stack passes. */
__attribute__((noinline)) static void descend(int levels, const char *line, void *library)
{
	if (levels > 0)
		descend(levels - 1, line, library);
	else
		answer(line, library);
	__asm__ volatile("");
}

/* Where a function lies in the file it was mapped from. */
static unsigned long file_offset(void *library, const char *name)
{
	unsigned long address = (unsigned long)dlsym(library, name), start, end, offset, found = 0;
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");

	while (address && maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 && address >= start && address < end)
			found = address - start + offset;
	if (maps)
		fclose(maps);
	return found;
}

static void take_processor(void)
{
	struct sched_param parameters = { .sched_priority = 1 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((int)sysconf(_SC_NPROCESSORS_ONLN) - 1, &set);
	sched_setaffinity(0, sizeof(set), &set);
	sched_setscheduler(0, SCHED_FIFO, &parameters);
}

static void answer(const char *line, void *library)
{
	int batches, calls;
	char name[64];
	long number, ms;

	if (sscanf(line, "offset %63s", name) == 1)
		printf("%lu", file_offset(library, name));
	else if (sscanf(line, "time %63s %d %d", name, &batches, &calls) == 3)
		time_case(find_case(name), 0, batches, calls);
	else if (sscanf(line, "paced %63s %ld %d %d", name, &number, &batches, &calls) == 4)
		time_case(find_case(name), turns_of(number), batches, calls);
	else if (sscanf(line, "rate %63s %ld %ld", name, &number, &ms) == 3)
		hold_rate(find_case(name), number, ms);
	printf("\n");
	fflush(stdout);
}

int main(int count, char **arguments)
{
	void *library = count == 2 ? dlopen(arguments[1], RTLD_NOW) : NULL;
	char line[128];

	if (!library) {
		fprintf(stderr, "target: cannot load the library: %s\n", count == 2 ? dlerror() : "name it");
		return 2;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		*names[i].to = (function)dlsym(library, names[i].name);
	take_processor();
	while (fgets(line, sizeof(line), stdin))
		descend(DEPTH, line, library);
	return 0;
}
