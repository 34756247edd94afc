import { integerOption } from '../internal/check';
import type { StepLedger } from '../ledger';
import type { Phase, PhaseClassifier } from './phase';

const MIB = 1024 * 1024;

/** Thresholds of {@link RuleClassifier}, tuned for models of 7 to 70 billion parameters. */
export interface PhaseRules {
	/** A decode launches at most this many kernels. Default 50. */
	readonly decodeMaxLaunches?: number;
	/** A decode copies at most this many bytes. Default 1 MiB. */
	readonly decodeMaxMemcpyBytes?: number;
	/** A prefill launches at least this many kernels. Default 200. */
	readonly prefillMinLaunches?: number;
	/** A prefill copies at least this many bytes. Default 0: engines that reuse device buffers copy nothing. */
	readonly prefillMinMemcpyBytes?: number;
	/** A step that fits nothing else and copies at least this many bytes is mixed. Default 10 MiB. */
	readonly mixedMemcpyBytes?: number;
	/** Lowest launch count of a mixed step, inclusive. Default: just above `decodeMaxLaunches`. */
	readonly mixedLaunchLow?: number;
	/** Highest launch count of a mixed step, inclusive. Default: just below `prefillMinLaunches`. */
	readonly mixedLaunchHigh?: number;
	/** This many memory-fragmentation events in a step of few launches make it a decode. Default 1; 0 is off. */
	readonly memfragDecodeMin?: number;
}

/** The work that the rules look at. */
export type PhaseSignals = Pick<StepLedger, 'launches' | 'memcpyBytes' | 'ncclCalls' | 'memfragEvents'>;

/**
 * Phase by fixed thresholds; the first rule that matches wins:
 *
 * 1. any NCCL call: prefill
 * 2. memfrag events >= `memfragDecodeMin`, launches < `decodeMaxLaunches`: decode
 * 3. launches >= `prefillMinLaunches`, copies >= `prefillMinMemcpyBytes`: prefill
 * 4. launches <= `decodeMaxLaunches`, copies <= `decodeMaxMemcpyBytes`: decode
 * 5. launches between the thresholds: mixed
 * 6. copies >= `mixedMemcpyBytes`: mixed
 * 7. unknown
 *
 * Right for engines that replay graphs to decode. Known limits, measured on an H100: eager decode launches as
 * many kernels as eager prefill and is called prefill, and so is every tensor-parallel step, through rule 1.
 *
 * @throws TypeError for a threshold that is not an integer in range
 */
export class RuleClassifier implements PhaseClassifier {
	readonly #decodeMaxLaunches: number;
	readonly #decodeMaxMemcpyBytes: number;
	readonly #prefillMinLaunches: number;
	readonly #prefillMinMemcpyBytes: number;
	readonly #mixedMemcpyBytes: number;
	readonly #mixedLaunchLow: number;
	readonly #mixedLaunchHigh: number;
	readonly #memfragDecodeMin: number;

	constructor(rules: PhaseRules = {}) {
		this.#decodeMaxLaunches = integerOption('decodeMaxLaunches', rules.decodeMaxLaunches ?? 50, 1);
		this.#decodeMaxMemcpyBytes = integerOption('decodeMaxMemcpyBytes', rules.decodeMaxMemcpyBytes ?? MIB, 0);
		this.#prefillMinLaunches = integerOption('prefillMinLaunches', rules.prefillMinLaunches ?? 200, 1);
		this.#prefillMinMemcpyBytes = integerOption('prefillMinMemcpyBytes', rules.prefillMinMemcpyBytes ?? 0, 0);
		this.#mixedMemcpyBytes = integerOption('mixedMemcpyBytes', rules.mixedMemcpyBytes ?? 10 * MIB, 0);
		const { mixedLaunchLow = this.#decodeMaxLaunches + 1, mixedLaunchHigh } = rules;
		this.#mixedLaunchLow = integerOption('mixedLaunchLow', mixedLaunchLow, 1);
		this.#mixedLaunchHigh =
			mixedLaunchHigh === undefined
				? this.#prefillMinLaunches - 1
				: integerOption('mixedLaunchHigh', mixedLaunchHigh, 1);
		this.#memfragDecodeMin = integerOption('memfragDecodeMin', rules.memfragDecodeMin ?? 1, 0);
	}

	classify(signals: PhaseSignals): Phase {
		const { launches, memcpyBytes } = signals;
		if (signals.ncclCalls > 0) return 'prefill';
		if (
			this.#memfragDecodeMin > 0 &&
			signals.memfragEvents >= this.#memfragDecodeMin &&
			launches < this.#decodeMaxLaunches
		) {
			return 'decode';
		}
		if (launches >= this.#prefillMinLaunches && memcpyBytes >= this.#prefillMinMemcpyBytes) return 'prefill';
		if (launches <= this.#decodeMaxLaunches && memcpyBytes <= this.#decodeMaxMemcpyBytes) return 'decode';
		if (launches >= this.#mixedLaunchLow && launches <= this.#mixedLaunchHigh) return 'mixed';
		if (memcpyBytes >= this.#mixedMemcpyBytes) return 'mixed';
		return 'unknown';
	}
}
