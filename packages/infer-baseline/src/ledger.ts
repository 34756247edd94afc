/**
 * The work of one completed step, as the engine needs it. Structural: any object with these fields will do, and
 * the engine keeps no reference to it.
 *
 * All times are Numbers of nanoseconds since one base of the source's choosing (exact integers up to 104 days),
 * on one clock, and a thread's ledgers come in order of completion.
 */
export interface StepLedger {
	readonly pid: number;
	/** Thread that enqueued the read-back. */
	readonly tid: number;
	/** First 16 hex digits of the SHA-256 of the cgroup path; `''` when unknown. */
	readonly cgroupPathHash: string;
	/** Stream with most of the work, unsigned 64 bits. */
	readonly streamHandle: bigint;
	/** When the step's read-back reached the host. */
	readonly completedNs: number;
	/** First enqueue of this step's work; in a pipelined engine that is before the previous step completed. */
	readonly firstWorkNs: number;
	/** Kernel launches, counted at one layer; a replayed graph is no launch. */
	readonly launches: number;
	readonly graphLaunches: number;
	/** Sum of gridDim.x*y*z over the launches. */
	readonly gridBlocks: number;
	readonly memcpyBytes: number;
	readonly ncclCalls: number;
	readonly memfragEvents: number;
	/** Hash of the launched functions, unsigned 64 bits; 0n when there were none. */
	readonly kernelFingerprint: bigint;
	/** Events were lost or sampled out while it ran, so neither its work nor its duration can be trusted. */
	readonly lossy: boolean;
}

/** True when nothing was enqueued: a nested or a polling sync, not a step. */
export function isEmpty(ledger: StepLedger): boolean {
	return (
		ledger.launches === 0 &&
		ledger.graphLaunches === 0 &&
		ledger.memcpyBytes === 0 &&
		ledger.ncclCalls === 0 &&
		ledger.memfragEvents === 0
	);
}
