import { type ProfileNode, Session } from 'node:inspector/promises';
import { AutoClassifier, InferenceEngine, RuleClassifier, type StepLedger } from '@ingero/infer-baseline';
import { expect, test } from 'vitest';
import { ledger, MS, sketchOf } from './serving-loop';

const STEPS = 100_000;

// Of the built package: the test runner turns imported functions into getters, which compilers do not see through.

/** Bytes allocated by `name` and what it calls, garbage included. */
function bytesUnder(node: ProfileNode, name: string, inside = false): number {
	const counts = inside || node.callFrame.functionName === name;
	return node.children.reduce((sum, child) => sum + bytesUnder(child, name, counts), counts ? node.selfSize : 0);
}

const ROUNDS = 10;
/** A boxed number is 12 bytes at least: this is less than a twentieth of one a step. */
const MOST_BYTES = 0.5;

const CLASSIFIERS = { rule: () => new RuleClassifier(), auto: () => new AutoClassifier() };

test.each(['rule', 'auto'] as const)(
	'with %s a step in order allocates nothing: prefills, decodes, several sizes',
	async (name) => {
		const engine = new InferenceEngine({ classifier: CLASSIFIERS[name]() });
		const work: Partial<StepLedger>[] = [
			{ launches: 250, gridBlocks: 90_000, functionSketch: sketchOf([1, 2, 3]) },
			{ launches: 10, gridBlocks: 400, functionSketch: sketchOf([4, 5]) },
			{ launches: 10, gridBlocks: 900, functionSketch: sketchOf([4, 6]) },
			{ launches: 2, graphLaunches: 1, gridBlocks: 9, functionSketch: sketchOf([7]), launchesAhead: 3 },
		];
		const ledgers: { -readonly [K in keyof StepLedger]: StepLedger[K] }[] = work.map((fields) => ledger(fields));
		let nowNs = 0;
		const serve = (steps: number) => {
			for (let i = 0; i < steps; i++) {
				const next = ledgers[i % ledgers.length] as (typeof ledgers)[number];
				next.firstWorkNs = nowNs;
				nowNs += 5 * MS + (i % 7) * 50_000;
				next.completedNs = nowNs;
				engine.detect(next);
			}
		};
		serve(3 * STEPS);

		const session = new Session();
		session.connect();
		let least = Number.POSITIVE_INFINITY;
		// Code that is not optimized yet boxes its numbers; on a busy machine it takes a few rounds until it is.
		for (let round = 0; round < ROUNDS && least >= MOST_BYTES; round++) {
			await session.post('HeapProfiler.startSampling', {
				samplingInterval: 256,
				includeObjectsCollectedByMajorGC: true,
				includeObjectsCollectedByMinorGC: true,
			});
			serve(STEPS);
			const { profile } = await session.post('HeapProfiler.stopSampling');
			// The loop itself boxes its numbers: were the profiler blind, it would not see those.
			expect(bytesUnder(profile.head, 'serve') / STEPS).toBeGreaterThan(8);
			least = Math.min(least, bytesUnder(profile.head, '#take') / STEPS);
		}
		session.disconnect();
		expect(least).toBeLessThan(MOST_BYTES);
		expect(engine.counters).toMatchObject({ outliers: { '1.5x': 0, '2x': 0, '3x': 0 } });
	},
);
