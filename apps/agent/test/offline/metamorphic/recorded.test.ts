/** What must not matter does not, on recordings of real GPUs. */
import { describe, expect, test } from 'vitest';
import { faultsOf } from '../../helpers/labels';
import { lose } from '../../helpers/losses';
import { type Reported, report } from '../../helpers/pipeline';
import { bytesOf, type Taken, takeApart } from '../../helpers/recordings';
import { inOrder, without } from '../../helpers/records';
import { byEnd, decisionOf, endOf, isSame, judgementOf, textOf, verdictOf } from './decisions';
import { interleaved, renamed, scaled } from './transformations';

/** INGERO_LONG=1 takes more recordings and loses more often. */
const LONG = process.env.INGERO_LONG === '1';
const SEEDS = Array.from({ length: LONG ? 40 : 3 }, (_, i) => i + 1);
/** PyTorch alone; with many modes in one process; and vLLM, which schedules ahead. */
const ENGINES = 'h100-engines-a';
const MODES = 'h100-modes-a';
const VLLM = 'h100-vllm-graph-a';
const MORE = ['h100-serving-a', 'h100x2-parallel-a', 'h100-vllm-a', 'h100-vllm-compile-a', 'h100-vllm-process-a'];
const NAMES = [ENGINES, MODES, VLLM, ...(LONG ? MORE : [])];

/** In order of time, so that nothing depends on how far the reorder window reaches. */
function load(name: string): Taken {
	const { header, records } = takeApart(bytesOf(name));
	return { header, records: inOrder(records) };
}

describe.each(NAMES)('%s', (name) => {
	const recording = load(name);

	test('comes out the same byte for byte, in whatever batches its events come', async () => {
		const once = await report(recording);
		expect(once.filter(({ warmed }) => warmed).length).toBeGreaterThan(500);
		expect(once.some(({ bucket }) => bucket !== null)).toBe(true);
		expect(textOf(await report(recording, { batches: [1, 7, 10_000, 333] })) === textOf(once)).toBe(true);
	});

	test.each([0.5, 2])('comes out the same on a clock that runs %f times as fast', async (k) => {
		// What CPython does with its lock takes the time it takes: how threads sleep is left out, and causes, since copies of
		// so many bytes do, too. Even times have whole halves.
		const calls = scaled(
			without(recording, (operation) => operation.startsWith('sched_')),
			2,
		);
		const plain = await report(calls);
		const fast = byEnd(await report(scaled(calls, k)), k);
		const differing = plain.filter((step) => {
			const other = fast.get(endOf(step));
			// What people call a step at all does not scale, nor what they call a pause: a minute, and 50 ms.
			if (Math.max(step.durationNs, other?.durationNs ?? 0) > 10e9 || other?.idle === !step.idle) return false;
			return other === undefined || !isSame(judgementOf(step), judgementOf(other));
		});
		expect(differing.slice(0, 5).map((step) => [step, fast.get(endOf(step))])).toEqual([]);
	});

	test('comes out the same under other names', async () => {
		const plain = await report(recording);
		const handles = await report(renamed(recording, { threads: 100_000, handles: 0x12_3000n, functions: 0n }));
		expect(handles.map(decisionOf)).toEqual(plain.map(decisionOf));
		// Functions by other names make other collisions in the sketches of what a step launched.
		const functions = await report(renamed(recording, { threads: 0, handles: 0n, functions: 0x1230_0000n }));
		expect(functions.map(edgesOf)).toEqual(plain.map(edgesOf));
		const changed = functions.filter((step, i) => !isSame(decisionOf(step), decisionOf(plain[i] as Reported)));
		expect(changed.length / plain.length).toBeLessThan(0.05);
	});

	test.each(SEEDS)('has hardly an outlier that loss %i made', async (seed) => {
		const losses = Array.from({ length: 40 }, (_, i) => {
			const at = (7919 * (i + 1) * seed) % 1000;
			return { kept: 2000 + 20 * at, lost: 1 + Math.round(400 * (at / 1000) ** 3) };
		});
		const faults = faultsOf(name);
		const before = byEnd(await report(recording));
		const { left, isLossy } = lose(recording, losses);
		const made = (await report(left, { isLossy })).filter((step) => {
			// With less to compare with, thresholds move: what counts is a step that took what it should, and was let alone.
			if (faults.some(({ startNs, endNs }) => startNs < Number(step.endNs) && endNs > Number(step.startNs)))
				return false;
			const { durationNs = 0, expectedNs = 0 } = before.get(endOf(step)) ?? {};
			return (step.bucket === '2x' || step.bucket === '3x') && durationNs < 1.5 * (expectedNs ?? 0);
		});
		// What is rare, what a phase is and which of two speeds is usual (h100-serving-a) is told by what else there was.
		expect(made.length / before.size).toBeLessThan(LONG ? 0.01 : 0.002);
	});
});

test('two recordings traced at once come out as if traced apart', async () => {
	const left = load(ENGINES);
	const right = renamed(load(MODES), { threads: 1_000_000, handles: 0n, functions: 0n });
	const together = await report(interleaved(left, right));
	const apart = [...(await report(left)), ...(await report(right))];
	expect(together.length).toBe(apart.length);
	const anonymous = (steps: readonly Reported[], isLeft: boolean) =>
		steps.filter(({ pid }) => pid < 1_000_000 === isLeft).map((step) => withoutTimes(verdictOf(step) as Reported));
	expect(anonymous(together, true)).toEqual(anonymous(apart, true));
	expect(anonymous(together, false)).toEqual(anonymous(apart, false));
});

function edgesOf({ startNs, endNs }: Reported): string {
	return `${startNs} ${endNs}`;
}

/** When it was, and the id made of that: one of the two begins at another time. */
function withoutTimes({ startNs: _, endNs: __, outlier: ___, ...step }: Reported): object {
	return step;
}
