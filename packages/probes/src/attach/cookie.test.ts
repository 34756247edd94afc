import { OperationKind } from '@ingero/steps';
import { describe, expect, it } from 'vitest';
import { type ProbedFunction, probedFunctions } from '../functions';
import { attachCookie } from './cookie';

const ALL = probedFunctions({ memory: true, runtime: true, nccl: true });
const named = (name: string) => ALL.find((probed) => probed.name === name) as ProbedFunction;

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
		expect(bits(wait, 28, 48)).toBe(0);
	});

	it('marks a third argument of 32 bits', () => {
		const withFlags = attachCookie(named('cuStreamWaitEvent'), { perThread: false, stackShiftBytes: 0 });
		expect(bits(withFlags, 25, 25)).toBe(1);
	});

	it('marks what is told whatever the admission, and the call that asks whether it is the first', () => {
		for (const probed of ALL) {
			const cookie = attachCookie(probed, { perThread: false, stackShiftBytes: 0 });
			expect([probed.name, bits(cookie, 26, 26)]).toEqual([probed.name, probed.isTold ? 1 : 0]);
			expect([probed.name, bits(cookie, 27, 27)]).toEqual([probed.name, probed.name === 'cuInit' ? 1 : 0]);
		}
	});

	it('says what a call returns and writes, and where', () => {
		const allocation = attachCookie(named('cuMemAlloc_v2'), { perThread: false, stackShiftBytes: 0 });
		expect([bits(allocation, 49, 50), bits(allocation, 51, 52), bits(allocation, 53, 55)]).toEqual([3, 2, 1]);
		const wait = attachCookie(named('cuStreamSynchronize'), { perThread: false, stackShiftBytes: 0 });
		expect([bits(wait, 49, 50), bits(wait, 51, 52), bits(wait, 53, 55)]).toEqual([3, 0, 0]);
		const copy = attachCookie(named('cuMemcpyHtoDAsync_v2'), { perThread: false, stackShiftBytes: 0 });
		expect(bits(copy, 49, 55)).toBe(0);
	});

	it('asks for the stack where a parameter may lie there, and nowhere else', () => {
		const deep = ALL.filter((probed) => bits(attachCookie(probed, { perThread: false, stackShiftBytes: 0 }), 48, 48));
		expect(deep.map(({ name }) => name).sort()).toEqual([
			'cudaMemcpy2D',
			'cudaMemcpy2DAsync',
			'ncclAllReduce',
			'ncclBroadcast',
			'ncclGather',
			'ncclReduce',
			'ncclReduceScatter',
			'ncclScatter',
		]);
	});

	it('carries the stack shift in slots, and stays within 64 bits', () => {
		const cookie = attachCookie(named('cuLaunchKernel'), { perThread: false, stackShiftBytes: 2040 });
		expect(bits(cookie, 56, 63)).toBe(255);
		expect(cookie < 1n << 64n).toBe(true);
		for (const stackShiftBytes of [2048, -8, 4]) {
			expect(() => attachCookie(named('cuLaunchKernel'), { perThread: false, stackShiftBytes })).toThrow(RangeError);
		}
	});

	it('differs for any two functions and variants', () => {
		const cookies = ALL.flatMap((probed) =>
			[false, true].map((perThread) => attachCookie(probed, { perThread, stackShiftBytes: 0 })),
		);
		expect(new Set(cookies).size).toBe(2 * ALL.length);
	});
});
