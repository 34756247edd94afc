import type { StepEvidence } from './evidence/step-evidence';

/**
 * Everything that was enqueued up to one read-back, with the time at which that read-back reached the host: a step, or a
 * piece of one, where an engine's iteration reads back several times. Pieces put together are a ledger again. Times are ns
 * since the source's base.
 */
export interface CompletedLedger {
	readonly pid: number;
	/** The thread that enqueued the read-back. */
	readonly tid: number;
	/** The stream with the most work; the lowest handle of equals. */
	readonly streamHandle: bigint;
	readonly firstWorkNs: number;
	/** When its read-back was enqueued; where waits end steps, when the wait returned. */
	readonly enqueuedNs: number;
	readonly completedNs: number;
	readonly launches: number;
	readonly graphLaunches: number;
	readonly gridBlocks: number;
	/** Copied in all directions. */
	readonly memcpyBytes: number;
	readonly hostToDeviceBytes: number;
	readonly deviceToHostBytes: number;
	readonly ncclCalls: number;
	readonly allocs: number;
	readonly allocBytes: number;
	readonly frees: number;
	/** Order-dependent fingerprint of the functions launched; 0n when none was. */
	readonly kernelFingerprint: bigint;
	/** Mixed handle of the function its thread launched, or the graph it replayed, last; 0 when it did neither. */
	readonly lastFunction: number;
	/**
	 * 256-bit sketch of the set of functions launched, each with the power of two of its grid, and of graphs replayed. Steps
	 * of one thread may share it: not to be written.
	 */
	readonly functionSketch: Uint32Array;
	/**
	 * Launches and graph replays that the thread had already enqueued for later read-backs when this one reached the host:
	 * what an engine that schedules ahead spent this step's time on.
	 */
	readonly launchesAhead: number;
	/** The probes on kernel launches were not attached all the time: launches, blocks and functions are not known. */
	readonly launchesUnseen: boolean;
	/** Something was lost while this step ran: do not judge by it. */
	readonly lossy: boolean;
	/** Where its time went; absent for the first step of a thread. */
	readonly evidence?: StepEvidence | undefined;
}
