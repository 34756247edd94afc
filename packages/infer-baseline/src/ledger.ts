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
	/** Copied in all directions. */
	readonly memcpyBytes: number;
	readonly hostToDeviceBytes: number;
	readonly deviceToHostBytes: number;
	readonly ncclCalls: number;
	readonly memfragEvents: number;
	/** Hash of the launched functions, unsigned 64 bits; 0n when there were none. */
	readonly kernelFingerprint: bigint;
	/**
	 * 256 bits, in 8 words: a mark for every function launched, together with the power of two of its grid, and for every
	 * graph replayed. Tells which program ran; all zero, work is told apart by its size alone.
	 */
	readonly functionSketch: Uint32Array;
	/**
	 * Launches and graph replays that the process had already enqueued for later read-backs when this one reached the
	 * host. An engine that schedules ahead spends this step's time on them. Default 0.
	 */
	readonly launchesAhead?: number | undefined;
	/**
	 * Its kernel launches were not watched: they count as none, and its work and functions are not known. Default false.
	 */
	readonly launchesUnseen?: boolean | undefined;
	/** Events were lost or sampled out while it ran, so neither its work nor its duration can be trusted. */
	readonly lossy: boolean;
}

/** What is assumed of a step that an embedder knows little about: one launch of an unknown program. */
const LITTLE_KNOWN: Omit<StepLedger, 'completedNs' | 'firstWorkNs' | 'functionSketch'> = {
	pid: 0,
	tid: 0,
	cgroupPathHash: '',
	streamHandle: 0n,
	launches: 1,
	graphLaunches: 0,
	gridBlocks: 0,
	memcpyBytes: 0,
	hostToDeviceBytes: 0,
	deviceToHostBytes: 0,
	ncclCalls: 0,
	memfragEvents: 0,
	kernelFingerprint: 0n,
	lossy: false,
};

/**
 * A ledger from as much as its maker knows: when the step began and completed, and, so that long prompts are compared
 * with long ones, any measure of its work as `gridBlocks` (tokens will do).
 */
export function stepLedger(known: Pick<StepLedger, 'firstWorkNs' | 'completedNs'> & Partial<StepLedger>): StepLedger {
	return { ...LITTLE_KNOWN, functionSketch: new Uint32Array(8), ...known };
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
