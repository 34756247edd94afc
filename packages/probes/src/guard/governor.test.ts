import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Governor, type LevelChange, type OverheadSample, type ProcessHits } from './governor';

const SECOND = 1e9;
const PID = 7;

/** A governor that is fed a second at a time. */
class Run {
	readonly changes: LevelChange[] = [];
	readonly #governor: Governor;
	readonly #hits = new Map<number, ProcessHits>();
	#nowNs = 0;

	constructor(limit: number) {
		this.#governor = new Governor(limit);
		this.second({});
	}

	get level() {
		return this.#governor.level;
	}

	get overhead() {
		return this.#governor.overhead;
	}

	get launchShare() {
		return this.#governor.launchShare;
	}

	/** @param rates hits of a second, of each process */
	second(rates: Record<number, Partial<ProcessHits>>, options: { eventShare?: number; watchedNs?: number } = {}): void {
		this.#nowNs += SECOND;
		for (const [pid, { launches = 0, others = 0 }] of Object.entries(rates)) {
			const before = this.#hits.get(Number(pid)) ?? { launches: 0, others: 0 };
			this.#hits.set(Number(pid), { launches: before.launches + launches, others: before.others + others });
		}
		const sample: OverheadSample = {
			nowNs: this.#nowNs,
			processes: new Map(this.#hits),
			launchNs: 1000,
			otherNs: 2000,
			eventShare: 0,
			watchedNs: SECOND,
			...options,
		};
		const change = this.#governor.observe(sample);
		if (change !== undefined) this.changes.push(change);
	}

	seconds(count: number, ...args: Parameters<Run['second']>): void {
		for (let i = 0; i < count; i++) this.second(...args);
	}
}

describe('a governor with a limit of a tenth', () => {
	it('leaves alone what costs less', () => {
		const run = new Run(0.1);
		run.seconds(100, { [PID]: { launches: 80_000, others: 5000 } });
		expect(run.changes).toEqual([]);
		expect(run.overhead).toBeCloseTo(0.09);
	});

	it('is not moved by one bad second', () => {
		const run = new Run(0.1);
		for (let i = 0; i < 20; i++) {
			run.second({ [PID]: { launches: 300_000 } });
			run.second({ [PID]: { launches: 1000 } });
		}
		expect(run.level).toBe('full');
	});

	it('goes to guard mode at once where raw events are not what costs', () => {
		const run = new Run(0.1);
		run.seconds(2, { [PID]: { launches: 200_000 } });
		expect(run.changes).toEqual([{ from: 'full', to: 'guard', pid: PID, overhead: 0.2 }]);
	});

	it('first leaves out raw events where there are many, then watches launches in samples, then goes', () => {
		const run = new Run(0.1);
		run.seconds(10, { [PID]: { launches: 200_000, others: 210_000 } }, { eventShare: 1 });
		expect(run.changes.map(({ from, to }) => [from, to])).toEqual([
			['full', 'ledgers'],
			['ledgers', 'guard'],
			['guard', 'off'],
		]);
	});

	it('looks at the process that pays most, not at the sum of them', () => {
		const run = new Run(0.1);
		const rates = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [i + 1, { launches: 60_000 }]));
		run.seconds(10, rates);
		expect(run.level).toBe('full');
		run.seconds(2, { ...rates, 5: { launches: 150_000 } });
		expect(run.changes.at(-1)).toMatchObject({ to: 'guard', pid: 5 });
	});

	it('counts a process from when it comes', () => {
		const run = new Run(0.1);
		run.seconds(3, { 1: { launches: 1000 } });
		run.seconds(2, { 1: { launches: 1000 }, 2: { launches: 150_000 } });
		expect(run.changes.at(-1)).toMatchObject({ to: 'guard', pid: 2 });
	});

	it('comes back from guard mode when its samples have been cheap for half a minute, and not before', () => {
		const run = new Run(0.1);
		run.seconds(2, { [PID]: { launches: 200_000 } });
		// 2 % of the time is watched: 4,000 launches of 200,000 are seen.
		run.seconds(60, { [PID]: { launches: 4000 } }, { watchedNs: 0.02 * SECOND });
		expect(run.level).toBe('guard');
		run.seconds(25, { [PID]: { launches: 400 } }, { watchedNs: 0.02 * SECOND });
		expect(run.level).toBe('guard');
		run.seconds(10, { [PID]: { launches: 400 } }, { watchedNs: 0.02 * SECOND });
		expect(run.changes.at(-1)).toMatchObject({ from: 'guard', to: 'full' });
	});

	it('takes seconds without a sample for no sign of calm', () => {
		const run = new Run(0.1);
		run.seconds(2, { [PID]: { launches: 200_000 } });
		run.seconds(200, { [PID]: {} }, { watchedNs: 0 });
		expect(run.level).toBe('guard');
	});

	it('does not take the learning of a new process in guard mode for too much', () => {
		const run = new Run(0.1);
		run.seconds(2, { [PID]: { launches: 200_000 } });
		run.seconds(5, { [PID]: { launches: 200_000 }, 8: { launches: 300_000 } });
		expect(run.level).toBe('guard');
	});

	it('watches launches in guard mode for as much of the time as the limit allows, and never less than a fiftieth', () => {
		const overhead = fc.double({ min: 0.12, max: 2, noNaN: true });
		fc.assert(
			fc.property(overhead, fc.double({ min: 0, max: 0.09, noNaN: true }), (launches, others) => {
				const run = new Run(0.1);
				run.seconds(3, { [PID]: { launches: launches * 1e6, others: others * 5e5 } });
				expect(run.level).toBe('guard');
				const cost = run.launchShare * launches + others;
				expect(run.launchShare).toBeGreaterThanOrEqual(0.02);
				expect(run.launchShare).toBeLessThanOrEqual(0.5);
				if (run.launchShare > 0.02) expect(cost).toBeLessThanOrEqual(0.1);
				if (run.launchShare < 0.5) expect(cost).toBeGreaterThan(0.06);
			}),
		);
		const run = new Run(0.1);
		run.seconds(3, { [PID]: { launches: 200_000 } });
		const before = run.launchShare;
		// One quiet sample is no reason to watch much more.
		run.second({ [PID]: { launches: 10 } }, { watchedNs: 0.3 * SECOND });
		expect(run.launchShare / before).toBeCloseTo(1, 0);
	});

	it('never goes because of one process while another one pays little, or nothing at the moment', () => {
		const run = new Run(0.1);
		run.seconds(100, { [PID]: { launches: 200_000, others: 400_000 }, 8: { others: 100 } });
		expect(run.level).toBe('guard');
		run.seconds(100, { [PID]: { launches: 200_000, others: 400_000 } });
		expect(run.level).toBe('guard');
	});

	it('keeps what is left in guard mode up to four times the limit: without it nothing is seen', () => {
		const run = new Run(0.1);
		run.seconds(100, { [PID]: { launches: 10_000, others: 190_000 } });
		expect(run.level).toBe('guard');
		run.seconds(3, { [PID]: { launches: 10_000, others: 210_000 } });
		expect(run.level).toBe('off');
	});

	it('tries again a minute after it has taken all probes away', () => {
		const run = new Run(0.1);
		run.seconds(10, { [PID]: { launches: 200_000, others: 210_000 } });
		expect(run.level).toBe('off');
		run.seconds(50, {});
		expect(run.level).toBe('off');
		run.seconds(12, {});
		expect(run.level).toBe('guard');
	});
});
