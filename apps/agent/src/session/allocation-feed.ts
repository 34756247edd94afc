import { histogramBounds } from '@ingero/contract';
import { lossCauses } from '@ingero/contract/enums';
import { inferKvcacheAllocAgeMs } from '@ingero/contract/metrics';
import type { KvCacheContext, StepVerdict } from '@ingero/infer-baseline';
import { AllocationLineage, type LineageCounters } from '@ingero/kvcache-lineage';
import type { LossLedger } from '@ingero/steps';
import type { OpenedSource } from '../output/session-output';
import { kindsWithEnds, MemoryCallReader } from './memory-calls';
import { MemoryQueue } from './memory-queue';

const BOUNDS_MS = histogramBounds[inferKvcacheAllocAgeMs.name];

/** What became of the allocations of a session. */
export type AllocationCounters = LineageCounters & { readonly live: number };

/**
 * Follows the device memory of processes through a session: the same for the live probes and for a recording, so that both
 * say the same of it.
 */
export class AllocationFeed {
	readonly #topN: number;
	readonly #maxPerProcess: number;
	readonly #ageCounts = new Array<number>(BOUNDS_MS.length + 1).fill(0);
	#ageSumMs = 0;
	#lineage = new AllocationLineage();
	#reader: MemoryCallReader | undefined;
	readonly #queue = new MemoryQueue(
		(words, at, tNs) => this.#reader?.read(words, at, this.#baseNs + tNs),
		(pid) => this.#lineage.forgetProcess(pid),
	);
	/** Times of the lineage are those of the source's clock: slices of time are then the same for every base. */
	#baseNs = 0;
	#losses: (() => LossLedger) | undefined;
	#lostBefore = 0;

	/** @param options.topN how many ages an outlier carries at most */
	constructor(options: { readonly topN: number; readonly maxPerProcess: number }) {
		this.#topN = options.topN;
		this.#maxPerProcess = options.maxPerProcess;
	}

	/** Every age that an outlier carried, by size, ms. */
	get agesMs(): { readonly bounds: readonly number[]; readonly counts: readonly number[]; readonly sum: number } {
		return { bounds: BOUNDS_MS, counts: this.#ageCounts, sum: this.#ageSumMs };
	}

	/** Of everything that came. */
	get counters(): AllocationCounters {
		this.#queue.advance(Number.POSITIVE_INFINITY);
		return { ...this.#lineage.counters, live: this.#lineage.size };
	}

	/** @param losses asked at slow steps: after a loss nobody knows all of a process's memory */
	opened({ clock, operations }: OpenedSource, losses: () => LossLedger): void {
		this.#baseNs = Number(clock.baseNs);
		this.#losses = losses;
		this.#lineage = new AllocationLineage({
			maxPerProcess: this.#maxPerProcess,
			seesEndsOf: kindsWithEnds(operations),
		});
		this.#reader = new MemoryCallReader(this.#lineage, operations);
	}

	memoryCall(words: Uint32Array, at: number, tNs: number): void {
		this.#queue.call(words, at, tNs);
	}

	processExited(pid: number): void {
		this.#queue.exited(pid);
	}

	/** A step that ended at `endNs` is about to be judged. */
	advance(endNs: number): void {
		this.#queue.advance(endNs);
	}

	/** The memory of a slow step's process at the step's end, up to which {@link advance} has brought it; `undefined` when nothing is known of it. */
	kvCache({ pid, endNs }: StepVerdict): KvCacheContext | undefined {
		this.#lookForLosses();
		const atNs = this.#baseNs + endNs;
		const summary = this.#lineage.summary(pid, atNs);
		if (summary === undefined) return undefined;
		const agesMs = this.#lineage.oldestAgesMs(pid, atNs, this.#topN);
		for (const age of agesMs) this.#countAge(age);
		const { granularity, coverage, live, quietMs, growth } = summary;
		return {
			agesMs,
			granularity,
			coverage,
			liveAllocations: live.count,
			liveBytes: live.bytes,
			quietMs,
			turnover: {
				allocations: growth.allocations,
				frees: growth.frees,
				allocatedBytes: growth.allocatedBytes,
				freedBytes: growth.freedBytes,
			},
		};
	}

	#lookForLosses(): void {
		const lost = this.#losses === undefined ? 0 : lostCalls(this.#losses());
		if (lost > this.#lostBefore) this.#lineage.eventsLost();
		this.#lostBefore = lost;
	}

	#countAge(ageMs: number): void {
		const bucket = BOUNDS_MS.findIndex((bound) => ageMs <= bound);
		const place = bucket < 0 ? BOUNDS_MS.length : bucket;
		this.#ageCounts[place] = (this.#ageCounts[place] as number) + 1;
		this.#ageSumMs += ageMs;
	}
}

/** Causes for which a call that changes memory may be missing. Those under way come yet. */
const CAUSES = [
	lossCauses.ringFull,
	lossCauses.ledgerRingFull,
	lossCauses.noThreadState,
	lossCauses.nestingOverflow,
	lossCauses.unreadArguments,
].map(({ name }) => name);

function lostCalls({ dropped, ledgers }: LossLedger): number {
	return CAUSES.reduce((sum, cause) => sum + (dropped[cause] ?? 0) + (ledgers.dropped[cause] ?? 0), 0);
}
