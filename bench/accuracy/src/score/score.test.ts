import { expect, test } from 'vitest';
import { type LabelsFile, readLabels } from '../labels/labels';
import type { JudgedStep } from '../replay/judge';
import { score } from './score';
import { countWrongSteps } from './wrong-steps';

const MS = 1e6;
const PID = 7;

type LabelledStep = LabelsFile['steps'][number];

/** Labels back to back, of so many ms each. */
function labelled(durationsMs: readonly number[], fields: Partial<LabelledStep> = {}, fromMs = 0): LabelledStep[] {
	let at = fromMs * MS;
	return durationsMs.map((durationMs) => {
		const t0 = at;
		at += durationMs * MS;
		return { w: 'loop', phase: 'decode', t0: t0 + 1, t1: at, batch: 1, ...fields };
	});
}

/** The step that a label stands for, as told without a mistake. */
function told({ pid = PID, phase, t0, t1 }: LabelledStep, fields: Partial<JudgedStep> = {}): JudgedStep {
	return {
		pid,
		startNs: t0,
		endNs: t1,
		phase,
		phaseEvidence: undefined,
		bucket: null,
		ratio: 1,
		warmed: true,
		cause: undefined,
		...fields,
	};
}

function scoreOf(file: Omit<LabelsFile, 'pid' | 'processes'> & Partial<LabelsFile>, steps: readonly JudgedStep[]) {
	return score(readLabels({ pid: PID, ...file }), steps);
}

test('a step matches a label from its begin to 0.2 ms after its end', () => {
	const steps = labelled([10, 10, 10]);
	const [first, second, third] = steps as [LabelledStep, LabelledStep, LabelledStep];
	const late = { endNs: first.t1 + 200_000 };
	expect(scoreOf({ steps: [first] }, [told(first, late)]).edges).toMatchObject({ oneToOne: 1, matched: 1 });
	const tooLate = { endNs: first.t1 + 200_001 };
	expect(scoreOf({ steps: [first] }, [told(first, tooLate)]).edges).toMatchObject({ oneToOne: 0, matched: 0 });
	// One seen twice, one not at all, and a step between two labels.
	const apart = [first, third];
	const { edges } = scoreOf({ steps: apart }, [told(first), told(first, { endNs: first.t0 + 5 }), told(second)]);
	expect(edges).toEqual({ labels: 2, oneToOne: 0, matched: 2, steps: 3 });
});

test('a step belongs to one label, also where labels are closer than 0.2 ms', () => {
	const steps = labelled(Array.from({ length: 9 }, () => 0.1));
	const all = steps.map((label) => told(label, { endNs: label.t1 - 10 }));
	expect(scoreOf({ steps }, all).edges).toEqual({ labels: 9, oneToOne: 9, matched: 9, steps: 9 });
	const oneLost = all.toSpliced(4, 1);
	expect(scoreOf({ steps }, oneLost).edges).toEqual({ labels: 9, oneToOne: 8, matched: 8, steps: 8 });
});

test('a graph prefill may be read back twice, and its longer step is judged', () => {
	const [label] = labelled([10], { w: 'graph', phase: 'prefill' }) as [LabelledStep];
	const twice = [told(label), told(label, { startNs: label.t1 - 5, phase: 'decode' })];
	const { edges, phases } = scoreOf({ steps: [label] }, twice);
	expect(edges.oneToOne).toBe(1);
	expect(phases.all).toEqual({ right: 1, total: 1 });
});

test('steps of other processes and times are not counted', () => {
	const [label] = labelled([10]) as [LabelledStep];
	const others = [told(label, { pid: 8 }), told(label, { endNs: label.t1 + 1e9 }), told(label, { endNs: 0 })];
	expect(scoreOf({ steps: [label] }, [told(label), ...others]).edges).toMatchObject({ oneToOne: 1, steps: 1 });
});

test.for([
	{ w: 'loop', phase: 'prefill', said: 'mixed', right: false },
	{ w: 'vllm-eager', phase: 'prefill', said: 'mixed', right: true },
	{ w: 'contbatch', phase: 'prefill', said: 'mixed', right: true },
	{ w: 'loop', phase: 'mixed', said: 'prefill', right: true },
	{ w: 'loop', phase: 'mixed', said: 'decode', right: false },
	{ w: 'loop', phase: 'train', said: 'unknown', right: true },
	{ w: 'loop', phase: 'train', said: 'mixed', right: true },
	{ w: 'loop', phase: 'train', said: 'prefill', right: false },
	{ w: 'loop', phase: 'decode', said: 'unknown', right: false },
])('$phase of $w called $said', ({ w, phase, said, right }) => {
	const [label] = labelled([10], { w, phase }) as [LabelledStep];
	expect(scoreOf({ steps: [label] }, [told(label, { phase: said })]).phases.all.right).toBe(Number(right));
});

test('macro-F1 is the mean over prefill and decode', () => {
	const prefills = labelled([10, 10], { phase: 'prefill' });
	const decodes = labelled([10, 10, 10, 10], {}, 20);
	const steps = [...prefills, ...decodes].map((label, i) => told(label, i === 1 ? { phase: 'decode' } : {}));
	const { phases } = scoreOf({ steps: [...prefills, ...decodes] }, steps);
	// Prefill: 1 right, 1 not found. Decode: 4 right, 1 too many.
	expect(phases.macroF1).toBeCloseTo((2 / 3 + 8 / 9) / 2, 12);
});

test('unknown counts after the first 20 steps of a workload', () => {
	const labels = labelled(Array.from({ length: 25 }, () => 10));
	const steps = labels.map((label, i) => told(label, i < 22 ? { phase: 'unknown' } : {}));
	expect(scoreOf({ steps: labels }, steps).phases.unknown).toEqual({ steps: 2, total: 5 });
});

const QUIET = Array.from({ length: 20 }, () => 10);

test('an outlier takes 3 times what its like take, a false alarm is one on a step in order', () => {
	const labels = labelled([...QUIET, ...QUIET, ...QUIET, 30, 29.9, 14.9, 15]);
	const buckets = new Map([
		[0, '1.5x'],
		[60, '1.5x'],
		[62, '2x'],
		[63, '3x'],
	]);
	const steps = labels.map((label, i) => told(label, { bucket: buckets.get(i) ?? null }));
	const { outliers, wrong } = scoreOf({ steps: labels }, steps);
	expect(outliers).toMatchObject({ outliers: 1, outliersFlagged: 1, normal: 61, falseAlarms: 1 });
	expect(countWrongSteps(wrong)).toEqual([
		{ kind: 'false alarm', workload: 'loop', what: 'decode 2x', reason: 'its label is in order', count: 1 },
	]);
});

test('what varies by itself is not expected to be flagged', () => {
	// 3 of 23 take 30 ms without any fault: that is their p95.
	const labels = labelled([...QUIET, 30, 30, 30]);
	expect(
		scoreOf(
			{ steps: labels },
			labels.map((label) => told(label)),
		).outliers.outliers,
	).toBe(0);
});

test('steps are compared with prompts like theirs, and only where they were warmed', () => {
	const short = labelled([10, 10, 10, 10], { phase: 'prefill', prompt: 100 });
	const long = labelled([40, 40, 40, 40], { phase: 'prefill', prompt: 1000 }, 40);
	const labels = [...short, ...long];
	const steps = labels.map((label, i) => told(label, { warmed: i !== 0 }));
	expect(scoreOf({ steps: labels }, steps).outliers).toMatchObject({ outliers: 0, normal: 7 });
});

test('a fault is noticed with its first flagged step; causes are asked of flagged ones', () => {
	const labels = labelled([...QUIET, 30, 30, 30, ...QUIET, 20]);
	const faults = [
		{ kind: 'cpu', t0: 200 * MS, t1: 290 * MS },
		{ kind: 'gil', t0: 495 * MS, t1: 505 * MS },
	];
	const steps = labels.map((label, i) => {
		if (i === 21) return told(label, { bucket: '3x', cause: 'cpu_contention' });
		return told(label, i === 22 ? { bucket: '3x' } : {});
	});
	const { outliers, causes } = scoreOf({ steps: labels, faults }, steps);
	expect(outliers).toMatchObject({ faultSteps: 4, faultStepsFlagged: 2 });
	expect(outliers.delay).toEqual({ faults: 2, noticed: 1, medianSteps: 1, medianMs: 60 });
	expect(causes).toMatchObject({ steps: 2, right: 1, unknown: 1 });
});

test('a rank that waits for a struck peer is expected to say so', () => {
	const own = labelled([...QUIET, 30], { pid: PID });
	const peers = own.map((label) => ({ ...label, pid: 8 }));
	const labels = own.flatMap((label, i) => [label, peers[i] as LabelledStep]);
	const faults = [{ kind: 'straggler', pid: 8, t0: 201 * MS, t1: 229 * MS }];
	const steps = labels.map((label) =>
		told(label, label.t1 === 230 * MS ? { bucket: '3x', cause: label.pid === 8 ? 'host_delay' : 'peer_wait' } : {}),
	);
	const file = { processes: [{ pid: PID }, { pid: 8 }], steps: labels, faults };
	const { causes } = score(readLabels(file), steps);
	expect(causes).toMatchObject({ steps: 2, right: 2, unknown: 0 });
});
