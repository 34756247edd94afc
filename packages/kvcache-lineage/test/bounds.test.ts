import { expect, test } from 'vitest';
import { AllocationLineage, type LineageOptions } from '../src/index';

const MS = 1e6;

function mallocs(lineage: AllocationLineage, pid: number, count: number): void {
	for (let i = 0; i < count; i++) {
		lineage.allocated({ pid, kind: 'device', pointer: 2 ** 46 + i * 512, bytes: 512, tNs: i * MS });
	}
}

test('of 100,000 live allocations the 64 oldest and the newest 8,128 are kept', () => {
	const lineage = new AllocationLineage();
	mallocs(lineage, 1, 100_000);
	const ages = lineage.oldestAgesMs(1, 100_000 * MS, 100_000);
	const age = (i: number) => 100_000 - i;
	expect(ages).toEqual([
		...Array.from({ length: 64 }, (_, i) => age(i)),
		...Array.from({ length: 8128 }, (_, i) => age(100_000 - 8128 + i)),
	]);
	expect(lineage.counters.overflowed).toBe(100_000 - 8192);
});

test('when kept ones are freed, the next oldest take their place', () => {
	const lineage = new AllocationLineage({ maxPerProcess: 4, oldestKept: 2 });
	mallocs(lineage, 1, 5);
	lineage.freed({ pid: 1, pointer: 2 ** 46, tNs: 5 * MS });
	for (const i of [5, 6, 7]) {
		lineage.allocated({ pid: 1, kind: 'device', pointer: 2 ** 46 + i * 512, bytes: 512, tNs: i * MS });
	}
	// 2 fell to 4, 0 was freed; 1 and 3 are now the oldest two and stay.
	expect(lineage.oldestAgesMs(1, 10 * MS)).toEqual([9, 7, 4, 3]);
});

test('42 bytes a live allocation at the bound, 46 at most at any', () => {
	const lineage = new AllocationLineage();
	mallocs(lineage, 1, 100_000);
	expect(lineage.byteLength).toBe(8192 * 42 + 576);
	for (const maxPerProcess of [1, 3, 33, 5000, 8193]) {
		const other = new AllocationLineage({ maxPerProcess });
		mallocs(other, 1, maxPerProcess + 10);
		expect(other.byteLength).toBeLessThanOrEqual(maxPerProcess * 46 + 576);
	}
});

test('a process with few allocations costs less than 2 KiB, and every process of the bound not more', () => {
	const lineage = new AllocationLineage();
	for (let pid = 1; pid <= 1000; pid++) mallocs(lineage, pid, 20);
	expect(lineage.processCount).toBe(256);
	expect(lineage.byteLength).toBeLessThanOrEqual(256 * 2048);
});

test('come and go does not grow the tables', () => {
	const lineage = new AllocationLineage();
	for (let i = 0; i < 50_000; i++) {
		lineage.allocated({ pid: 1, kind: 'async', pointer: 2 ** 46 + i * 256, bytes: 256, tNs: i });
		if (i >= 10) lineage.freed({ pid: 1, pointer: 2 ** 46 + (i - 10) * 256, tNs: i });
	}
	expect(lineage.size).toBe(10);
	expect(lineage.byteLength).toBeLessThanOrEqual(2048);
});

test.for<[LineageOptions, RegExp]>([
	[{ maxPerProcess: 0 }, /^maxPerProcess: expected an integer from 1 to 1073741824, received 0$/],
	[{ maxProcesses: 1.5 }, /^maxProcesses: .* received 1\.5$/],
	[{ oldestKept: -1 }, /^oldestKept: .* received -1$/],
	[{ maxPerProcess: 10, oldestKept: 10 }, /^oldestKept: expected an integer from 0 to 9, received 10$/],
	[{ seesEndsOf: ['host' as 'device'] }, /^seesEndsOf: expected any of device, managed, async, mapped, received host$/],
	[{ seesEndsOf: 'device' as unknown as [] }, /^seesEndsOf: expected an array of kinds, received device$/],
])('%o is refused by name and value', ([options, message]) => {
	const make = () => new AllocationLineage(options);
	expect(make).toThrow(TypeError);
	expect(make).toThrow(message);
});

test('a small bound needs no other option', () => {
	const lineage = new AllocationLineage({ maxPerProcess: 1 });
	mallocs(lineage, 1, 3);
	expect(lineage.oldestAgesMs(1, 3 * MS)).toEqual([1]);
});
