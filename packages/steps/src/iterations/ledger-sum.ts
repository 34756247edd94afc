import type { CompletedLedger } from '../completed-ledger';
import type { StepEvidence } from '../evidence/step-evidence';
import { joinLane, LANE_0_BASE, LANE_1_BASE } from '../fingerprint';
import { addSketch } from '../function-sketch';
import { handleValue } from '../handle';

const LOW_WORD = 0xffff_ffffn;

/** Pieces of one thread's work, one right after the other, as one. What adds is added, fingerprint and evidence included. */
export class LedgerSum {
	pieces = 1;
	readonly #first: CompletedLedger;
	#last: CompletedLedger;
	/** The one with the most work, whose stream counts; of equals the one with the lower handle. */
	#busiest: CompletedLedger;
	#lastFunction: number;
	#launches: number;
	#graphLaunches: number;
	#gridBlocks: number;
	#memcpyBytes: number;
	#hostToDeviceBytes: number;
	#deviceToHostBytes: number;
	#ncclCalls: number;
	#allocs: number;
	#allocBytes: number;
	#frees: number;
	#fingerprint0: number;
	#fingerprint1: number;
	readonly #sketch: Uint32Array;
	#lossy: boolean;
	#launchesUnseen: boolean;
	#evidence: StepEvidence | undefined;

	constructor(first: CompletedLedger) {
		this.#first = first;
		this.#last = first;
		this.#busiest = first;
		this.#lastFunction = first.lastFunction;
		this.#launches = first.launches;
		this.#graphLaunches = first.graphLaunches;
		this.#gridBlocks = first.gridBlocks;
		this.#memcpyBytes = first.memcpyBytes;
		this.#hostToDeviceBytes = first.hostToDeviceBytes;
		this.#deviceToHostBytes = first.deviceToHostBytes;
		this.#ncclCalls = first.ncclCalls;
		this.#allocs = first.allocs;
		this.#allocBytes = first.allocBytes;
		this.#frees = first.frees;
		this.#fingerprint0 = Number(first.kernelFingerprint & LOW_WORD);
		this.#fingerprint1 = Number(first.kernelFingerprint >> 32n);
		this.#sketch = first.functionSketch.slice();
		this.#lossy = first.lossy;
		this.#launchesUnseen = first.launchesUnseen;
		this.#evidence = first.evidence;
	}

	add(later: CompletedLedger): void {
		const { launches, kernelFingerprint, functionSketch, evidence } = later;
		if (work(later) > work(this.#busiest) || isEqualAndLower(later, this.#busiest)) this.#busiest = later;
		if (work(later) > 0) this.#lastFunction = later.lastFunction;
		this.pieces += 1;
		this.#last = later;
		this.#launches += launches;
		this.#graphLaunches += later.graphLaunches;
		this.#gridBlocks += later.gridBlocks;
		this.#memcpyBytes += later.memcpyBytes;
		this.#hostToDeviceBytes += later.hostToDeviceBytes;
		this.#deviceToHostBytes += later.deviceToHostBytes;
		this.#ncclCalls += later.ncclCalls;
		this.#allocs += later.allocs;
		this.#allocBytes += later.allocBytes;
		this.#frees += later.frees;
		this.#fingerprint0 = joinLane(this.#fingerprint0, LANE_0_BASE, Number(kernelFingerprint & LOW_WORD), launches);
		this.#fingerprint1 = joinLane(this.#fingerprint1, LANE_1_BASE, Number(kernelFingerprint >> 32n), launches);
		addSketch(this.#sketch, functionSketch);
		this.#lossy ||= later.lossy;
		this.#launchesUnseen ||= later.launchesUnseen;
		this.#evidence =
			this.#evidence === undefined || evidence === undefined
				? (evidence ?? this.#evidence)
				: sum(this.#evidence, evidence);
	}

	/** What there is so far, as one ledger. The sum takes no more pieces then. */
	get total(): CompletedLedger {
		if (this.pieces === 1) return this.#first;
		const ledger: CompletedLedger = {
			...this.#last,
			streamHandle: this.#busiest.streamHandle,
			firstWorkNs: this.#first.firstWorkNs,
			launches: this.#launches,
			graphLaunches: this.#graphLaunches,
			gridBlocks: this.#gridBlocks,
			memcpyBytes: this.#memcpyBytes,
			hostToDeviceBytes: this.#hostToDeviceBytes,
			deviceToHostBytes: this.#deviceToHostBytes,
			ncclCalls: this.#ncclCalls,
			allocs: this.#allocs,
			allocBytes: this.#allocBytes,
			frees: this.#frees,
			kernelFingerprint: handleValue(this.#fingerprint0, this.#fingerprint1),
			lastFunction: this.#lastFunction,
			functionSketch: this.#sketch,
			launchesUnseen: this.#launchesUnseen,
			lossy: this.#lossy,
		};
		return this.#evidence === undefined ? ledger : { ...ledger, evidence: this.#evidence };
	}
}

function work({ launches, graphLaunches }: CompletedLedger): number {
	return launches + graphLaunches;
}

function isEqualAndLower(a: CompletedLedger, b: CompletedLedger): boolean {
	return work(a) === work(b) && a.streamHandle < b.streamHandle;
}

/** Everything in it adds, but for the neighbour. */
function sum(earlier: StepEvidence, later: StepEvidence): StepEvidence {
	const total = { ...later };
	for (const name of Object.keys(total) as (keyof StepEvidence)[]) total[name] += earlier[name];
	total.neighbourPid = later.neighbourPid === 0 ? earlier.neighbourPid : later.neighbourPid;
	return total;
}
