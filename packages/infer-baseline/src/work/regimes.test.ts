import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Regimes } from './regimes';

const S = 1e9;

/** Feeds `slow` and `normal` steps, `stepNs` apart; returns after how many slowness was adopted. */
function adoption(steps: readonly boolean[], stepNs: number): number | undefined {
	const regimes = new Regimes(1);
	regimes.restart(0);
	for (const [i, slow] of steps.entries()) {
		if (slow ? regimes.slow(0, i * stepNs) : regimes.normal(0, false)) return i + 1;
	}
	return undefined;
}
const slow = (count: number) => new Array<boolean>(count).fill(true);

describe('slowness is adopted', () => {
	test('after 60 s, from 128 steps on', () => {
		expect(adoption(slow(5000), 0.1 * S)).toBe(601);
		expect(adoption(slow(5000), S)).toBe(128);
	});

	test('after 1,024 steps, however fast', () => {
		expect(adoption(slow(5000), 1)).toBe(1024);
	});

	test('only while more than four steps in five are slow', () => {
		const mixed = (normalEvery: number) => slow(20_000).map((_, i) => i % normalEvery !== 0);
		expect(adoption(mixed(10), 1)).toBeLessThan(2100);
		expect(adoption(mixed(5), 1)).toBeUndefined();
	});

	test('not because of faults that end', () => {
		const faults = slow(50_000).map((_, i) => i % 1000 < 100);
		expect(adoption(faults, 10e6)).toBeUndefined();
	});
});

test('a level is given up when steps are far too fast 128 times, more than four in five', () => {
	const endOfLevel = (isFast: (i: number) => boolean) => {
		const regimes = new Regimes(1);
		return Array.from({ length: 5000 }, (_, i) => regimes.normal(0, isFast(i))).indexOf(true);
	};
	expect(endOfLevel(() => true)).toBe(127);
	expect(endOfLevel((i) => i % 10 !== 9)).toBeGreaterThan(127);
	expect(endOfLevel((i) => i % 5 !== 4)).toBe(-1);
});

test('drift is noticed at 1.5 times the reference, which then moves; elsewhere noticed, it is taken anew', () => {
	const regimes = new Regimes(1);
	regimes.restart(0);
	const driftedFrom = (p95: number, epoch: number) => regimes.hasDrifted(0, p95, epoch) && regimes.driftedFromNs;
	const noticed = [100, 120, 149, 150, 160, 230].map((p95) => driftedFrom(p95, 0));
	expect(noticed).toEqual([false, false, false, 100, false, 150]);
	expect(driftedFrom(900, 1)).toBe(false);
	expect(driftedFrom(1350, 1)).toBe(900);
});

test('a restarted row knows nothing of the one before', () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 1023 }), (before) => {
			const regimes = new Regimes(1);
			for (let i = 0; i < before; i++) regimes.slow(0, i);
			regimes.hasDrifted(0, 1, 0);
			regimes.restart(0);
			expect(regimes.hasDrifted(0, 100, 0)).toBe(false);
			for (let i = 0; i < 1023; i++) expect(regimes.slow(0, i)).toBe(false);
		}),
		{ numRuns: 20 },
	);
});
