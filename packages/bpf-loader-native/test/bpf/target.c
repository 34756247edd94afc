/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program to probe. Reads one command a line and answers each with one line:
 *   offsets                 file offsets of all sites, separated by spaces
 *   call SITE COUNT         calls a site
 *   threads SITE COUNT N    calls it COUNT times on each of N threads
 *   recurse DEPTH           calls a function that calls itself
 *   layout                  offset and size of each field of struct layout_record, as the C compiler sees it
 * Ends at the end of its input.
 */
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"

#define SITES(SITE)                                                                                                    \
	SITE(00) SITE(01) SITE(02) SITE(03) SITE(04) SITE(05) SITE(06) SITE(07) SITE(08) SITE(09)                      \
	SITE(10) SITE(11) SITE(12) SITE(13) SITE(14) SITE(15) SITE(16) SITE(17) SITE(18) SITE(19)                      \
	SITE(20) SITE(21) SITE(22) SITE(23) SITE(24) SITE(25) SITE(26) SITE(27) SITE(28) SITE(29)                      \
	SITE(30) SITE(31) SITE(32) SITE(33) SITE(34) SITE(35) SITE(36) SITE(37) SITE(38) SITE(39)

/* A register that a function must save, so that each begins with a push, which the kernel emulates. */
#if defined(__x86_64__)
#define SAVED_REGISTER "rbx"
#else
#define SAVED_REGISTER "x19"
#endif

/* Distinct bodies, so that no compiler folds two sites into one. */
#define DEFINE_SITE(number)                                                                                            \
	int site_##number(int argument);                                                                               \
	__attribute__((noinline)) int site_##number(int argument)                                                      \
	{                                                                                                              \
		__asm__ volatile("" : "+r"(argument)::SAVED_REGISTER);                                                                 \
		return argument + 1##number;                                                                           \
	}
SITES(DEFINE_SITE)

#define NAME_SITE(number) site_##number,
static int (*const sites[])(int) = { SITES(NAME_SITE) };
#define SITE_COUNT (sizeof(sites) / sizeof(sites[0]))

int site_recursive(int depth);
__attribute__((noinline)) int site_recursive(int depth)
{
	int below = depth > 1 ? site_recursive(depth - 1) : 0;

	__asm__ volatile("" : "+r"(below));
	return below + 1;
}

/* Where an address lies in the file it was mapped from. */
static unsigned long file_offset(const void *address)
{
	unsigned long start, end, offset, found = 0;
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 && (unsigned long)address >= start &&
		    (unsigned long)address < end)
			found = (unsigned long)address - start + offset;
	}
	if (maps)
		fclose(maps);
	return found;
}

struct job {
	size_t site;
	long count;
};

static void *run(void *argument)
{
	const struct job *job = argument;

	for (long i = 0; i < job->count; i++)
		sites[job->site]((int)i);
	return NULL;
}

static void run_threads(struct job job, int count)
{
	pthread_t threads[64];

	for (int i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, run, &job);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

#define PRINT_FIELD(field)                                                                                             \
	printf(#field ":%zu:%zu ", offsetof(struct layout_record, field), sizeof(((struct layout_record *)0)->field));

int main(void)
{
	char line[128];
	struct job job;
	int number;

	while (fgets(line, sizeof(line), stdin)) {
		if (!strncmp(line, "offsets", 7)) {
			for (size_t i = 0; i < SITE_COUNT; i++)
				printf("%lu ", file_offset((const void *)sites[i]));
		} else if (sscanf(line, "call %zu %ld", &job.site, &job.count) == 2 && job.site < SITE_COUNT) {
			run(&job);
		} else if (sscanf(line, "threads %zu %ld %d", &job.site, &job.count, &number) == 3 &&
			   job.site < SITE_COUNT && number <= 64) {
			run_threads(job, number);
		} else if (sscanf(line, "recurse %d", &number) == 1) {
			printf("%d", site_recursive(number));
		} else if (!strncmp(line, "layout", 6)) {
			LAYOUT_FIELDS(PRINT_FIELD)
			printf("size:%zu", sizeof(struct layout_record));
		}
		printf("\n");
		fflush(stdout);
	}
	return 0;
}
