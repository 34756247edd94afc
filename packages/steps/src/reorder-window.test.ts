import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SourceClock } from './clock';
import { ReorderWindow } from './reorder-window';

interface Record {
	readonly tNs: number;
	/** Words after the two of the time; the first of them is the record's number. */
	readonly extra: number;
}

const records = fc.array(fc.record({ tNs: fc.nat(100), extra: fc.integer({ min: 1, max: 62 }) }), { maxLength: 60 });

/** Pushes records and advances after each, when told to; gives the released ones as [time, number]. */
function run(
	windowNs: number,
	pushed: readonly Record[],
	advanceTo: (i: number, newestNs: number) => number | undefined,
) {
	const released: [number, number][] = [];
	const window = new ReorderWindow({
		windowNs,
		clock: new SourceClock(0n),
		release: (words, at, tNs) => {
			const number = words[at + 2] as number;
			const extra = (pushed[number] as Record).extra;
			expect(tNs).toBe((words[at + 1] as number) * 2 ** 32 + (words[at] as number));
			expect([...words.subarray(at + 2, at + 2 + extra)]).toEqual(Array.from({ length: extra }, (_, i) => number + i));
			released.push([tNs, number]);
		},
	});
	let newestNs = 0;
	for (const [number, { tNs, extra }] of pushed.entries()) {
		const words = Uint32Array.from([9, 9, tNs % 2 ** 32, Math.floor(tNs / 2 ** 32)]);
		const record = Uint32Array.from([...words, ...Array.from({ length: extra }, (_, i) => number + i)]);
		expect(window.push(record, 2, 2 + extra)).toBe(tNs);
		newestNs = Math.max(newestNs, tNs);
		const nowNs = advanceTo(number, newestNs);
		if (nowNs !== undefined) window.advance(nowNs);
	}
	return { window, released };
}

const stableSort = (pushed: readonly Record[]) =>
	pushed.map(({ tNs }, number) => [tNs, number] as [number, number]).sort((a, b) => a[0] - b[0]);

describe('ReorderWindow', () => {
	test("sorts stably, whatever the records' lengths", () => {
		fc.assert(
			fc.property(records, (pushed) => {
				const { window, released } = run(10, pushed, () => undefined);
				expect(window.pending).toBe(pushed.length);
				expect(released).toEqual([]);
				window.advance(Number.POSITIVE_INFINITY);
				expect(window.pending).toBe(0);
				expect(released).toEqual(stableSort(pushed));
				expect(window.counters.late).toBe(0);
			}),
		);
	});

	test('gives the same when it releases as it goes, as long as nothing is later than the window', () => {
		const lateness = fc.array(fc.record({ byNs: fc.nat(10), extra: fc.integer({ min: 1, max: 62 }) }), {
			maxLength: 80,
		});
		fc.assert(
			fc.property(lateness, (late) => {
				const pushed = late.map(({ byNs, extra }, i) => ({ tNs: 100 + 2 * i - byNs, extra }));
				const { window, released } = run(10, pushed, (_, newestNs) => newestNs);
				window.advance(Number.POSITIVE_INFINITY);
				expect(released).toEqual(stableSort(pushed));
				expect(window.counters.late).toBe(0);
			}),
		);
	});

	test('releases what is later at once, and counts it; loses nothing', () => {
		fc.assert(
			fc.property(records, fc.nat(30), (pushed, windowNs) => {
				const { window, released } = run(windowNs, pushed, (_, newestNs) => newestNs);
				window.advance(Number.POSITIVE_INFINITY);
				expect(released.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])).toEqual(stableSort(pushed));
				const backwards = released.filter(([tNs], i) => released.slice(0, i).some(([other]) => other > tNs));
				expect(window.counters.late).toBe(backwards.length);
			}),
		);
	});

	test('holds what is within the window, and releases exactly the rest', () => {
		fc.assert(
			fc.property(records, fc.nat(120), (pushed, nowNs) => {
				const { window, released } = run(10, pushed, () => undefined);
				window.advance(nowNs);
				expect(released).toEqual(stableSort(pushed).filter(([tNs]) => tNs <= nowNs - 10));
				expect(window.pending).toBe(pushed.length - released.length);
			}),
		);
	});

	test('grows as much as it must, and comes to rest', () => {
		const count = 8000;
		const pushed = Array.from({ length: count }, (_, i) => ({ tNs: i ^ 7, extra: 10 }));
		const all = run(0, pushed, () => undefined);
		all.window.advance(Number.POSITIVE_INFINITY);
		expect(all.released).toEqual(stableSort(pushed));

		const inTurn = run(3000, pushed, (_, newestNs) => newestNs);
		expect(inTurn.window.pending).toBeLessThanOrEqual(3000 + 8);
		inTurn.window.advance(Number.POSITIVE_INFINITY);
		expect(inTurn.released).toEqual(stableSort(pushed));
		expect(inTurn.window.counters).toEqual({ late: 0, reordered: all.window.counters.reordered });
	});

	test('takes records that lie one right after the other as it takes each alone', () => {
		fc.assert(
			fc.property(fc.array(records, { maxLength: 6 }), fc.nat(30), (batches, windowNs) => {
				const released = { alone: [] as string[], together: [] as string[] };
				const windowInto = (log: string[]) =>
					new ReorderWindow({
						windowNs,
						clock: new SourceClock(0n),
						release: (words, at, tNs) => log.push([tNs, ...words.subarray(at, at + (words[at + 2] as number))].join()),
					});
				const alone = windowInto(released.alone);
				const together = windowInto(released.together);
				for (const [batch, pushed] of batches.entries()) {
					// After its time a record has its length, and what makes it unlike any other.
					const each = pushed.map(({ tNs, extra }, i) => [tNs, 0, 5 + extra, batch, i, ...Array(extra).fill(extra)]);
					for (const record of each) alone.push(Uint32Array.from(record), 0, record.length);
					const all = Uint32Array.from([...each.flat(), 1, 2, 3]);
					together.pushAll(all, all.length - 3, (words, at) => words[at + 2] as number);
					const nowNs = Math.max(0, ...pushed.map(({ tNs }) => tNs));
					alone.advance(nowNs);
					together.advance(nowNs);
					expect(together.pending).toBe(alone.pending);
				}
				alone.advance(Number.POSITIVE_INFINITY);
				together.advance(Number.POSITIVE_INFINITY);
				expect(released.together).toEqual(released.alone);
				expect(together.counters).toEqual(alone.counters);
			}),
		);
	});

	test('grows for what comes at once, while it holds what came before', () => {
		const words = (from: number, count: number) =>
			Uint32Array.from({ length: 4 * count }, (_, i) =>
				i % 4 === 0 ? from + (i >> 2) : i % 4 === 2 ? 2 * (from + (i >> 2)) : 0,
			);
		let next = 0;
		const window = new ReorderWindow({
			windowNs: 5000,
			clock: new SourceClock(0n),
			release: (held, at, tNs) => {
				expect([tNs, held[at + 2]]).toEqual([next, 2 * next]);
				next += 1;
			},
		});
		for (const [from, count] of [
			[0, 10_000],
			[10_000, 50_000],
			[60_000, 20_000],
			[80_000, 1],
			[80_001, 40_000],
		] as const) {
			window.pushAll(words(from, count), 4 * count, () => 4);
			window.advance(from + count);
			expect(next).toBe(Math.max(0, from + count - 5000 + 1));
		}
		window.advance(Number.POSITIVE_INFINITY);
		expect(next).toBe(120_001);
	});

	test('an advance to an earlier time than before releases nothing', () => {
		const { window, released } = run(0, [{ tNs: 5, extra: 1 }], () => undefined);
		window.advance(4);
		window.advance(Number.NEGATIVE_INFINITY);
		expect(released).toEqual([]);
		window.advance(5);
		expect(released).toEqual([[5, 0]]);
	});
});
