/** Servers of many makes, made up: what must not matter to any of them does not. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lose } from '../../helpers/losses';
import { report } from '../../helpers/pipeline';
import { firstRecords } from '../../helpers/recordings';
import { type Request, requests, serve } from '../../helpers/serving-records';
import { byEnd, decisionOf, endOf, isSame, textOf, verdictOf } from './decisions';
import { interleaved, renamed, scaled } from './transformations';

/** INGERO_LONG=1 makes many more. */
const RUNS = { numRuns: process.env.INGERO_LONG === '1' ? 1000 : 40 };
const batch = fc.integer({ min: 1, max: 500 });

test('the same events give the same bytes, in whatever batches they come', async () => {
	await fc.assert(
		fc.asyncProperty(requests, fc.array(batch, { minLength: 1, maxLength: 5 }), async (served, batches) => {
			const recording = serve(served);
			expect(textOf(await report(recording, { batches }))).toBe(textOf(await report(recording)));
		}),
		RUNS,
	);
});

test('a clock that runs k times as fast changes no decision', async () => {
	await fc.assert(
		fc.asyncProperty(requests, fc.constantFrom(0.5, 2, 3), async (served, k) => {
			const recording = serve(served);
			const fast = await report(scaled(recording, k));
			expect(fast.map(decisionOf)).toEqual((await report(recording)).map(decisionOf));
		}),
		RUNS,
	);
});

test('processes, threads, streams and pointers by other names change nothing but the names', async () => {
	const handles = fc.integer({ min: 1, max: 2 ** 40 }).map(BigInt);
	await fc.assert(
		fc.asyncProperty(requests, fc.integer({ min: 1, max: 4_000_000 }), handles, async (served, threads, added) => {
			const recording = serve(served);
			const other = await report(renamed(recording, { threads, handles: added, functions: 0n }));
			const plain = await report(recording);
			expect(other.map(decisionOf)).toEqual(plain.map(decisionOf));
			for (const [i, { pid, streamHandle, ratio }] of other.entries()) {
				const step = plain[i] as (typeof plain)[number];
				expect([pid, streamHandle, ratio]).toEqual([step.pid + threads, step.streamHandle + added, step.ratio]);
			}
		}),
		RUNS,
	);
});

test('two servers traced together come out as if traced apart', async () => {
	await fc.assert(
		fc.asyncProperty(requests, requests, async (first, second) => {
			const [left, right] = [serve(first, { pid: 100 }), serve(second, { pid: 200 })];
			const together = await report(interleaved(left, right));
			for (const [alone, pid] of [[left, 100] as const, [right, 200] as const]) {
				const own = together.filter((step) => step.pid === pid);
				expect(own.map(verdictOf)).toEqual((await report(alone)).map(verdictOf));
			}
		}),
		RUNS,
	);
});

test('lost events make no step an outlier that is none', async () => {
	// Within 1.5 times the fastest of its kind, none is one, whatever was lost around it.
	const even = fc.integer({ min: 2_000_000, max: 2_900_000 }).map((half) => 2 * half);
	const steady: fc.Arbitrary<Request> = fc.record({
		prompt: fc.constantFrom(3, 12),
		prefillNs: even.map((ns) => 4 * ns),
		decodesNs: fc.array(even, { minLength: 5, maxLength: 30 }),
		batch: fc.constantFrom<1 | 2 | 4>(1, 2),
		graphs: fc.boolean(),
	});
	const losses = fc.array(
		fc.record({ kept: fc.integer({ min: 1, max: 900 }), lost: fc.integer({ min: 1, max: 60 }) }),
		{
			minLength: 1,
			maxLength: 6,
		},
	);
	await fc.assert(
		fc.asyncProperty(fc.array(steady, { minLength: 8, maxLength: 20 }), losses, async (served, lost) => {
			const { left, isLossy } = lose(serve(served), lost);
			const steps = await report(left, { isLossy });
			expect(steps.filter(({ bucket }) => bucket !== null)).toEqual([]);
		}),
		RUNS,
	);
});

test('the beginning of a recording comes out as it does of the whole', async () => {
	await fc.assert(
		fc.asyncProperty(requests, fc.integer({ min: 10, max: 800 }), async (served, records) => {
			const recording = serve(served);
			const whole = byEnd(await report(recording));
			for (const step of await report(firstRecords(recording, records))) {
				expect(isSame(step, whole.get(endOf(step)))).toBe(true);
			}
		}),
		RUNS,
	);
});
