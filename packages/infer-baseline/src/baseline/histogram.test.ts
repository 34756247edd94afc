import { histogramBounds } from '@ingero/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketIndex, STEP_DURATION_BOUNDS_NS } from './histogram';

test('the default bounds are those of the contract, geometric from 100 µs to 10 s', () => {
	expect(STEP_DURATION_BOUNDS_NS).toEqual(histogramBounds['ingero.infer.step_duration_ns']);
	expect(STEP_DURATION_BOUNDS_NS).toEqual(Array.from({ length: 15 }, (_, i) => Math.round(1e5 * 1e5 ** (i / 14))));
});

test('a value belongs to the first bound that is not below it', () => {
	const ascending = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1 });
	fc.assert(
		fc.property(ascending, fc.integer({ min: -1, max: 1002 }), (bounds, value) => {
			const sorted = bounds.sort((a, b) => a - b);
			const scan = sorted.findIndex((bound) => value <= bound);
			expect(bucketIndex(Float64Array.from(sorted), Float64Array.of(value))).toBe(scan === -1 ? sorted.length : scan);
		}),
	);
});
