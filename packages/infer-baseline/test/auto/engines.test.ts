import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AutoClassifier } from '../../src/index';
import { uniform } from '../random';
import { continuousBatching, embedding, generateLoop, prefillFirst, take, training } from './engines';
import type { Labelled, Model } from './model';

const model: fc.Arbitrary<Model> = fc.record({
	seed: fc.integer({ min: 1, max: 2 ** 30 }),
	layers: fc.integer({ min: 6, max: 80 }),
	kernelsPerLayer: fc.integer({ min: 5, max: 20 }),
	blocksPerToken: fc.constantFrom(0.25, 1, 4, 16),
	smallKernels: fc.integer({ min: 1, max: 4 }),
});
const seed = fc.integer();

/** Share of steps that are named right, after the first of them; `mixed` and `prefill` count as one, as they do in the score. */
function rightShare(steps: readonly Labelled[], first: number): number {
	const classifier = new AutoClassifier();
	const isRight = steps.map(({ ledger, phase }) => {
		const found = classifier.classify(ledger);
		if (phase === 'train') return found === 'unknown' || found === 'mixed';
		return found === phase || (phase === 'mixed' && found === 'prefill') || (phase === 'prefill' && found === 'mixed');
	});
	return isRight.slice(first).filter(Boolean).length / (steps.length - first);
}

describe.each([true, false])('decodes that replay graphs: %s', (graph) => {
	test('a loop around generate', () => {
		fc.assert(
			fc.property(model, seed, (model, seed) => {
				expect(rightShare(take(generateLoop(model, seed, { graph }), 600), 100)).toBeGreaterThan(0.85);
			}),
		);
	});

	test.each([
		['prompts in chunks beside the decodes', continuousBatching],
		['prefills in steps of their own', prefillFirst],
	])('requests that come and go, %s', (_, engine) => {
		fc.assert(
			fc.property(model, seed, (model, seed) => {
				expect(rightShare(take(engine(model, seed, { graph }), 800), 100)).toBeGreaterThan(0.85);
			}),
		);
	});
});

test('of most models nearly every step is named right', () => {
	const random = uniform(1);
	const between = (min: number, max: number) => Math.floor(min + random() * (max + 1 - min));
	const shares = Array.from({ length: 100 }, () => {
		const model = {
			seed: between(1, 2 ** 30),
			layers: between(6, 80),
			kernelsPerLayer: between(5, 20),
			blocksPerToken: 4 ** between(-1, 2),
			smallKernels: between(1, 4),
		};
		const engine = [generateLoop, continuousBatching, prefillFirst][between(0, 2)] as typeof generateLoop;
		return rightShare(take(engine(model, between(0, 2 ** 30), { graph: random() < 0.5 }), 600), 100);
	}).sort((a, b) => a - b);
	expect(shares[10]).toBeGreaterThan(0.99);
	expect(shares[50]).toBeGreaterThan(0.998);
});

test('training is no prefill and no decode', () => {
	fc.assert(
		fc.property(model, (model) => {
			expect(rightShare(take(training(model), 200), 0)).toBeGreaterThan(0.97);
		}),
	);
});

test('embedding is no prefill and no decode', () => {
	fc.assert(
		fc.property(model, seed, (model, seed) => {
			expect(rightShare(take(embedding(model, seed), 400), 0)).toBeGreaterThan(0.9);
		}),
	);
});
