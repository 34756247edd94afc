import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AutoClassifier, InferenceEngine, type Phase, type StepLedger } from '../../src/index';
import { sketchOf } from '../serving-loop';
import { continuousBatching, generateLoop, take } from './engines';
import type { Labelled } from './model';

const MODEL = { seed: 17, layers: 24, kernelsPerLayer: 9, blocksPerToken: 4, smallKernels: 3 };
const seed = fc.integer();

const phasesOf = (steps: readonly { ledger: StepLedger }[], classifier = new AutoClassifier()): Phase[] =>
	steps.map(({ ledger }) => classifier.classify(ledger));

test('threads learn apart: two of them interleaved are named as each alone', () => {
	fc.assert(
		fc.property(seed, fc.infiniteStream(fc.boolean()), (seed, turns) => {
			const a = take(generateLoop(MODEL, seed, { graph: false }), 200, { pid: 1, tid: 1 });
			const b = take(continuousBatching({ ...MODEL, seed: 5 }, seed, { graph: true }), 200, { pid: 1, tid: 2 });
			const left = [[...a], [...b]] as [Labelled[], Labelled[]];
			const classifier = new AutoClassifier();
			const together = new Map<StepLedger, Phase>();
			while (left[0].length + left[1].length > 0) {
				const first = turns.next().value === true ? 0 : 1;
				const step = left[first].shift() ?? left[first === 0 ? 1 : 0].shift();
				if (step) together.set(step.ledger, classifier.classify(step.ledger));
			}
			expect(a.map(({ ledger }) => together.get(ledger))).toEqual(phasesOf(a));
			expect(b.map(({ ledger }) => together.get(ledger))).toEqual(phasesOf(b));
		}),
		{ numRuns: 20 },
	);
});

test('which bit stands for which kernel changes nothing', () => {
	const permutation = fc.shuffledSubarray([...Array(256).keys()], { minLength: 256, maxLength: 256 });
	fc.assert(
		fc.property(seed, permutation, (seed, places) => {
			const steps = take(continuousBatching(MODEL, seed, { graph: false }), 300);
			const renamed = steps.map(({ ledger }) => {
				const marks = places.filter((_, bit) => ((ledger.functionSketch[bit >> 5] as number) >>> (bit & 31)) & 1);
				return { ledger: { ...ledger, functionSketch: sketchOf(marks) } };
			});
			expect(phasesOf(renamed)).toEqual(phasesOf(steps));
		}),
		{ numRuns: 20 },
	);
});

test('a process that was forgotten starts cold', () => {
	const classifier = new AutoClassifier();
	const steps = take(generateLoop(MODEL, 3, { graph: false }), 150, { pid: 7 });
	const first = phasesOf(steps, classifier);
	expect(phasesOf(steps, classifier)).not.toEqual(first);
	classifier.forgetProcess(7);
	expect(phasesOf(steps, classifier)).toEqual(first);
});

test('of too many threads the least recently seen is forgotten', () => {
	const classifier = new AutoClassifier({ maxThreads: 2 });
	const run = (tid: number) => phasesOf(take(generateLoop(MODEL, 3, { graph: false }), 150, { tid }), classifier);
	const cold = run(1);
	run(2);
	expect(run(1)).not.toEqual(cold);
	run(3);
	expect(run(1)).not.toEqual(cold);
	expect(run(2)).toEqual(cold);
});

test.each([0, 1.5, -1, Number.NaN])('maxThreads: %d is refused', (maxThreads) => {
	expect(() => new AutoClassifier({ maxThreads })).toThrow(/maxThreads: expected an integer >= 1/);
});

test('every verdict says what decided its phase', () => {
	const engine = new InferenceEngine();
	const seen = new Set<string | undefined>();
	let nowNs = 0;
	for (const { ledger } of take(continuousBatching(MODEL, 4, { graph: true }), 400)) {
		nowNs += 5e6;
		const verdict = engine.observe({ ...ledger, firstWorkNs: nowNs - 4e6, completedNs: nowNs });
		if (verdict !== undefined) seen.add(verdict.phaseEvidence);
	}
	expect(seen).not.toContain(undefined);
	for (const evidence of ['graph', 'run', 'admission']) expect(seen).toContain(evidence);
});

test('a classifier that does not say why leaves it open', () => {
	const engine = new InferenceEngine({ classifier: { classify: () => 'mixed' } });
	const [step] = take(generateLoop(MODEL, 1, { graph: false }), 1);
	const verdict = engine.observe({ ...(step?.ledger as StepLedger), completedNs: 5e6 });
	expect(verdict).toMatchObject({ phase: 'mixed' });
	expect(verdict).not.toHaveProperty('phaseEvidence');
});
