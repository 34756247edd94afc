/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of nine numbers as a compiler begins them: with little and much to save, a frame, an array, a loop, a tail call. */
#include <alloca.h>
#include <string.h>

#define NUMBERS long a, long b, long c, long d, long e, long f, long g, long h, long i
#define SUM (a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i)
#define NAMED__(variant, name) variant##_##name
#define NAMED_(variant, name) NAMED__(variant, name)
#define NAMED(name) NAMED_(VARIANT, name)
#define EXPORTED __attribute__((noinline, visibility("default")))

extern volatile long sink;
long elsewhere(NUMBERS);

EXPORTED long NAMED(leaf)(NUMBERS)
{
	return SUM;
}

EXPORTED long NAMED(saves)(NUMBERS)
{
	long before = SUM;

	sink = elsewhere(a, b, c, d, e, f, g, h, i);
	return before + SUM - sink;
}

EXPORTED long NAMED(array)(NUMBERS)
{
	char text[200];

	memset(text, (int)a, sizeof(text));
	sink = text[(unsigned long)b % sizeof(text)];
	return SUM;
}

EXPORTED long NAMED(large)(NUMBERS)
{
	volatile char text[9000];

	text[(unsigned long)a % sizeof(text)] = (char)b;
	return SUM + text[(unsigned long)a % sizeof(text)] - (char)b;
}

EXPORTED long NAMED(varying)(NUMBERS)
{
	char *text = alloca((unsigned long)a % 100 + 1);

	memset(text, 1, (unsigned long)a % 100 + 1);
	sink = text[0];
	return SUM;
}

EXPORTED long NAMED(loops)(NUMBERS)
{
	long sum = 0;

	do {
		sum += elsewhere(b, 0, 0, 0, 0, 0, 0, 0, 0) - b;
	} while (++sink % 7);
	return SUM + sum;
}

EXPORTED long NAMED(early)(NUMBERS)
{
	if (a < 0)
		return sink;
	sink = elsewhere(a, b, c, d, e, f, g, h, i);
	return SUM;
}

EXPORTED long NAMED(tail)(NUMBERS)
{
	return elsewhere(a, b, c, d, e, f, g, h, i);
}

EXPORTED long NAMED(aligned)(NUMBERS)
{
	_Alignas(64) volatile long numbers[8] = { 0 };

	numbers[(unsigned long)a % 8] = b;
	return SUM + numbers[(unsigned long)a % 8] - b;
}
