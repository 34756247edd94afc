import { OperationKind } from '@ingero/steps';
import { describe, expect, it } from 'vitest';
import { PROBED_FUNCTIONS, type ProbedFunction } from '../functions';
import { probedFunctions } from '../memory-functions';
import { attachCookie } from './cookie';

const named = (name: string) => PROBED_FUNCTIONS.find((probed) => probed.name === name) as ProbedFunction;

/** Bits `first` to `last` of a cookie. */
const bits = (cookie: bigint, first: number, last: number) =>
	Number((cookie >> BigInt(first)) & ((1n << BigInt(last - first + 1)) - 1n));

describe('attachCookie', () => {
	it('says of a copy where its arguments, its stream and its size are', () => {
		const cookie = attachCookie(named('cuMemcpyHtoDAsync_v2'), { perThread: true, stackShiftBytes: 0 });
		expect(bits(cookie, 0, 15)).toBe(20);
		expect(bits(cookie, 16, 23)).toBe(OperationKind.copyHostToDevice);
		expect(bits(cookie, 24, 24)).toBe(1);
		expect(bits(cookie, 25, 27)).toBe(0);
		expect([bits(cookie, 28, 31), bits(cookie, 32, 35), bits(cookie, 36, 39)]).toEqual([1, 4, 3]);
		expect(bits(cookie, 40, 43)).toBe(4);
		expect(bits(cookie, 44, 47)).toBe(3);
		expect(bits(cookie, 48, 63)).toBe(0);
	});

	it('marks the default stream of a blocking copy, and an unused argument', () => {
		const blocking = attachCookie(named('cuMemcpyDtoH_v2'), { perThread: false, stackShiftBytes: 0 });
		expect(bits(blocking, 24, 24)).toBe(0);
		expect(bits(blocking, 32, 35)).toBe(15);
		expect(bits(blocking, 40, 43)).toBe(15);
		const wait = attachCookie(named('cuCtxSynchronize'), { perThread: false, stackShiftBytes: 0 });
		expect(bits(wait, 28, 47)).toBe(0);
	});

	it('marks a third argument of 32 bits', () => {
		const withFlags = attachCookie(named('cuStreamWaitEvent'), { perThread: false, stackShiftBytes: 0 });
		expect(bits(withFlags, 25, 25)).toBe(1);
	});

	it('marks what tells of memory, and the call that asks whether it is the first', () => {
		const plain = { perThread: false, stackShiftBytes: 0 };
		const marks = probedFunctions(true).map((probed) => [probed.name, bits(attachCookie(probed, plain), 26, 27)]);
		expect(marks.filter(([, mark]) => mark !== 0).toSorted()).toEqual(
			[
				['cuInit', 3],
				...probedFunctions(true)
					.filter(({ name }) => name.startsWith('cuMem') && !/^cuMem(cpy|set)/.test(name))
					.map(({ name }) => [name, 1]),
			].toSorted(),
		);
		for (const probed of PROBED_FUNCTIONS) expect(bits(attachCookie(probed, plain), 26, 27)).toBe(0);
	});

	it('carries the stack shift, and stays within 64 bits', () => {
		const cookie = attachCookie(named('cuLaunchKernel'), { perThread: false, stackShiftBytes: 0xffff });
		expect(bits(cookie, 48, 63)).toBe(0xffff);
		expect(cookie < 1n << 64n).toBe(true);
	});

	it('differs for any two functions and variants', () => {
		const cookies = PROBED_FUNCTIONS.flatMap((probed) =>
			[false, true].map((perThread) => attachCookie(probed, { perThread, stackShiftBytes: 0 })),
		);
		expect(new Set(cookies).size).toBe(2 * PROBED_FUNCTIONS.length);
	});
});
