import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LaunchSchedule } from './launch-schedule';
import { WatchedLedgers } from './watched-ledgers';
import { WatchedTimes } from './watched-times';

it('says of every stretch whether the probes were there all along, and for how long', () => {
	const stretches = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 })), {
		maxLength: 20,
	});
	const span = fc.tuple(fc.nat(2000), fc.nat(200));
	fc.assert(
		fc.property(stretches, fc.boolean(), span, (lengths, endsOpen, [from, length]) => {
			const times = new WatchedTimes();
			// One cell a nanosecond: open or not.
			const open = new Array<boolean>(2500).fill(false);
			let now = 0;
			for (const [gap, watched] of lengths) {
				now += gap;
				times.open(now);
				open.fill(true, now, now + watched);
				now += watched;
				times.close(now);
			}
			if (endsOpen) {
				times.open(now + 1);
				open.fill(true, now + 1);
			}
			const cells = open.slice(from, from + length);
			expect(times.watchedNs(from, from + length)).toBe(cells.filter(Boolean).length);
			if (length > 0) expect(times.covers(from, from + length)).toBe(cells.every(Boolean));
		}),
		{ seed: 1 },
	);
});

it('remembers the last minute of guard mode and no more', () => {
	const times = new WatchedTimes();
	for (let i = 0; i < 1000; i++) {
		times.open(10 * i);
		times.close(10 * i + 5);
	}
	expect(times.covers(9981, 9984)).toBe(true);
	expect(times.covers(1, 4)).toBe(false);
	expect(times.isOpen).toBe(false);
});

it('takes a ledger for watched only if all launches since the one before were', () => {
	const times = new WatchedTimes();
	const ledgers = new WatchedLedgers(times);
	times.open(0);
	expect(ledgers.wasWatched(1, 10)).toBe(true);
	expect(ledgers.wasWatched(1, 20)).toBe(true);
	times.close(25);
	expect(ledgers.wasWatched(1, 30)).toBe(false);
	// The ledger of another stream, shipped with it.
	expect(ledgers.wasWatched(1, 30)).toBe(false);
	times.open(40);
	expect(ledgers.wasWatched(1, 50)).toBe(false);
	expect(ledgers.wasWatched(1, 60)).toBe(true);
	expect(ledgers.wasWatched(2, 60)).toBe(true);
});

it('samples launches a fiftieth of the time, at once when it begins, and after an outlier', () => {
	const schedule = new LaunchSchedule(0);
	const MS = 1e6;
	const watchedMs = (fromMs: number, toMs: number) => {
		let count = 0;
		for (let ms = fromMs; ms < toMs; ms++) if (schedule.shouldWatch(ms * MS)) count += 1;
		return count;
	};
	expect(watchedMs(0, 100)).toBe(100);
	expect(watchedMs(100, 5000)).toBe(0);
	expect(watchedMs(5000, 50_000)).toBe(9 * 100);
	schedule.outlier(50_500 * MS);
	expect(watchedMs(50_500, 55_000)).toBe(1000);
	// One outlier after the other changes nothing for a while.
	schedule.outlier(55_000 * MS);
	expect(watchedMs(55_000, 65_000)).toBe(200);
	schedule.processCame(65_000 * MS);
	expect(watchedMs(65_000, 70_000)).toBe(5000);
	schedule.spend(0.25);
	expect(watchedMs(70_000, 110_000)).toBe(10 * 1000);
	expect(new LaunchSchedule(0, true).shouldWatch(4999 * MS)).toBe(true);
});
