import { CauseAnalyzer, type CauseEvidence, type CauseStep, type Explanation } from '../src/index';

const MS = 1e6;

type Facts = Partial<Omit<CauseStep, 'evidence'>> & { readonly evidence?: Partial<CauseEvidence> };

/**
 * A decode step of a graph engine: 1 ms of enqueueing, 5 ms of waiting for the GPU. What is added to one of its times
 * makes it that much longer.
 */
export function step(facts: Facts = {}): CauseStep {
	const evidence = { ...ORDINARY, ...facts.evidence };
	const { runningNs, runQueueNs, lockNs, blockedNs, ioNs, allocNs, waitNs } = evidence;
	const spanNs = runningNs + runQueueNs + lockNs + blockedNs + ioNs + allocNs + waitNs;
	return {
		pid: 100,
		tid: 100,
		phase: 'decode',
		endNs: 0,
		durationNs: spanNs,
		launches: 4,
		graphLaunches: 1,
		gridBlocks: 64,
		memcpyBytes: 64,
		ncclCalls: 0,
		allocs: 0,
		frees: 0,
		...facts,
		evidence: { ...evidence, spanNs },
	};
}

const ORDINARY: CauseEvidence = {
	spanNs: 6 * MS,
	runningNs: MS,
	runQueueNs: 0,
	lockNs: 0,
	blockedNs: 0,
	ioNs: 0,
	allocNs: 0,
	waitNs: 5 * MS,
	waitRunQueueNs: 0,
	behindSiblingNs: 0,
	siblingRunQueueNs: 0,
	otherCopiedBytes: 0,
	foreignLaunches: 0,
	neighbourSwitches: 0,
	neighbourPid: 0,
};

/** Plays the steps of one process, one after the other; each slow one says so. */
export class Player {
	readonly analyzer: CauseAnalyzer = new CauseAnalyzer();
	#endNs = 0;

	ordinary(count: number, facts: Facts = {}): this {
		for (let i = 0; i < count; i++) this.#play(facts, false);
		return this;
	}

	slow(facts: Facts): Explanation | undefined {
		return this.#play(facts, true);
	}

	#play(facts: Facts, slow: boolean): Explanation | undefined {
		const next = step(facts);
		this.#endNs += next.durationNs;
		return this.analyzer.observe({ ...next, endNs: this.#endNs }, slow);
	}
}
