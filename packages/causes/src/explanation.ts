import { type SlowStepCause, slowStepCauses } from '@ingero/contract/enums';

/** A cause that explains less than this share of the excess does not explain it. */
const LEAST_SHARE = 1 / 3;

/** A cause and how much it explains. */
export interface Explained {
	readonly name: SlowStepCause;
	readonly explainedMs: number;
	/** Of the excess, 0 to 1. */
	readonly share: number;
}

/** Why a step was slow. */
export interface Explanation {
	/** The likeliest cause: what explains most. `unknown` when nothing explains a third of the excess. */
	readonly cause: Explained;
	/** All that explain something, what explains most first; the shares add up to 1 at most. */
	readonly parts: readonly Explained[];
	/** Duration above the expected one, ms. */
	readonly excessMs: number;
}

/**
 * @param parts excess per cause, ns. Their sum is above the whole excess when the thread spent less time elsewhere: waiting
 * for the GPU, say, because it came late to the wait. They then share the excess.
 * @param excessNs duration above the expected one; where the step took no longer than its like, but was flagged all the
 * same, the parts are the excess
 */
export function explanationOf(parts: ReadonlyMap<SlowStepCause, number>, excessNs: number): Explanation {
	let sumNs = 0;
	for (const ns of parts.values()) sumNs += ns;
	const wholeNs = excessNs > 0 ? excessNs : sumNs;
	const scale = sumNs > 0 ? 1 / Math.max(wholeNs, sumNs) : 0;
	const explained = [...parts]
		.map(([name, ns]) => ({ name, explainedMs: (ns * scale * wholeNs) / 1e6, share: ns * scale }))
		.sort((a, b) => b.share - a.share);
	const [first] = explained;
	const cause: Explained =
		first !== undefined && first.share >= LEAST_SHARE
			? first
			: { name: slowStepCauses.unknown.name, explainedMs: 0, share: 0 };
	return { cause, parts: explained, excessMs: wholeNs / 1e6 };
}
