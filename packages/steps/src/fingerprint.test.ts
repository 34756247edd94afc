import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mix } from '../test/synthetic/oracle';
import { LANE_0_BASE, LANE_1_BASE, mixFunction, power } from './fingerprint';

const word = fc.integer({ min: 0, max: 0xffff_ffff });

describe('power', () => {
	test('is base^exponent mod 2^32', () => {
		fc.assert(
			fc.property(fc.oneof(word, fc.constantFrom(LANE_0_BASE, LANE_1_BASE)), fc.nat(300), (base, exponent) => {
				expect(power(base, exponent)).toBe(Number(BigInt(base) ** BigInt(exponent) % 2n ** 32n));
			}),
		);
	});

	test('turns sums of exponents into products, up to any number of launches', () => {
		const exponent = fc.nat(2 ** 52);
		fc.assert(
			fc.property(word, exponent, exponent, (base, a, b) => {
				expect(power(base, a + b)).toBe(Math.imul(power(base, a), power(base, b)) >>> 0);
			}),
		);
	});
});

describe('mixFunction', () => {
	// From the C of bpf/include/ingero_ledger.h, compiled and run.
	test.for([
		[0x0n, 0x00000000],
		[0x1n, 0x85efe529],
		[0x7f3a5c002000n, 0xd900ae05],
		[0x7f3a5c004000n, 0x5fb57b8a],
		[0xffffffffffffffffn, 0xd7231f1f],
	] as const)('0x%x is spread as in the kernel', ([handle, mixed]) => {
		expect(mixFunction(Number(handle & 0xffff_ffffn), Number(handle >> 32n))).toBe(mixed);
	});

	test('is what it says, in exact arithmetic', () => {
		fc.assert(
			fc.property(word, word, (low, high) => {
				expect(BigInt(mixFunction(low, high))).toBe(mix((BigInt(high) << 32n) | BigInt(low)));
			}),
		);
	});
});
