import type { StepVerdict } from '@ingero/infer-baseline';
import { probedOperations } from '@ingero/probes';
import { type LossLedger, type OperationDescription, SourceClock } from '@ingero/steps';
import { expect, test } from 'vitest';
import { AllocationFeed } from './allocation-feed';

const MS = 1e6;
const GIB = 2 ** 30;
const PID = 7;

type Operations = ReadonlyMap<number, OperationDescription>;

/** A feed that is told of calls by their names and arguments, at times in ms. */
class Told {
	readonly feed = new AllocationFeed({ topN: 2, maxPerProcess: 100 });
	readonly dropped: Record<string, number> = {};
	readonly #operations: Operations;

	constructor(operations: Operations = probedOperations({ memory: true }), baseNs = 1n) {
		this.#operations = operations;
		const losses = (): LossLedger => ({
			produced: 0,
			delivered: 0,
			sampledOut: 0,
			dropped: this.dropped,
			ledgers: { delivered: 0, dropped: {} },
		});
		this.feed.opened({ clock: new SourceClock(baseNs), operations }, losses);
	}

	call(atMs: number, name: string, ...args: readonly number[]): this {
		const code = [...this.#operations].find(([, operation]) => operation.name === name)?.[0] ?? expect.fail();
		const words = new Uint32Array(12);
		words[3] = PID;
		words[5] = code;
		args.forEach((value, i) => {
			words[6 + 2 * i] = value % 2 ** 32;
			words[7 + 2 * i] = value / 2 ** 32;
		});
		this.feed.memoryCall(words, 0, atMs * MS);
		return this;
	}

	at(ms: number): ReturnType<AllocationFeed['kvCache']> {
		this.feed.advance(ms * MS);
		return this.feed.kvCache({ pid: PID, endNs: ms * MS } as StepVerdict);
	}
}

test('every way to take and to give back memory is followed', () => {
	const told = new Told()
		.call(0, 'cuInit', 0, 1)
		.call(1, 'cuMemAlloc_v2', 100, 0x7f00_0000_1000, 0)
		.call(2, 'cuMemAllocManaged', 200, 0x7f00_0000_2000, 0)
		.call(3, 'cuMemAllocAsync', 300, 0x7f00_0000_3000, 5)
		.call(4, 'cuMemAllocFromPoolAsync', 400, 0x7f00_0000_4000, 5)
		.call(5, 'cuMemCreate', 500, 9, 0)
		.call(6, 'cuMemMap', 0x7e00_0000_0000, 500, 0);
	expect(told.at(10)).toMatchObject({ agesMs: [9, 8], coverage: 'whole', liveAllocations: 5, liveBytes: 1500 });
	told
		.call(11, 'cuMemFree_v2', 0x7f00_0000_1000)
		.call(12, 'cuMemFree_v2', 0x7f00_0000_2000)
		.call(13, 'cuMemFreeAsync', 0x7f00_0000_3000, 5)
		.call(14, 'cuMemUnmap', 0x7e00_0000_0000, 500);
	expect(told.at(20)).toMatchObject({
		agesMs: [16],
		coverage: 'whole',
		liveAllocations: 1,
		liveBytes: 400,
		quietMs: 6,
	});
	expect(told.feed.counters).toMatchObject({ allocated: 5, freed: 4, live: 1, unknownFrees: 0 });
	expect(told.feed.agesMs).toMatchObject({ counts: [2, 1, ...new Array(14).fill(0)], sum: 33 });
});

test('what CUDA refused is not there: by its result, or by address 0 where that is not recorded', () => {
	const told = new Told()
		.call(1, 'cuMemAlloc_v2', 80 * GIB, 0, 2)
		.call(2, 'cuMemAllocAsync', 80 * GIB, 0, 5)
		.call(3, 'cuMemCreate', 80 * GIB, 0, 2)
		.call(4, 'cuMemMap', 0x7e00_0000_0000, 80 * GIB, 1);
	expect(told.at(10)).toBeUndefined();
	expect(told.feed.counters).toMatchObject({ allocated: 0, failed: 4 });
});

test('what has no end, or no address, in an older recording is never taken for live', () => {
	const older: Operations = new Map([
		[50, { name: 'cuMemAlloc_v2', args: ['bytes', 'device_pointer', 'return_code'] }],
		[51, { name: 'cuMemFree_v2', args: ['device_pointer', '-', '-'] }],
		[53, { name: 'cuMemMap', args: ['pointer', 'bytes', '-'] }],
		[56, { name: 'cuMemAllocAsync', args: ['pointer_out', 'bytes', 'stream'] }],
		[57, { name: 'cuMemFreeAsync', args: ['device_pointer', 'stream', '-'] }],
	]);
	const told = new Told(older)
		.call(1, 'cuMemAlloc_v2', 100, 0x7f00_0000_1000, 0)
		.call(2, 'cuMemAllocAsync', 0x7ffc_0000_0000, 1000, 5)
		.call(3, 'cuMemMap', 0x7e00_0000_0000, 1000);
	expect(told.at(10)).toMatchObject({ agesMs: [9], liveAllocations: 1, granularity: 'unknown', coverage: 'unknown' });
	expect(told.feed.counters).toMatchObject({ allocated: 1, unended: 2 });
});

test('what comes after the end of a step is not its memory, though it came before the step was looked at', () => {
	const told = new Told()
		.call(1, 'cuMemAlloc_v2', 100, 0x7f00_0000_1000, 0)
		.call(2, 'cuMemAlloc_v2', 100, 0x7f00_0000_2000, 0)
		.call(5, 'cuMemFree_v2', 0x7f00_0000_1000)
		.call(6, 'cuMemAlloc_v2', 100, 0x7f00_0000_3000, 0);
	told.feed.processExited(PID);
	expect(told.at(4)).toMatchObject({ agesMs: [3, 2], liveAllocations: 2, quietMs: 2 });
	expect(told.at(5)).toMatchObject({ agesMs: [3], liveAllocations: 1, quietMs: 0 });
	expect(told.at(6)).toBeUndefined();
	expect(told.feed.counters).toMatchObject({ allocated: 3, freed: 1, forgotten: 2, live: 0 });
});

test('of a process without steps only so much is held back', () => {
	const told = new Told();
	for (let i = 0; i < 20_000; i++) told.call(i, 'cuMemAlloc_v2', 1, 0x7f00_0000_0000 + 256 * i, 0);
	// Older ones have been passed on before they were asked about.
	expect(told.at(0)?.liveAllocations).toBe(100);
	expect(told.at(20_000)?.agesMs).toEqual([20_000, 19_999]);
	expect(told.feed.counters).toMatchObject({ allocated: 20_000, overflowed: 19_900, live: 100 });
});

test('a later call into cuInit says nothing of what was allocated before', () => {
	const told = new Told().call(1, 'cuMemAlloc_v2', 100, 0x7f00_0000_1000, 0).call(2, 'cuInit', 0, 0);
	expect(told.at(3)).toMatchObject({ coverage: 'unknown', liveAllocations: 1 });
});

test('after a loss nobody knows all of a process any more', () => {
	const told = new Told().call(0, 'cuInit', 0, 1).call(1, 'cuMemAlloc_v2', 100, 0x7f00_0000_1000, 0);
	told.dropped.in_flight = 1;
	expect(told.at(2)?.coverage).toBe('whole');
	told.dropped.ring_full = 1;
	expect(told.at(3)?.coverage).toBe('part');
});

test('the minute before is the same, wherever the clock of the source begins', () => {
	const turnover = (baseNs: bigint) => {
		const told = new Told(probedOperations({ memory: true }), baseNs);
		// The same moments on the clock of the source.
		const at = (ms: number) => ms - Number(baseNs) / MS;
		for (let s = 0; s < 90; s++) told.call(at(1000 * s), 'cuMemAllocAsync', 100, 0x7f00_0000_0000 + s * 256, 5);
		return told.at(at(90_000))?.turnover;
	};
	expect(turnover(3_300_000_000n)).toEqual(turnover(1n));
	expect(turnover(1n)).toMatchObject({ allocations: 55, frees: 0, allocatedBytes: 5500 });
});
