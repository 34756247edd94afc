import { InferenceEngine, type StepLedger } from '@ingero/infer-baseline';
import { test } from 'vitest';
import { P_SQUARE_FIELDS, pSquareObserve } from '../src/baseline/p-square';
import { uniform } from '../test/random';
import { ledger } from '../test/serving-loop';

const STEPS = 20_000;
const random = uniform(1);
const DURATIONS_NS = Float64Array.from({ length: STEPS }, () => 5e6 + Math.floor(1e6 * random()));

/** The floor: the P² update alone, on as many rows as there are workloads. */
function floor(workloads: number): () => void {
	// Locals, because the test runner turns every use of an import into a getter call.
	const [update, fields] = [pSquareObserve, P_SQUARE_FIELDS];
	const rows = new Float64Array(workloads * fields);
	return () => {
		for (let i = 0; i < STEPS; i++) update(rows, (i % workloads) * fields, 0.95, DURATIONS_NS[i] as number);
	};
}

/** Ledgers that go round the workloads, each a thread of its own, about 5 ms a round. */
function observe(workloads: number): () => void {
	const engine = new InferenceEngine({ maxWorkloads: 16_384 });
	const ledgers = Array.from({ length: STEPS }, (_, i): { -readonly [K in keyof StepLedger]: StepLedger[K] } => {
		const pid = 1 + (i % workloads);
		return ledger({ pid, tid: pid, streamHandle: 0x7f3a5c000000n + BigInt(pid) });
	});
	let nowNs = 0;
	const run = () => {
		for (let i = 0; i < STEPS; i++) {
			const next = ledgers[i] as (typeof ledgers)[number];
			nowNs += 5e6 / workloads;
			next.firstWorkNs = nowNs;
			next.completedNs = nowNs + (DURATIONS_NS[i] as number);
			engine.observe(next);
		}
	};
	// Past every workload's warm-up.
	for (let steps = 0; steps < 40 * workloads; steps += STEPS) run();
	return run;
}

/** Budgets as multiples of the floor of the same run: machines differ threefold, ratios do not. */
test.for([
	{ workloads: 1, budget: 15 },
	{ workloads: 10_000, budget: 15 },
])('observe(), $workloads workloads', async ({ workloads, budget }, { bench, expect }) => {
	const results = await bench.compare(bench('floor', floor(workloads)), bench('observe', observe(workloads)));
	// The fastest round: whatever else the machine does can only add.
	const nsPerStep = (name: 'floor' | 'observe') => (results.get(name).latency.min * 1e6) / STEPS;
	const ratio = nsPerStep('observe') / nsPerStep('floor');
	const [floorNs, observeNs] = [nsPerStep('floor').toFixed(0), nsPerStep('observe').toFixed(0)];
	console.log(`${workloads} workloads: ${observeNs} ns a step, ${ratio.toFixed(1)} x the floor of ${floorNs} ns`);
	expect(ratio).toBeLessThan(budget);
});
