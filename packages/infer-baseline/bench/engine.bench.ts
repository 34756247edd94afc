import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AutoClassifier, InferenceEngine, RuleClassifier, type StepLedger } from '@ingero/infer-baseline';
import { test } from 'vitest';
import { uniform } from '../test/random';
import { ledger, sketchOf } from '../test/serving-loop';

const STEPS = 20_000;
/** 32-bit words of a packed step, about what the kernel ships. */
const WORDS = 24;
const random = uniform(1);

/** Packed steps: prefills of 12 sizes, and decodes of 4 batch sizes, 16 of them after each prefill. */
const packed = new Uint32Array(STEPS * WORDS);
for (let i = 0; i < STEPS; i++) {
	const prefill = i % 17 === 0;
	const at = i * WORDS;
	packed[at] = (prefill ? 60e6 : 5e6) * (1 + 0.2 * random());
	packed[at + 1] = prefill ? 660 : 10;
	packed[at + 2] = prefill ? 20_000 * Math.ceil(12 * random()) : 500 * 2 ** ((i >> 8) % 4);
	packed.set(sketchOf(prefill ? [1, 2, 3, 4] : [5, 6, 7]), at + 3);
}

type MutableLedger = { -readonly [Key in keyof StepLedger]: StepLedger[Key] };

/** Decodes one packed step after the other, as any source of ledgers must, and hands it on. */
function decode(workloads: number, use: (ledger: StepLedger) => unknown): () => void {
	// One ledger a process: its names are what a source looks up, not decodes.
	const ledgers = Array.from({ length: workloads }, (_, i): MutableLedger => {
		return ledger({ pid: 1 + i, tid: 1 + i, streamHandle: 0x7f3a5c000000n + BigInt(i) });
	});
	let nowNs = 0;
	let round = 0;
	return () => {
		// Every thread gets its prefills in one round or another.
		round += 1;
		for (let i = 0; i < STEPS; i++) {
			const next = ledgers[i % workloads] as MutableLedger;
			const at = ((i + round) % STEPS) * WORDS;
			next.firstWorkNs = nowNs;
			nowNs += (packed[at] as number) / workloads;
			next.completedNs = nowNs;
			next.launches = packed[at + 1] as number;
			next.gridBlocks = packed[at + 2] as number;
			for (let word = 0; word < 8; word++) next.functionSketch[word] = packed[at + 3 + word] as number;
			use(next);
		}
	};
}

const MAX_WORKLOADS = 10_000;
const CLASSIFIERS = {
	rule: () => new RuleClassifier(),
	auto: () => new AutoClassifier({ maxThreads: MAX_WORKLOADS }),
};

/**
 * Budgets as multiples of the floor of the same run: machines differ threefold, ratios do not. With thousands of threads in
 * turn each step misses the cache, whose share differs, too.
 */
test.for([
	{ classifier: 'rule', threads: 1, budget: 25 },
	{ classifier: 'rule', threads: 5000, budget: 50 },
	{ classifier: 'auto', threads: 1, budget: 25 },
	{ classifier: 'auto', threads: 5000, budget: 100 },
] as const)(
	'detect() with $classifier, $threads threads',
	async ({ classifier, threads, budget }, { bench, expect }) => {
		const engine = new InferenceEngine({ maxWorkloads: MAX_WORKLOADS, classifier: CLASSIFIERS[classifier]() });
		const detect = decode(threads, (step) => engine.detect(step));
		// Past every workload's warm-up, and what a classifier learns.
		for (let steps = 0; steps < 60 * threads + 20 * STEPS; steps += STEPS) detect();
		let sum = 0;
		const floor = decode(threads, (step) => {
			sum += step.completedNs;
		});
		const results = await bench.compare(bench('decode', floor), bench('decode and detect', detect));
		// The fastest round: whatever else the machine does can only add.
		const nsPerStep = (name: 'decode' | 'decode and detect') => (results.get(name).latency.min * 1e6) / STEPS;
		const floorNs = nsPerStep('decode');
		const engineNs = nsPerStep('decode and detect') - floorNs;
		console.log(
			`${classifier}, ${threads} threads: ${engineNs.toFixed(0)} ns a step beside ${floorNs.toFixed(0)} ns to decode it, ${(engineNs / floorNs).toFixed(1)} x`,
		);
		expect(sum).toBeGreaterThan(0);
		expect(engine.counters).toMatchObject({ backwards: 0, invalid: 0 });
		expect(engineNs / floorNs).toBeLessThan(budget);
	},
);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedBytes(): number {
	collectGarbage();
	const { heapUsed, arrayBuffers } = process.memoryUsage();
	return heapUsed + arrayBuffers;
}

/** Threads that prefill and decode are two workloads each; what they are known by is counted, too. */
test('memory of 10,000 workloads of 5,000 threads, classifier included', ({ expect }) => {
	const threads = MAX_WORKLOADS / 2;
	const before = usedBytes();
	const engine = new InferenceEngine({ maxWorkloads: MAX_WORKLOADS, classifier: CLASSIFIERS.auto() });
	const detect = decode(threads, (step) => engine.detect(step));
	for (let steps = 0; steps < 60 * threads; steps += STEPS) detect();
	const bytes = usedBytes() - before;
	const workloads = engine.workloads().length;
	console.log(
		`${workloads} workloads: ${(bytes / 1e6).toFixed(1)} MB, ${(bytes / MAX_WORKLOADS).toFixed(0)} bytes for each that there is room for`,
	);
	expect(workloads).toBeGreaterThan(threads);
	expect(bytes).toBeLessThan(40e6);
});
