import { describe, expect, test } from 'vitest';
import { type Allocated, AllocationLineage } from '../src/index';

const MS = 1e6;
const A = 0x7f12e2000000;

function malloc(lineage: AllocationLineage, event: Partial<Allocated> = {}): void {
	lineage.allocated({ pid: 1, kind: 'device', pointer: A, bytes: 4096, tNs: 0, ...event });
}

describe('ages', () => {
	test('whole ms, cut, oldest first, five unless told', () => {
		const lineage = new AllocationLineage();
		for (let i = 0; i < 8; i++) malloc(lineage, { pointer: A + i, tNs: i * 1.25 * MS });
		const atNs = 10 * MS + 999_999;
		expect(lineage.oldestAgesMs(1, atNs)).toEqual([10, 9, 8, 7, 5]);
		expect(lineage.oldestAgesMs(1, atNs, 2)).toEqual([10, 9]);
		expect(lineage.oldestAgesMs(1, atNs, 100)).toHaveLength(8);
	});

	test('none for a process that is not known, and none if none are asked for', () => {
		const lineage = new AllocationLineage();
		malloc(lineage);
		expect(lineage.oldestAgesMs(2, 5 * MS)).toEqual([]);
		expect(lineage.summary(2, 5 * MS)).toBeUndefined();
		for (const topN of [0, -1, Number.NaN]) expect(lineage.oldestAgesMs(1, 5 * MS, topN)).toEqual([]);
	});

	test('0 for what was allocated after the moment asked about', () => {
		const lineage = new AllocationLineage();
		malloc(lineage, { tNs: 9 * MS });
		expect(lineage.oldestAgesMs(1, 5 * MS)).toEqual([0]);
		expect(lineage.summary(1, 5 * MS)).toMatchObject({ oldestSegmentAgeMs: 0, quietMs: 0 });
	});

	test('a late allocation takes the place of its time', () => {
		const lineage = new AllocationLineage();
		for (const [i, ms] of [1, 5, 3].entries()) malloc(lineage, { pointer: A + i, tNs: ms * MS });
		expect(lineage.oldestAgesMs(1, 10 * MS)).toEqual([9, 7, 5]);
		expect(lineage.summary(1, 10 * MS)).toMatchObject({ quietMs: 5, newestSegmentAgeMs: 5 });
	});
});

describe('what is not an allocation', () => {
	test('a call that CUDA refused changes nothing', () => {
		const lineage = new AllocationLineage();
		malloc(lineage, { result: 2 });
		expect(lineage.summary(1, 0)).toBeUndefined();
		malloc(lineage);
		lineage.freed({ pid: 1, pointer: A, tNs: MS, result: 1 });
		expect(lineage.oldestAgesMs(1, 2 * MS)).toEqual([2]);
		expect(lineage.counters).toMatchObject({ failed: 2, allocated: 1, freed: 0 });
	});

	test('address 0 is ignored on both sides', () => {
		const lineage = new AllocationLineage();
		malloc(lineage, { pointer: 0 });
		lineage.freed({ pid: 1, pointer: 0, tNs: 0 });
		lineage.unmapped({ pid: 1, pointer: 0, bytes: 4096, tNs: 0 });
		expect(lineage.counters).toMatchObject({ nullPointers: 3, allocated: 0, unknownFrees: 0 });
		expect(lineage.processCount).toBe(0);
	});

	test('no number is too odd: it is counted', () => {
		const lineage = new AllocationLineage();
		for (const odd of [Number.NaN, Number.POSITIVE_INFINITY]) {
			malloc(lineage, { tNs: odd });
			malloc(lineage, { pointer: odd });
			malloc(lineage, { bytes: odd });
			lineage.freed({ pid: 1, pointer: odd, tNs: 0 });
			lineage.created({ pid: 1, bytes: odd, tNs: 0 });
		}
		malloc(lineage, { bytes: -1 });
		malloc(lineage, { pointer: -1 });
		malloc(lineage, { kind: 'host' as 'device' });
		expect(lineage.counters).toMatchObject({ invalid: 13, allocated: 0 });
		malloc(lineage);
		expect(lineage.oldestAgesMs(1, Number.NaN)).toEqual([]);
		expect(lineage.summary(1, Number.NaN)).toBeUndefined();
	});
});

describe('addresses', () => {
	test('allocated again: the new one replaces the old', () => {
		const lineage = new AllocationLineage();
		malloc(lineage, { bytes: 100 });
		malloc(lineage, { bytes: 300, tNs: 4 * MS });
		expect(lineage.oldestAgesMs(1, 10 * MS)).toEqual([6]);
		expect(lineage.summary(1, 10 * MS)).toMatchObject({ live: { count: 1, bytes: 300 } });
		expect(lineage.counters).toMatchObject({ replaced: 1, allocated: 2 });
	});

	test('freed twice, or never allocated: ignored', () => {
		const lineage = new AllocationLineage();
		malloc(lineage);
		for (const pointer of [A, A, A + 1]) lineage.freed({ pid: 1, pointer, tNs: MS });
		lineage.freed({ pid: 7, pointer: A, tNs: MS });
		expect(lineage.size).toBe(0);
		expect(lineage.counters).toMatchObject({ freed: 1, unknownFrees: 3 });
	});

	test('the same one in two processes is two allocations', () => {
		const lineage = new AllocationLineage();
		malloc(lineage);
		malloc(lineage, { pid: 2, tNs: 3 * MS });
		lineage.freed({ pid: 1, pointer: A, tNs: 4 * MS });
		expect(lineage.oldestAgesMs(1, 5 * MS)).toEqual([]);
		expect(lineage.oldestAgesMs(2, 5 * MS)).toEqual([2]);
	});
});

describe('mapped ranges', () => {
	const GRANULE = 2 * 1024 * 1024;

	test('one call unmaps those that follow each other, as far as it says', () => {
		const lineage = new AllocationLineage();
		for (let i = 0; i < 4; i++)
			malloc(lineage, { kind: 'mapped', pointer: A + i * GRANULE, bytes: GRANULE, tNs: i * MS });
		lineage.unmapped({ pid: 1, pointer: A + GRANULE, bytes: 2 * GRANULE, tNs: 5 * MS });
		expect(lineage.oldestAgesMs(1, 10 * MS)).toEqual([10, 7]);
		lineage.unmapped({ pid: 1, pointer: A + GRANULE, bytes: GRANULE, tNs: 5 * MS });
		expect(lineage.counters).toMatchObject({ freed: 2, unknownFrees: 1 });
	});

	test('a free does not touch them, nor an unmapping other memory', () => {
		const lineage = new AllocationLineage();
		malloc(lineage, { kind: 'mapped', bytes: GRANULE });
		malloc(lineage, { pointer: A + GRANULE, bytes: GRANULE });
		lineage.freed({ pid: 1, pointer: A, tNs: MS });
		lineage.unmapped({ pid: 1, pointer: A + GRANULE, bytes: GRANULE, tNs: MS });
		expect(lineage.size).toBe(2);
		lineage.unmapped({ pid: 1, pointer: A, bytes: 2 * GRANULE, tNs: MS });
		expect(lineage.summary(1, MS)).toMatchObject({ kinds: { mapped: { count: 0 }, device: { count: 1 } } });
	});

	test('physical memory is summed up and never live', () => {
		const lineage = new AllocationLineage();
		for (let i = 0; i < 3; i++) lineage.created({ pid: 1, bytes: GRANULE, tNs: i });
		expect(lineage.summary(1, 0)).toMatchObject({ physical: { count: 3, bytes: 3 * GRANULE }, live: { count: 0 } });
	});
});

describe('kinds whose end is not seen', () => {
	test('are counted and have no age', () => {
		const lineage = new AllocationLineage({ seesEndsOf: ['device', 'managed'] });
		malloc(lineage, { kind: 'async', bytes: 300 });
		malloc(lineage, { pointer: A + 4096, bytes: 500 });
		expect(lineage.oldestAgesMs(1, 5 * MS)).toEqual([5]);
		expect(lineage.summary(1, 5 * MS)).toMatchObject({
			live: { count: 1, bytes: 500 },
			unended: { async: { count: 1, bytes: 300 }, mapped: { count: 0, bytes: 0 } },
		});
		expect(lineage.counters).toMatchObject({ unended: 1, allocated: 1 });
	});
});

describe('processes', () => {
	test('an exit clears what it held', () => {
		const lineage = new AllocationLineage();
		malloc(lineage);
		lineage.forgetProcess(1);
		lineage.forgetProcess(1);
		expect(lineage.oldestAgesMs(1, MS)).toEqual([]);
		expect(lineage.counters).toMatchObject({ forgotten: 1, processEvictions: 0 });
	});

	test('a new one with the same id inherits nothing', () => {
		const lineage = new AllocationLineage();
		malloc(lineage);
		lineage.freed({ pid: 1, pointer: 7, tNs: 0 });
		expect(lineage.summary(1, 0)).toMatchObject({ coverage: 'part' });
		lineage.processStarted(1);
		expect(lineage.summary(1, 0)).toMatchObject({
			coverage: 'whole',
			live: { count: 0 },
			quietMs: null,
			unknownFrees: 0,
		});
	});

	test('beyond the bound the one not used for the longest goes, and being asked about is use', () => {
		const lineage = new AllocationLineage({ maxProcesses: 2 });
		malloc(lineage, { pid: 1 });
		malloc(lineage, { pid: 2 });
		lineage.oldestAgesMs(1, 0);
		malloc(lineage, { pid: 3 });
		expect([1, 2, 3].map((pid) => lineage.summary(pid, 0) !== undefined)).toEqual([true, false, true]);
		expect(lineage.counters).toMatchObject({ processEvictions: 1, forgotten: 1 });
	});
});

describe('coverage', () => {
	test('is of a part, for everybody known, once events were lost', () => {
		const lineage = new AllocationLineage();
		lineage.processStarted(1);
		lineage.eventsLost();
		lineage.processStarted(2);
		expect([1, 2].map((pid) => lineage.summary(pid, 0)?.coverage)).toEqual(['part', 'whole']);
	});

	test('whole only when told, and never against the evidence', () => {
		const lineage = new AllocationLineage({ maxPerProcess: 2 });
		malloc(lineage, { pid: 1 });
		expect(lineage.summary(1, 0)?.coverage).toBe('unknown');
		for (const pid of [2, 3]) {
			lineage.processStarted(pid);
			malloc(lineage, { pid });
			expect(lineage.summary(pid, 0)?.coverage).toBe('whole');
		}
		lineage.freed({ pid: 2, pointer: 12, tNs: 0 });
		lineage.unmapped({ pid: 2, pointer: 12, bytes: 4096, tNs: 0 });
		for (let i = 0; i < 3; i++) malloc(lineage, { pid: 3, pointer: A + i });
		expect([2, 3].map((pid) => lineage.summary(pid, 0))).toMatchObject([
			{ coverage: 'part', unknownFrees: 2 },
			{ coverage: 'part', overflowed: 1 },
		]);
	});
});
