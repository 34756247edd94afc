import type { CauseEvidence, CauseStep } from './step';

/** What is kept of every step, to know what is usual. */
export const MEASURES = [
	'durationNs',
	'runningNs',
	'runQueueNs',
	'lockNs',
	'blockedNs',
	'ioNs',
	'allocNs',
	'waitNs',
	'waitRunQueueNs',
	'behindSiblingNs',
	'siblingRunQueueNs',
	'foreignLaunches',
	'launches',
	'graphLaunches',
	'gridBlocks',
	'memcpyBytes',
	'memoryCalls',
] as const;
export type Measure = (typeof MEASURES)[number];
export type Measures = Record<Measure, number>;

/** The measures of a step; the time before an idle thread's step is taken off where it sat. */
export function measuresOf(step: CauseStep, evidence: CauseEvidence): Measures {
	const { durationNs, launches, graphLaunches, gridBlocks, memcpyBytes } = step;
	const idleNs = Math.max(0, evidence.spanNs - durationNs);
	const blockedNs = Math.max(0, evidence.blockedNs - idleNs);
	const notBlockedNs = idleNs - (evidence.blockedNs - blockedNs);
	return {
		durationNs,
		runningNs: Math.max(0, evidence.runningNs - notBlockedNs),
		runQueueNs: evidence.runQueueNs,
		lockNs: evidence.lockNs,
		blockedNs,
		ioNs: evidence.ioNs,
		allocNs: evidence.allocNs,
		waitNs: evidence.waitNs,
		waitRunQueueNs: evidence.waitRunQueueNs,
		behindSiblingNs: evidence.behindSiblingNs,
		siblingRunQueueNs: evidence.siblingRunQueueNs,
		foreignLaunches: evidence.foreignLaunches,
		launches,
		graphLaunches,
		gridBlocks,
		memcpyBytes,
		memoryCalls: step.allocs + step.frees,
	};
}
