import type { Label } from '../labels/labels';
import { type Confusion, confusionOf } from './count';
import type { Comparison } from './expectation';
import { isFaultStep, isFlagged } from './outliers';

const CAUSE_OF_FAULT: Readonly<Record<string, string>> = {
	cpu: 'cpu_contention',
	gil: 'lock_wait',
	gpu: 'gpu_contention',
	copy: 'copy_interference',
	alloc: 'memory_pressure',
};

export interface CauseScore {
	/** Flagged steps under faults of one kind. */
	readonly steps: number;
	readonly right: number;
	/** Those with no cause, or `unknown`. */
	readonly unknown: number;
	/** Expected → named → steps; `none` where no cause was named. */
	readonly confusion: Confusion;
}

export function scoreCauses(comparisons: readonly Comparison[]): CauseScore {
	const pairs = comparisons.flatMap((comparison) => {
		const truth = expectedCause(comparison);
		return truth === undefined ? [] : [{ truth, said: comparison.step.cause ?? 'none' }];
	});
	return {
		steps: pairs.length,
		right: pairs.filter(({ truth, said }) => truth === said).length,
		unknown: pairs.filter(({ said }) => said === 'none' || said === 'unknown').length,
		confusion: confusionOf(pairs),
	};
}

/** @returns undefined for a step whose cause is not scored */
export function expectedCause(comparison: Comparison): string | undefined {
	if (!isFaultStep(comparison) || !isFlagged(comparison)) return undefined;
	const { faults, peerFaults } = comparison.label;
	const [kind, ...others] = faults.length > 0 ? faults : peerFaults;
	return others.every((other) => other === kind) ? causeOf(comparison.label) : undefined;
}

/** Any other fault makes the process late; a rank whose peer is struck waits for it. */
function causeOf({ faults: [kind] }: Label): string {
	return kind === undefined ? 'peer_wait' : (CAUSE_OF_FAULT[kind] ?? 'host_delay');
}
