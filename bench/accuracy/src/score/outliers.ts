import type { Fault } from '../labels/labels';
import { median } from './count';
import type { Comparison } from './expectation';

const OUTLIER_RATIO = 3;
const NORMAL_RATIO = 1.5;
const FAULT_RATIO = 1.6;
/** A workload of regime changes: its steps are slow for reasons of their own. */
const SHIFTING = 'shift';

export interface OutlierScore {
	/** Steps of at least 3 times what they should take, and how many were flagged. */
	readonly outliers: number;
	readonly outliersFlagged: number;
	/** Steps below 1.5 times it, and how many were called `2x` or `3x`. */
	readonly normal: number;
	readonly falseAlarms: number;
	/** Steps of at least 1.6 times it under a fault, and how many were flagged. */
	readonly faultSteps: number;
	readonly faultStepsFlagged: number;
	readonly delay: DelayScore;
}

/** Faults that slowed a step down, and how soon one was flagged. */
export interface DelayScore {
	readonly faults: number;
	readonly noticed: number;
	/** Median of the slow steps before the first flagged one; NaN without any. */
	readonly medianSteps: number;
	/** Median from the beginning of a fault to the end of the first flagged step; NaN without any. */
	readonly medianMs: number;
}

export function scoreOutliers(comparisons: readonly Comparison[], faults: readonly Fault[]): OutlierScore {
	const outliers = comparisons.filter(isOutlier);
	const normal = comparisons.filter(isNormal);
	const faultSteps = comparisons.filter(isFaultStep);
	return {
		outliers: outliers.length,
		outliersFlagged: outliers.filter(isFlagged).length,
		normal: normal.length,
		falseAlarms: normal.filter(isAlarm).length,
		faultSteps: faultSteps.length,
		faultStepsFlagged: faultSteps.filter(isFlagged).length,
		delay: scoreDelay(faultSteps, faults),
	};
}

export function isOutlier({ ratio, isSlow }: Comparison): boolean {
	return ratio >= OUTLIER_RATIO && isSlow;
}

export function isNormal({ label, ratio }: Comparison): boolean {
	return ratio < NORMAL_RATIO && label.peerFaults.length === 0;
}

export function isFaultStep({ label, ratio, isSlow }: Comparison): boolean {
	const isUnderFault = label.faults.length > 0 || label.peerFaults.length > 0;
	return ratio >= FAULT_RATIO && isSlow && isUnderFault && label.workload !== SHIFTING;
}

export function isFlagged({ step }: Comparison): boolean {
	return step.bucket !== null;
}

export function isAlarm({ step }: Comparison): boolean {
	return step.bucket === '2x' || step.bucket === '3x';
}

function scoreDelay(faultSteps: readonly Comparison[], faults: readonly Fault[]): DelayScore {
	const delays: { steps: number; ms: number }[] = [];
	let effective = 0;
	for (const { pid, startNs, endNs } of faults) {
		const slowed = faultSteps
			.filter(({ label }) => (pid ?? label.pid) === label.pid && label.startNs < endNs && label.endNs > startNs)
			.sort((a, b) => a.label.endNs - b.label.endNs);
		if (slowed.length === 0) continue;
		effective += 1;
		const steps = slowed.findIndex(isFlagged);
		const first = slowed[steps];
		if (first !== undefined) delays.push({ steps, ms: (first.step.endNs - startNs) / 1e6 });
	}
	const ascending = (a: number, b: number) => a - b;
	return {
		faults: effective,
		noticed: delays.length,
		medianSteps: median(delays.map(({ steps }) => steps).sort(ascending)),
		medianMs: median(delays.map(({ ms }) => ms).sort(ascending)),
	};
}
