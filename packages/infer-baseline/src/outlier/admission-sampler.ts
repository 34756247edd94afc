import { choiceOption, finiteOption } from '../internal/check';
import type { StepPhase } from '../phase/phase';
import { OUTLIER_BUCKETS, type OutlierBucket } from './bucket';

/** Why the sampler is degraded; one bounded set, fit for a metric label. */
export type DegradationCause = 'outlier_1_5x' | 'outlier_2x' | 'outlier_3x';

const CAUSE: Readonly<Record<OutlierBucket, DegradationCause>> = {
	'1.5x': 'outlier_1_5x',
	'2x': 'outlier_2x',
	'3x': 'outlier_3x',
};

/** Options of {@link AdmissionSampler}. */
export interface AdmissionSamplerOptions {
	/** Share of events kept while healthy, 0..1. Default 0.01: a day of an LLM server fits a small disk. */
	readonly healthyRate?: number;
	/** How long everything is kept after a bump, ns. Default 30 s: enough to see an outlier's aftermath. */
	readonly cooldownNs?: number;
	/** Mildest outlier that bumps. Default `3x`; `off`: none does. */
	readonly degradeOn?: OutlierBucket | 'off';
}

/**
 * Decides how much of the raw events is worth storing: a small share while all is well, everything from an
 * outlier until 30 s after the last one. Time and random numbers come from the caller.
 *
 * @throws TypeError for an option out of range
 */
export class AdmissionSampler {
	readonly #healthyRate: number;
	readonly #cooldownNs: number;
	readonly #lowestRank: number;
	readonly #degradations: Record<DegradationCause, number> = { outlier_1_5x: 0, outlier_2x: 0, outlier_3x: 0 };
	#cooldownEndNs = Number.NEGATIVE_INFINITY;

	constructor(options: AdmissionSamplerOptions = {}) {
		const { healthyRate = 0.01, cooldownNs = 30e9, degradeOn = '3x' } = options;
		this.#healthyRate = finiteOption('healthyRate', healthyRate, 'a number from 0 to 1', (v) => v >= 0 && v <= 1);
		this.#cooldownNs = finiteOption('cooldownNs', cooldownNs, 'a number > 0', (v) => v > 0);
		const choice = choiceOption('degradeOn', degradeOn, [...OUTLIER_BUCKETS, 'off']);
		this.#lowestRank = choice === 'off' ? OUTLIER_BUCKETS.length : OUTLIER_BUCKETS.indexOf(choice);
	}

	/**
	 * Reports an outlier. One bad enough, of any phase but `unknown`, starts or extends the cooldown.
	 *
	 * @returns true on the edge from healthy to degraded, which is also what is counted
	 */
	bump(bucket: OutlierBucket, phase: StepPhase, nowNs: number): boolean {
		if (phase === 'unknown' || OUTLIER_BUCKETS.indexOf(bucket) < this.#lowestRank) return false;
		const edge = !this.isDegraded(nowNs);
		this.#cooldownEndNs = Math.max(this.#cooldownEndNs, nowNs + this.#cooldownNs);
		if (edge) this.#degradations[CAUSE[bucket]] += 1;
		return edge;
	}

	/** Share of events to keep now: 1 while degraded, else the healthy rate. */
	rate(nowNs: number): number {
		return this.isDegraded(nowNs) ? 1 : this.#healthyRate;
	}

	/** @param random uniform in [0, 1) */
	admits(nowNs: number, random: number): boolean {
		return random < this.rate(nowNs);
	}

	isDegraded(nowNs: number): boolean {
		return nowNs < this.#cooldownEndNs;
	}

	/** When everything stops being kept, unless another bump comes; undefined before the first one. */
	get cooldownEndNs(): number | undefined {
		return this.#cooldownEndNs === Number.NEGATIVE_INFINITY ? undefined : this.#cooldownEndNs;
	}

	/** Edges from healthy to degraded, by the outlier that caused them. */
	get degradations(): Readonly<Record<DegradationCause, number>> {
		return this.#degradations;
	}
}
