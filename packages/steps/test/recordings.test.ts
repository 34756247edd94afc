import { expect, test } from 'vitest';
import { readLabels, replayRecording, score, stepsOf } from './ground-truth';

/** Three recordings of several hundred thousand events each; seconds, unless the machine is busy. */
const TIMEOUT_MS = 60_000;

test.for([
	{ name: 'h100-serving-a', events: 426_952, labels: 1791, atLeast: 0.998 },
	{ name: 'h100x2-parallel-a', events: 693_081, labels: 4668, atLeast: 0.998 },
	{ name: 'h100-vllm-a', events: 392_358, labels: 1938, atLeast: 1 },
])('$name: the steps are those the workload made', { timeout: TIMEOUT_MS }, ({ name, events, labels, atLeast }) => {
	const { steps, records, cutBytes, counters } = replayRecording(name);
	expect({ records, cutBytes }).toEqual({ records: events, cutBytes: 0 });
	expect(counters).toMatchObject({ events, unknownOperations: 0, touchedOverflows: 0, abandoned: 0, late: 0 });
	const truth = readLabels(name);
	expect(truth).toHaveLength(labels);
	const { oneToOne, precision } = score(truth, steps);
	expect(oneToOne).toBeGreaterThanOrEqual(atLeast);
	expect(precision).toBeGreaterThanOrEqual(atLeast);
});

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

test('a replay is deterministic', { timeout: TIMEOUT_MS }, () => {
	expect(replayRecording('h100-vllm-a')).toEqual(replayRecording('h100-vllm-a'));
});
