import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { handleKey, handleValue } from './handle';

const word = fc.integer({ min: 0, max: 0xffff_ffff });

describe('handles', () => {
	test('keep all 64 bits as a value', () => {
		expect(handleValue(0, 0)).toBe(0n);
		expect(handleValue(0xffff_ffff, 0xffff_ffff)).toBe(2n ** 64n - 1n);
		expect(handleValue(0, 0x8000_0000)).toBe(2n ** 63n);
		fc.assert(
			fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (value) => {
				expect(handleValue(Number(value & 0xffff_ffffn), Number(value >> 32n))).toBe(value);
			}),
		);
	});

	test('are exact as a key below 2^53', () => {
		fc.assert(
			fc.property(word, fc.nat(0x1f_ffff), (low, high) => {
				expect(BigInt(handleKey(low, high))).toBe(handleValue(low, high));
			}),
		);
		expect(handleKey(0xffff_ffff, 0x1f_ffff)).toBe(Number.MAX_SAFE_INTEGER);
	});

	test('of the highest thread still have a key of their own: a per-thread default stream is tid << 32 | 2', () => {
		const highestTid = 4_194_303;
		for (const tid of [2_097_151, 2_097_152, highestTid]) {
			expect(BigInt(handleKey(2, tid))).toBe(handleValue(2, tid));
			expect(handleKey(2, tid)).not.toBe(handleKey(2, tid - 1));
		}
	});

	test('above that keep their order, with neighbours rounded together', () => {
		const wide = fc.bigInt(2n ** 53n, 2n ** 64n - 1n);
		fc.assert(
			fc.property(wide, wide, (a, b) => {
				const key = (value: bigint) => handleKey(Number(value & 0xffff_ffffn), Number(value >> 32n));
				if (a <= b) expect(key(a)).toBeLessThanOrEqual(key(b));
				else expect(key(a)).toBeGreaterThanOrEqual(key(b));
				expect(Math.abs(key(a) / Number(a) - 1)).toBeLessThanOrEqual(2 ** -52);
			}),
		);
	});
});
