import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InferenceEngine, type StepLedger, type StepVerdict } from '../src/index';
import { ServingLoop, sketchOf } from './serving-loop';

interface PlannedStep {
	readonly durationNs: number;
	readonly gapNs: number;
	readonly launches: number;
	readonly graphLaunches: number;
	readonly gridBlocks: number;
	/** Which functions it launched and graphs it replayed. */
	readonly marks: readonly number[];
	readonly launchesAhead: number;
	readonly lossy: boolean;
}

/** Steps of every kind the engine tells apart: phases, spread, outliers, pauses, losses, empty ones. */
const plannedStep: fc.Arbitrary<PlannedStep> = fc.record({
	durationNs: fc.oneof(
		{ weight: 12, arbitrary: fc.integer({ min: 4e6, max: 6e6 }) },
		{ weight: 1, arbitrary: fc.integer({ min: 6e6, max: 40e6 }) },
	),
	gapNs: fc.oneof(
		{ weight: 12, arbitrary: fc.integer({ min: 0, max: 1e6 }) },
		{ weight: 1, arbitrary: fc.constant(2 ** 30) },
	),
	launches: fc.constantFrom(10, 10, 10, 10, 10, 10, 10, 10, 250, 250, 100, 0),
	graphLaunches: fc.constantFrom(0, 0, 0, 0, 1),
	gridBlocks: fc.constantFrom(1000, 1000, 1000, 1000, 1400, 2000, 64_000),
	marks: fc.constantFrom([1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 4], [90, 91]),
	launchesAhead: fc.constantFrom(0, 0, 0, 19),
	lossy: fc.constantFrom(false, false, false, false, false, false, false, true),
});
const plan = fc.array(plannedStep, { minLength: 80, maxLength: 240 });

const sameMark = (mark: number) => mark;

function ledgersOf(
	steps: readonly PlannedStep[],
	identity: Partial<StepLedger> = {},
	placeOfMark: (mark: number) => number = sameMark,
): StepLedger[] {
	const loop = new ServingLoop(identity);
	return steps.map(({ durationNs, gapNs, marks, ...work }) => {
		const functionSketch = sketchOf(marks.map(placeOfMark));
		return loop.step(durationNs + gapNs, { ...work, functionSketch }, gapNs);
	});
}

function run(ledgers: Iterable<StepLedger>, engine = new InferenceEngine()): (StepVerdict | undefined)[] {
	return Array.from(ledgers, (ledger) => engine.observe(ledger));
}

/** A verdict without what names it. */
function anonymous(verdict: StepVerdict | undefined): unknown {
	if (verdict === undefined) return undefined;
	const { pid, tid, cgroupPathHash, streamHandle, kernelFingerprint, outlier, ...rest } = verdict;
	return { ...rest, fired: outlier !== undefined };
}

function interleave<T>(left: readonly T[], right: readonly T[], takeLeft: readonly boolean[]): T[] {
	const merged: T[] = [];
	let l = 0;
	let r = 0;
	for (let i = 0; merged.length < left.length + right.length; i++) {
		const fromLeft = r === right.length || (l < left.length && (takeLeft[i % takeLeft.length] as boolean));
		merged.push((fromLeft ? left[l++] : right[r++]) as T);
	}
	return merged;
}

test('a clock that runs k times as fast scales the baselines and changes no judgement', () => {
	// Powers of two are exact; from 1/4 to 8 no gap of the plan crosses 50 ms and no step 60 s.
	fc.assert(
		fc.property(plan, fc.constantFrom(0.25, 0.5, 2, 8), (steps, k) => {
			const scaled = steps.map((step) => ({ ...step, durationNs: step.durationNs * k, gapNs: step.gapNs * k }));
			const engines = [new InferenceEngine(), new InferenceEngine()] as const;
			const plain = run(ledgersOf(steps), engines[0]);
			const fast = run(ledgersOf(scaled), engines[1]);
			const judged = (verdict: StepVerdict | undefined) => verdict && [verdict.phase, verdict.bucket, verdict.idle];
			expect(fast.map(judged)).toEqual(plain.map(judged));
			const levels = (engine: InferenceEngine, factor: number) =>
				engine.workloads().map(({ p95Ns, meanNs }) => [p95Ns, meanNs].map((v) => (v === null ? v : v * factor)));
			expect(levels(engines[1], 1)).toEqual(levels(engines[0], k));
		}),
	);
});

test('renaming processes, threads, streams, cgroups and functions changes nothing but the names', () => {
	const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
	const identity = fc.record({
		pid: u32,
		tid: u32,
		streamHandle: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
		cgroupPathHash: fc.string({ maxLength: 16 }),
		kernelFingerprint: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
	});
	// An odd factor permutes the places of a sketch.
	const factor = fc.integer({ min: 0, max: 127 }).map((half) => 2 * half + 1);
	fc.assert(
		fc.property(plan, identity, factor, (steps, names, odd) => {
			const renamed = run(ledgersOf(steps, names, (mark) => (mark * odd) % 256));
			expect(renamed.map(anonymous)).toEqual(run(ledgersOf(steps)).map(anonymous));
			for (const verdict of renamed) if (verdict) expect(verdict).toMatchObject(names);
		}),
	);
});

test('two workloads observed together come out as if observed apart, in whatever order their threads interleave', () => {
	const order = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
	const others = fc.constantFrom<Partial<StepLedger>>(
		{ pid: 1, tid: 1 },
		{ tid: 9, streamHandle: 0n },
		{ tid: 9, cgroupPathHash: 'another' },
	);
	fc.assert(
		fc.property(plan, plan, others, order, (left, right, identity, takeLeft) => {
			const [a, b] = [ledgersOf(left), ledgersOf(right, identity)];
			const byLedger = new Map<StepLedger, StepVerdict | undefined>();
			const engine = new InferenceEngine();
			for (const ledger of interleave(a, b, takeLeft)) byLedger.set(ledger, engine.observe(ledger));
			expect(a.map((ledger) => byLedger.get(ledger))).toEqual(run(a));
			expect(b.map((ledger) => byLedger.get(ledger))).toEqual(run(b));
		}),
	);
});

test('lost ledgers make no outlier, where the source marks what it lost', () => {
	// What is promised: a step within 1.5 times the fastest of its kind is none, whatever was lost around it.
	const durations = fc.array(fc.integer({ min: 4e6, max: 5.9e6 }), { minLength: 60, maxLength: 300 });
	const lost = fc.array(fc.boolean(), { minLength: 1, maxLength: 50 });
	fc.assert(
		fc.property(durations, lost, (steps, losses) => {
			const loop = new ServingLoop();
			const engine = new InferenceEngine();
			let lossy = false;
			for (const [i, durationNs] of steps.entries()) {
				const ledger = loop.step(durationNs, { lossy });
				lossy = losses[i % losses.length] as boolean;
				if (!lossy) expect(engine.observe(ledger)?.bucket ?? null).toBeNull();
			}
		}),
	);
});

test('the same ledgers give the same verdicts, and detect() those of them that matter', () => {
	fc.assert(
		fc.property(plan, (steps) => {
			const engine = new InferenceEngine({ warmupSteps: 5 });
			const verdicts = run(ledgersOf(steps), engine);
			const again = new InferenceEngine({ warmupSteps: 5 });
			const detected = ledgersOf(steps).map((ledger) => again.detect(ledger));
			expect(detected).toEqual(verdicts.map((v) => (v?.outlier || v?.shift ? v : undefined)));
			expect(again.workloads()).toEqual(engine.workloads());
			expect(again.counters).toEqual(engine.counters);
		}),
	);
});
