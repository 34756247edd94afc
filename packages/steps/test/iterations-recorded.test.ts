import { expect, test } from 'vitest';
import { readLabels, replayRecording, stepsOf } from './ground-truth';

/** Three recordings of several hundred thousand events each; seconds, unless the machine is busy. */
const TIMEOUT_MS = 60_000;

/** Workloads that read back several times an iteration, the first ones of each aside: the patterns were new then. */
test.each([
	{ name: 'h100-engines-a', workload: 'gpt2-generate', labels: 306, how: 'a check of the mask before each pass' },
	{ name: 'h100-modes-a', workload: 'speculative', labels: 422, how: 'how many drafts are accepted, then the tokens' },
	{
		name: 'h100-modes-a',
		workload: 'sampler-two-readbacks',
		labels: 500,
		how: 'how many tokens to keep, then the token',
	},
	{ name: 'h100-experts-a', workload: 'moe-routed', labels: 350, how: 'two in each of eight layers' },
	{ name: 'h100-experts-a', workload: 'moe-eager', labels: 265, how: 'nine to 33 in each of eight layers' },
	{ name: 'h100-requests-a', workload: 'gpt2-beam', labels: 409, how: 'whether all beams are done, twice' },
	{ name: 'h100-requests-a', workload: 'gpt2-sample', labels: 278, how: 'whether all sequences are done' },
	{ name: 'h100x2-parallel-a', workload: 'ddp', labels: 520, how: 'one, and two more while buckets are made' },
])('$name, $workload ($how): an iteration is one step', { timeout: TIMEOUT_MS }, ({ name, workload, labels }) => {
	const { steps } = replayRecording(name);
	const truth = readLabels(name).filter(({ w }) => w === workload);
	expect(truth).toHaveLength(labels);
	const counts = truth.map((label) => stepsOf(label, steps).length);
	// Behind the last pass nothing comes: what was read after it is told by itself when the process ends.
	expect(counts.at(-1)).toBeLessThanOrEqual(2);
	expect(truth.filter((_, at) => at < truth.length - 1 && counts[at] !== 1)).toEqual([]);
});

test('the prefills of a graph engine read back twice: one step each, but for the first', {
	timeout: TIMEOUT_MS,
}, () => {
	const { steps } = replayRecording('h100-serving-a');
	const prefills = readLabels('h100-serving-a').filter(({ w, phase }) => w === 'graph' && phase === 'prefill');
	const counts = prefills.map((label) => stepsOf(label, steps).length);
	expect(counts).toEqual([2, ...Array.from({ length: prefills.length - 1 }, () => 1)]);
});
