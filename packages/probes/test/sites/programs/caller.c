/* SPDX-License-Identifier: Apache-2.0 */
/* Calls every function that its arguments name so many times, and says which gave a wrong number. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#define CALLS 50

typedef long (*function)(long, long, long, long, long, long, long, long, long);

__attribute__((visibility("default"))) volatile long sink;

__attribute__((noinline, visibility("default"))) long elsewhere(long a, long b, long c, long d, long e, long f, long g,
								long h, long i)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i;
}

int main(int count, char **names)
{
	int wrong = 0;

	for (int n = 1; n < count; n++) {
		const function called = (function)dlsym(RTLD_DEFAULT, names[n]);

		if (!called) {
			printf("no %s\n", names[n]);
			return 1;
		}
		for (long call = 0; call < CALLS; call++) {
			const long x = n * 1000 + call;
			const long result = called(x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, x + 7, x + 8);
			const long expected = elsewhere(x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, x + 7, x + 8);

			if (result != expected && wrong++ < 10)
				printf("%s: call %ld gave %ld, not %ld\n", names[n], call, result, expected);
		}
	}
	return wrong != 0;
}
