import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AdmissionSampler, type AdmissionSamplerOptions } from './admission-sampler';
import { OUTLIER_BUCKETS, type OutlierBucket } from './bucket';

const S = 1e9;

test('keeps 1 % while healthy, everything for 30 s after a bump, then 1 % again', () => {
	const sampler = new AdmissionSampler();
	expect(sampler.cooldownEndNs).toBeUndefined();
	expect([sampler.admits(0, 0.0099), sampler.admits(0, 0.01)]).toEqual([true, false]);

	expect(sampler.bump('3x', 'decode', 100 * S)).toBe(true);
	expect(sampler.cooldownEndNs).toBe(130 * S);
	expect(sampler.admits(130 * S - 1, 0.9999)).toBe(true);
	expect(sampler.admits(130 * S, 0.9999)).toBe(false);
	expect(sampler.rate(130 * S)).toBe(0.01);
});

test('another bump extends, and is no second degradation; a later one is', () => {
	const sampler = new AdmissionSampler({ degradeOn: '2x' });
	expect(sampler.bump('2x', 'decode', 0)).toBe(true);
	expect(sampler.bump('3x', 'decode', 29 * S)).toBe(false);
	expect(sampler.isDegraded(58 * S)).toBe(true);
	expect(sampler.bump('3x', 'decode', 59 * S)).toBe(true);
	expect(sampler.degradations).toEqual({ outlier_1_5x: 0, outlier_2x: 1, outlier_3x: 1 });
});

test('a late report never shortens the cooldown', () => {
	const sampler = new AdmissionSampler();
	sampler.bump('3x', 'decode', 10 * S);
	sampler.bump('3x', 'decode', 2 * S);
	expect(sampler.cooldownEndNs).toBe(40 * S);
});

describe('what bumps', () => {
	test.each<[OutlierBucket | 'off', OutlierBucket[]]>([
		['1.5x', ['1.5x', '2x', '3x']],
		['2x', ['2x', '3x']],
		['3x', ['3x']],
		['off', []],
	])('degradeOn %s: %s', (degradeOn, bumping) => {
		const bumps = (bucket: OutlierBucket) => new AdmissionSampler({ degradeOn }).bump(bucket, 'decode', 0);
		expect(OUTLIER_BUCKETS.filter(bumps)).toEqual(bumping);
	});

	test('any phase but unknown; any step when phases are off', () => {
		const bumps = (phase: '' | 'prefill' | 'decode' | 'mixed' | 'unknown') =>
			new AdmissionSampler().bump('3x', phase, 0);
		expect(['', 'prefill', 'decode', 'mixed'].map((phase) => bumps(phase as 'decode'))).toEqual([
			true,
			true,
			true,
			true,
		]);
		expect(bumps('unknown')).toBe(false);
	});
});

test('rate 0 keeps nothing, rate 1 everything', () => {
	fc.assert(
		fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
			expect(new AdmissionSampler({ healthyRate: 0 }).admits(0, random)).toBe(false);
			expect(new AdmissionSampler({ healthyRate: 1 }).admits(0, random)).toBe(true);
		}),
	);
});

test.each<[AdmissionSamplerOptions, string]>([
	[{ healthyRate: 1.1 }, 'healthyRate: expected a number from 0 to 1, received 1.1'],
	[{ cooldownNs: 0 }, 'cooldownNs: expected a number > 0, received 0'],
	[{ degradeOn: '4x' as '3x' }, 'degradeOn: expected one of 1.5x, 2x, 3x, off, received "4x"'],
])('%j is refused', (options, message) => {
	expect(() => new AdmissionSampler(options)).toThrow(new TypeError(message));
});
