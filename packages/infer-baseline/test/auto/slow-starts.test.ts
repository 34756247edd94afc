import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AutoClassifier, type Phase } from '../../src/index';
import { compiledBatches, compiledLoop, type OddBatch } from './compiled';
import { take } from './engines';
import type { Labelled, Model } from './model';

const STEPS = 500;
/** Steps after which phases are known: at least three batches have begun. */
const KNOWN = 250;
const seed = fc.integer();
const model: fc.Arbitrary<Model> = fc.record({
	seed: fc.nat(2 ** 30),
	layers: fc.integer({ min: 6, max: 40 }),
	kernelsPerLayer: fc.integer({ min: 6, max: 20 }),
	blocksPerToken: fc.constant(1),
	smallKernels: fc.constant(1),
});

function phasesOf(steps: readonly Labelled[]): Phase[] {
	const classifier = new AutoClassifier();
	return steps.map(({ ledger }) => classifier.classify(ledger));
}

function evidenceOf(steps: readonly Labelled[]): string[] {
	const classifier = new AutoClassifier();
	return steps.map(({ ledger }) => {
		classifier.classify(ledger);
		return classifier.evidence;
	});
}

/** The same steps, one behind the other, each this many times as long. */
function stretched(steps: readonly Labelled[], factorOf: (index: number) => number): Labelled[] {
	let nowNs = 0;
	return steps.map(({ phase, ledger }, index) => {
		const firstWorkNs = nowNs;
		nowNs += (ledger.completedNs - ledger.firstWorkNs) * factorOf(index);
		return { phase, ledger: { ...ledger, firstWorkNs, completedNs: nowNs } };
	});
}

const isInRun = (steps: readonly Labelled[], index: number) =>
	steps[index - 1]?.phase === 'decode' && steps[index]?.phase === 'decode';

test('a slow decode stays a decode, however slow', () => {
	const slow = fc.uniqueArray(fc.integer({ min: KNOWN, max: STEPS - 1 }), { minLength: 1, maxLength: 30 });
	fc.assert(
		fc.property(model, seed, slow, fc.integer({ min: 2, max: 1000 }), (model, seed, slow, factor) => {
			const steps = take(compiledLoop(model, seed), STEPS);
			const decodes = slow.filter((index) => isInRun(steps, index - 1) && isInRun(steps, index));
			const phases = phasesOf(stretched(steps, (index) => (decodes.includes(index) ? factor : 1)));
			expect(decodes.filter((index) => phases[index] !== 'decode')).toEqual([]);
		}),
	);
});

test('no time makes a prefill of a step in a run of decodes, not even while phases are learnt', () => {
	const factors = fc.array(fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 3, 30), { minLength: STEPS, maxLength: STEPS });
	fc.assert(
		fc.property(model, seed, factors, (model, seed, factors) => {
			const steps = take(compiledLoop(model, seed), STEPS);
			const phases = phasesOf(stretched(steps, (index) => factors[index] as number));
			const lost = steps.flatMap((_, index) =>
				isInRun(steps, index) && phases[index - 1] === 'decode' && phases[index] === 'prefill' ? index : [],
			);
			expect(lost).toEqual([]);
		}),
	);
});

test('a prefill that is as fast as a decode is a prefill, once its kernels are known', () => {
	fc.assert(
		fc.property(model, seed, (model, seed) => {
			const steps = take(compiledLoop(model, seed), STEPS);
			const isFast = (index: number) => index >= KNOWN && steps[index]?.phase === 'prefill';
			const plain = phasesOf(stretched(steps, () => 1));
			const disturbed = phasesOf(stretched(steps, (index) => (isFast(index) ? 1 / 50 : 1)));
			const first = steps.findIndex((_, index) => isFast(index));
			expect(disturbed.slice(0, first + 1)).toEqual(plain.slice(0, first + 1));
			expect(disturbed[first]).toBe('prefill');
		}),
	);
});

test('a clock that runs k times as fast changes no phase', () => {
	fc.assert(
		fc.property(model, seed, fc.integer({ min: -8, max: 8 }), (model, seed, power) => {
			const steps = stretched(take(compiledLoop(model, seed), STEPS), () => 1);
			expect(phasesOf(stretched(steps, () => 2 ** power))).toEqual(phasesOf(steps));
		}),
	);
});

test('steps that take about as long as the runs behind them teach nothing', () => {
	fc.assert(
		fc.property(model, seed, (model, seed) => {
			expect(evidenceOf(take(compiledLoop(model, seed, 0.9), STEPS))).not.toContain('slow_start');
			expect(evidenceOf(stretched(take(compiledLoop(model, seed), STEPS), () => 0))).not.toContain('slow_start');
		}),
	);
});

const SMALLER: OddBatch = { sequences: 16, firstMs: 10, workMs: 10, bytesEach: 4000 };

test.each<[string, OddBatch]>([
	['the last batch is smaller', SMALLER],
	['the last batch is smaller, and compiled when it first comes', { ...SMALLER, firstMs: 5000 }],
	['the last batch is smaller and always slow', { ...SMALLER, firstMs: 200, workMs: 200 }],
	['training, the last batch is smaller', { ...SMALLER, bytesEach: 0 }],
	['training, the last batch is compiled when it first comes', { ...SMALLER, firstMs: 5000, bytesEach: 0 }],
])('batch after batch has no phase: %s', (_, odd) => {
	fc.assert(
		fc.property(model, seed, (model, seed) => {
			const phases = phasesOf(take(compiledBatches(model, seed, odd), STEPS));
			expect(new Set(phases)).toEqual(new Set(['unknown']));
		}),
	);
});

test('the habit is forgotten when other runs have other starts', () => {
	fc.assert(
		fc.property(model, seed, (model, seed) => {
			const other = { ...model, seed: model.seed + 1000 };
			const steps = [...take(compiledLoop(model, seed), KNOWN), ...take(compiledBatches(other, seed, SMALLER), STEPS)];
			expect(evidenceOf(steps).slice(-KNOWN)).not.toContain('slow_start');
		}),
	);
});
