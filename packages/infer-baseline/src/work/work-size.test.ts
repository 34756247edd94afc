import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ledger } from '../../test/serving-loop';
import { isNearWork, largerWork, workSize } from './work-size';

const count = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 2 ** 40 }));
const work = fc.record({
	gridBlocks: count,
	launches: count,
	graphLaunches: fc.constantFrom(0, 1, 30),
	launchesAhead: count,
});

const octaves = (n: number) => (n < 1 ? -1 : Math.floor(2 * Math.log2(n)));

test('steps share a size exactly when each of their counts shares its half power of two', () => {
	const places = ({ gridBlocks, launches, graphLaunches, launchesAhead }: ReturnType<typeof ledger>) => [
		octaves(gridBlocks),
		octaves(launches + graphLaunches),
		(octaves(launchesAhead as number) + 1) >> 2,
		graphLaunches > 0,
	];
	fc.assert(
		fc.property(work, work, (a, b) => {
			const [left, right] = [ledger(a), ledger(b)];
			expect(workSize(left) === workSize(right)).toBe(String(places(left)) === String(places(right)));
			expect(workSize(left)).toBeLessThan(2 ** 21);
		}),
	);
});

describe('neighbours', () => {
	const size = (gridBlocks: number, launches = 100, graphLaunches = 0) =>
		workSize(ledger({ gridBlocks, launches, graphLaunches }));

	test('largerWork is the size of twice the blocks two steps up', () => {
		expect(largerWork(size(1000), 2, 0)).toBe(size(2000));
		expect(largerWork(size(1000), -2, 2)).toBe(size(500, 200));
	});

	test('near work differs by a growing context, a request more or less, and not by graphs', () => {
		expect(isNearWork(size(1000), size(1400))).toBe(true);
		expect(isNearWork(size(1000), size(2000))).toBe(false);
		expect(isNearWork(size(1000, 100), size(1000, 10))).toBe(false);
		expect(isNearWork(size(1000, 2), size(1000, 1, 1))).toBe(false);
	});
});
