import { expect, test } from 'vitest';
import { outlierBucket } from './bucket';

test.each([
	[1.499, 3, null],
	[1.5, 3, '1.5x'],
	[1.999, 3, '1.5x'],
	[2, 3, '2x'],
	[2.999, 3, '2x'],
	[3, 3, '3x'],
	[4.5, 5, '2x'],
	[5, 5, '3x'],
	[2.5, 2.5, '3x'],
	[1.19, 1.2, null],
	[1.2, 1.2, '3x'],
	[Number.NaN, 3, null],
	[Number.POSITIVE_INFINITY, 3, '3x'],
])('ratio %d with 3x from %d: %s', (ratio, top, bucket) => {
	expect(outlierBucket(ratio, top)).toBe(bucket);
});
