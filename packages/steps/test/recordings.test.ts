import { expect, test } from 'vitest';
import { type Interval, readLabels, replayRecording, type Step, score, stepsOf } from './ground-truth';

/** Three recordings of several hundred thousand events each; seconds, unless the machine is busy. */
const TIMEOUT_MS = 60_000;

test.for([
	{ name: 'h100-serving-a', events: 426_952, labels: 1791, atLeast: 0.998, abandoned: 0 },
	{ name: 'h100x2-parallel-a', events: 693_081, labels: 4668, atLeast: 0.998, abandoned: 0 },
	{ name: 'h100-vllm-a', events: 392_358, labels: 1938, atLeast: 1, abandoned: 2 },
])(
	'$name: the steps are those the workload made',
	{ timeout: TIMEOUT_MS },
	({ name, events, labels, atLeast, abandoned }) => {
		const { steps, records, cutBytes, counters } = replayRecording(name);
		expect({ records, cutBytes }).toEqual({ records: events, cutBytes: 0 });
		expect(counters).toMatchObject({ events, unknownOperations: 0, touchedOverflows: 0, abandoned, late: 0 });
		const truth = readLabels(name);
		expect(truth).toHaveLength(labels);
		const { oneToOne, precision } = score(truth, steps);
		expect(oneToOne).toBeGreaterThanOrEqual(atLeast);
		expect(precision).toBeGreaterThanOrEqual(atLeast);
	},
);

/** How long the work of a step was enqueued while the engine, by its own account, enqueued the work of a label. */
function overlapNs({ enqueuedNs, firstWorkNs, endNs, completedNs }: Step, [fromNs, toNs]: Interval) {
	const baseNs = endNs - completedNs;
	return Math.min(baseNs + enqueuedNs, toNs) - Math.max(baseNs + firstWorkNs, fromNs);
}

test.each(['vllm-graph', 'vllm-eager'])(
	'%s: the work of each step is what the engine enqueued for it',
	(workload) => {
		const { steps } = replayRecording('h100-vllm-a');
		const labels = readLabels('h100-vllm-a').filter(({ w }) => w === workload);
		for (const [place, label] of labels.entries()) {
			const step = stepsOf(label, steps)[0] as Step;
			const near = labels.slice(Math.max(0, place - 3), place + 4);
			const own = near.reduce((best, other) =>
				overlapNs(step, other.enqueue as Interval) > overlapNs(step, best.enqueue as Interval) ? other : best,
			);
			expect(own).toBe(label);
		}
	},
	TIMEOUT_MS,
);

test('vLLM enqueues a step before it waits for the one before, and each has its own work', {
	timeout: TIMEOUT_MS,
}, () => {
	const { steps } = replayRecording('h100-vllm-a');
	// A decode replays a graph, a step with a prefill chunk in it launches kernel by kernel.
	const replayed = readLabels('h100-vllm-a')
		.filter(({ w, phase }) => w === 'vllm-graph' && phase !== 'prefill')
		.map((label) => ({ phase: label.phase, graphs: stepsOf(label, steps).map((step) => step.graphLaunches > 0) }));
	const decodes = replayed.filter(({ phase }) => phase === 'decode');
	expect(decodes.map(({ graphs }) => graphs)).toEqual(Array.from({ length: 676 }, () => [true]));
	const mixed = replayed.filter(({ phase }) => phase === 'mixed');
	expect(mixed.map(({ graphs }) => graphs)).toEqual(Array.from({ length: 578 }, () => [false]));
});

test('without event records, first in, first out finds the same steps', { timeout: TIMEOUT_MS }, () => {
	const seen = replayRecording('h100-vllm-a');
	const unseen = replayRecording('h100-vllm-a', ['cuEventRecord', 'cuEventRecordWithFlags']);
	expect(unseen.counters?.unknownOperations).toBeGreaterThan(seen.steps.length);
	// The first one has the read-backs of the set-up in it where their events are known.
	expect(unseen.steps.slice(1)).toEqual(seen.steps.slice(1));
});

test('a replay is deterministic', { timeout: TIMEOUT_MS }, () => {
	expect(replayRecording('h100-vllm-a')).toEqual(replayRecording('h100-vllm-a'));
});
