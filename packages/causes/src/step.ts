/**
 * A completed step as the analyzer needs it. Structural: a verdict of `@ingero/infer-baseline` with the evidence of its
 * ledger (`@ingero/steps`) will do. Times are Numbers of ns on one clock.
 */
export interface CauseStep {
	readonly pid: number;
	/** The thread that enqueued the read-back. */
	readonly tid: number;
	/** What is compared with what: steps of one thread and one phase. */
	readonly phase: string;
	readonly endNs: number;
	readonly durationNs: number;
	/** It was compared with its like; one that was not teaches what is usual only until anything is known. Default true. */
	readonly warmed?: boolean | undefined;
	/** What it should have taken, given its work; without it the usual duration of its like. */
	readonly expectedNs?: number | null | undefined;
	readonly launches: number;
	readonly graphLaunches: number;
	/** Sum of the blocks of all launched grids. */
	readonly gridBlocks: number;
	/** Bytes copied in all directions. */
	readonly memcpyBytes: number;
	/** Collective calls; replayed graphs hide theirs. */
	readonly ncclCalls: number;
	readonly allocs: number;
	readonly frees: number;
	/** Why the GPU held its clocks down meanwhile: the bitmap of NVML without the idle bit; 0 when it did not. */
	readonly throttleReasons?: number | bigint | undefined;
	/** Where its time went; without it the step is not explained. */
	readonly evidence?: CauseEvidence | undefined;
}

/** Where the time between two completions went: `StepEvidence` of `@ingero/steps`, which says what each of these is. */
export interface CauseEvidence {
	readonly spanNs: number;
	readonly runningNs: number;
	readonly runQueueNs: number;
	readonly lockNs: number;
	readonly blockedNs: number;
	readonly ioNs: number;
	readonly allocNs: number;
	readonly waitNs: number;
	readonly waitRunQueueNs: number;
	readonly behindSiblingNs: number;
	readonly siblingRunQueueNs: number;
	readonly otherCopiedBytes: number;
	readonly foreignLaunches: number;
	readonly neighbourSwitches: number;
	readonly neighbourPid: number;
}
