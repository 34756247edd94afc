import { describe, expect, test } from 'vitest';
import { CauseAnalyzer, type Explanation } from '../src/index';
import { step } from './steps';

const MS = 1e6;
const [RANK_0, RANK_1, HOG] = [500, 501, 900];

type Facts = Parameters<typeof step>[0];

/** Two ranks whose steps end within 10 us of one another. */
class Ranks {
	readonly #analyzer = new CauseAnalyzer();
	#endNs = 0;

	ordinary(count: number, collectives: number): this {
		for (let i = 0; i < count; i++) this.#both({ ncclCalls: collectives }, { ncclCalls: collectives }, false);
		return this;
	}

	slow(rank0: Facts, rank1: Facts): [Explanation | undefined, Explanation | undefined] {
		return this.#both(rank0, rank1, true);
	}

	#both(rank0: Facts, rank1: Facts, slow: boolean): [Explanation | undefined, Explanation | undefined] {
		const [first, second] = [step(rank0), step(rank1)];
		this.#endNs += Math.max(first.durationNs, second.durationNs);
		// Now one is first, now the other.
		const skewNs = this.#endNs % 4 === 0 ? 10_000 : -10_000;
		const observe = (rank: number, one: ReturnType<typeof step>, endNs: number) =>
			this.#analyzer.observe({ ...one, pid: rank, tid: rank, endNs }, slow);
		if (skewNs > 0) {
			const explained = observe(RANK_0, first, this.#endNs - skewNs);
			return [explained, observe(RANK_1, second, this.#endNs)];
		}
		const explained = observe(RANK_1, second, this.#endNs + skewNs);
		return [observe(RANK_0, first, this.#endNs), explained];
	}
}

const names = (explanations: readonly (Explanation | undefined)[]) => explanations.map((one) => one?.cause.name);

describe.for([
	['with collectives in sight', 2],
	['with collectives hidden in graphs', 0],
] as const)('ranks that keep step, %s', ([, collectives]) => {
	const ranks = () => new Ranks().ordinary(100, collectives);

	test('one waits for the other, which sleeps', () => {
		const [late, waiting] = [{ evidence: { blockedNs: 60 * MS } }, { evidence: { waitNs: 65 * MS } }];
		expect(names(ranks().slow(waiting, late))).toEqual(['peer_wait', 'host_delay']);
		expect(names(ranks().slow(late, waiting))).toEqual(['host_delay', 'peer_wait']);
	});

	test('one waits for the other, which has no CPU', () => {
		const late = { evidence: { waitNs: 13 * MS, waitRunQueueNs: 8 * MS } };
		expect(names(ranks().slow({ evidence: { waitNs: 13 * MS } }, late))).toEqual(['peer_wait', 'cpu_contention']);
	});

	test('one waits for the other, whose GPU somebody else uses: it shares its CPUs with that one', () => {
		const evidence = { waitNs: 11 * MS, foreignLaunches: 12 };
		const shared = { evidence: { ...evidence, neighbourPid: HOG, neighbourSwitches: 9 } };
		expect(names(ranks().slow({ evidence }, shared))).toEqual(['peer_wait', 'gpu_contention']);
	});

	test('sharing a CPU with the other rank says nothing about the GPU', () => {
		const shared = { evidence: { waitNs: 11 * MS, neighbourPid: RANK_0, neighbourSwitches: 9 } };
		expect(names(ranks().slow({ evidence: { waitNs: 11 * MS } }, shared))).toEqual(['peer_wait', 'peer_wait']);
	});
});

test('two servers of nearly equal speed are no ranks of one model', () => {
	const analyzer = new CauseAnalyzer();
	const ends: [number, number, number][] = [];
	for (let i = 1; i <= 2000; i++) ends.push([RANK_0, i * 6 * MS, 6 * MS], [RANK_1, i * 6.1 * MS, 6.1 * MS]);
	ends.sort((a, b) => a[1] - b[1]);
	const explained: (string | undefined)[] = [];
	for (const [i, [pid, endNs, durationNs]] of ends.entries()) {
		const slow = i > 500 && i % 97 === 0;
		const one = step({ evidence: { waitNs: durationNs - MS + (slow ? 5 * MS : 0) } });
		const explanation = analyzer.observe({ ...one, pid, tid: pid, endNs }, slow);
		if (slow) explained.push(explanation?.cause.name);
	}
	expect(new Set(explained)).toEqual(new Set(['gpu_contention']));
});
