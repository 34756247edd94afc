import type { StepEvidence } from './evidence/step-evidence';

/**
 * One candidate step: everything that was enqueued up to one read-back, with the time at which that read-back
 * reached the host. Times are ns since the source's base.
 */
export interface CompletedLedger {
	readonly pid: number;
	/** The thread that enqueued the read-back. */
	readonly tid: number;
	/** The stream with the most work; the lowest handle of equals. */
	readonly streamHandle: bigint;
	readonly firstWorkNs: number;
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
	/** 256-bit sketch of the set of functions launched, each with the power of two of its grid, and of graphs replayed. */
	readonly functionSketch: Uint32Array;
	/** Something was lost while this step ran: do not judge by it. */
	readonly lossy: boolean;
	/** Where its time went; absent for the first step of a thread. */
	readonly evidence?: StepEvidence;
}
