/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the target share: the libraries it has loaded, and its commands. */
#ifndef TARGET_H
#define TARGET_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "cuda_driver.h"

#define MS 1000000ULL
#define PAGE ((size_t)2 << 20)
#define KERNEL(n) ((CUfunction)(uintptr_t)(0x581000000000 + (n)))
#define DEVICE_ADDRESS ((CUdeviceptr)0x7f2000000000)
/* A handle of nothing. */
#define BAD_HANDLE 0xbad
#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum library { DRIVER, RUNTIME, NCCL, LIBRARIES };

/* A function of a library that was opened; ends the program where it is missing. */
void *find(enum library library, const char *name);

/* Calls a function through its symbol. */
#define CALL_IN(library, name) ((__typeof__(name) *)find(library, #name))
#define CALL(name) CALL_IN(DRIVER, name)
#define MUST(call)                                                              \
	do {                                                                    \
		const int result = (call);                                      \
		if (result) {                                                   \
			fprintf(stderr, "target: %s gave %d\n", #call, result); \
			exit(1);                                                \
		}                                                               \
	} while (0)
/* The call is refused, or the program ends. */
#define MUST_NOT(call) MUST(!(call))

CUstream new_stream(void);
void launch_on(CUstream stream, long kernel);
/* Copies `bytes` to the host. */
void read_back(CUstream stream, size_t bytes);

/* Commands; each answers with a line. */
void every(const char *unused);
void copies(const char *unused);
void every_runtime(const char *unused);
void stubs(const char *count);
void capture(const char *unused);
void spoil(const char *unused);
void recapture(const char *count);
void communicators(const char *unused);
void collectives(const char *unused);
void reduce(const char *count);
void backward(const char *count);

#endif
