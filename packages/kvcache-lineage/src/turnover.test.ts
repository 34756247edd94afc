import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TURNOVER_WINDOW_MS, TurnoverRing } from './turnover';

const S = 1e9;

test('the sums are those of the present 5 s and the eleven before, however late or far apart the events are', () => {
	const event = fc.record({
		stepNs: fc.integer({ min: -70 * S, max: 90 * S }),
		bytes: fc.nat(2 ** 40),
		free: fc.boolean(),
		block: fc.boolean(),
	});
	const events = fc.array(event, { maxLength: 60 });
	fc.assert(
		fc.property(fc.integer({ min: -200, max: 200 }), events, fc.nat(120 * S), (startS, steps, laterNs) => {
			const ring = new TurnoverRing();
			let tNs = startS * S;
			let newest = Number.NEGATIVE_INFINITY;
			const seen: { slice: number; bytes: number; free: boolean; block: boolean }[] = [];
			for (const { stepNs, ...rest } of steps) {
				tNs += stepNs;
				ring[rest.free ? 'freed' : 'allocated'](tNs, rest.bytes, rest.block);
				const slice = Math.floor(tNs / (5 * S));
				if (slice > newest - 12) seen.push({ slice, ...rest });
				newest = Math.max(newest, slice);
			}
			const end = Math.max(newest, Math.floor((tNs + laterNs) / (5 * S)));
			const inside = seen.filter(({ slice }) => slice > end - 12);
			const sum = (free: boolean) =>
				inside.filter((each) => each.free === free).reduce((total, { bytes }) => total + bytes, 0);
			const blocks = (free: boolean) => inside.filter((each) => each.block && each.free === free);
			expect(ring.total(tNs + laterNs)).toEqual({
				allocations: inside.filter(({ free }) => !free).length,
				frees: inside.filter(({ free }) => free).length,
				allocatedBytes: sum(false),
				freedBytes: sum(true),
				netBytes: sum(false) - sum(true),
				blockAllocations: blocks(false).length,
				blockFrees: blocks(true).length,
				blockSlices: new Set(blocks(false).map(({ slice }) => slice)).size,
			});
		}),
	);
});

test('the window is a minute', () => {
	expect(TURNOVER_WINDOW_MS).toBe(60_000);
});
