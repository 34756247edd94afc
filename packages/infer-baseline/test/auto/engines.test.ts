import { describe, expect, test } from 'vitest';
import { AutoClassifier } from '../../src/index';
import { uniform } from '../random';
import { compiledLoop } from './compiled';
import { continuousBatching, embedding, generateLoop, prefillFirst, take, training } from './engines';
import type { Labelled, Model } from './model';

const MODELS = 60;
/** Steps after which an engine's phases are known. */
const KNOWN = 100;

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

/**
 * The shares of models drawn at random, always the same ones, the worst first: whoever searches finds a model with few kernels
 * whose phases look alike, so that it is not the worst possible one that is asked for.
 */
function sharesOf(run: (model: Model, seed: number) => readonly Labelled[], first: number): number[] {
	const random = uniform(1);
	const between = (min: number, max: number) => Math.floor(min + random() * (max + 1 - min));
	return Array.from({ length: MODELS }, () => {
		const model = {
			seed: between(1, 2 ** 30),
			layers: between(6, 80),
			kernelsPerLayer: between(5, 20),
			blocksPerToken: 4 ** between(-1, 2),
			smallKernels: between(1, 4),
		};
		return rightShare(run(model, between(0, 2 ** 30)), first);
	}).sort((a, b) => a - b);
}

describe.each([true, false])('decodes that replay graphs: %s', (graph) => {
	test.each([
		['a loop around generate', generateLoop],
		['requests that come and go, prompts in chunks beside the decodes', continuousBatching],
		['requests that come and go, prefills in steps of their own', prefillFirst],
	])('%s', (_, engine) => {
		const shares = sharesOf((model, seed) => take(engine(model, seed, { graph }), 600), KNOWN);
		expect(shares[0]).toBeGreaterThan(0.85);
		expect(shares[MODELS / 10]).toBeGreaterThan(0.98);
		expect(shares[MODELS / 2]).toBeGreaterThan(0.995);
	});
});

test('a compiled loop, whose phases launch as many kernels', () => {
	const shares = sharesOf((model, seed) => take(compiledLoop(model, seed), 800), 250);
	expect(shares[0]).toBeGreaterThan(0.95);
	expect(shares[MODELS / 10]).toBeGreaterThan(0.99);
});

test('training is no prefill and no decode', () => {
	expect(sharesOf((model) => take(training(model), 200), 0)[0]).toBeGreaterThan(0.97);
});

test('embedding is no prefill and no decode', () => {
	const shares = sharesOf((model, seed) => take(embedding(model, seed), 400), 0);
	expect(shares[0]).toBeGreaterThan(0.9);
	expect(shares[MODELS / 10]).toBeGreaterThan(0.96);
});
