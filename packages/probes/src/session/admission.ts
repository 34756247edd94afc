import type { SourceClock } from '@ingero/steps';
import type { KernelState } from '../kernel-state';

/** Decides which steps' raw events the programs deliver. */
export class Admission {
	readonly #state: KernelState;
	readonly #clock: SourceClock;
	readonly #fraction: number;
	#allUntilNs = 0n;
	#deliversEvents = true;

	/** @param fraction of the steps, 0 to 1 */
	constructor(state: KernelState, clock: SourceClock, fraction: number) {
		this.#state = state;
		this.#clock = clock;
		this.#fraction = fraction;
		state.setAdmission(fraction);
	}

	/** @param untilNs time until which every step is admitted, ns since the source's base; Infinity is for good */
	admitAllUntil(untilNs: number): void {
		const bounded = Math.min(Math.max(0, Math.round(untilNs)), Number.MAX_SAFE_INTEGER);
		this.#allUntilNs = this.#clock.absolute(bounded);
		if (this.#deliversEvents) this.#state.admitAllUntil(this.#allUntilNs);
	}

	/** Admits no step until events are wanted again; what was asked for meanwhile holds from then on. */
	deliverEvents(isWanted: boolean): void {
		this.#deliversEvents = isWanted;
		this.#state.setAdmission(isWanted ? this.#fraction : 0);
		this.#state.admitAllUntil(isWanted ? this.#allUntilNs : 0n);
	}
}
