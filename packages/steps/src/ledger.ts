import { joinLane, LANE_0_BASE, LANE_1_BASE, mixFunction } from './fingerprint';
import { addSketch, graphBit, launchBit, mixGraph, SKETCH_WORDS, setBit } from './function-sketch';
import { handleValue } from './handle';

/**
 * What one process enqueued on one stream since its ledger was last closed. A ledger is a value that adds:
 * closing it too often loses nothing, because the parts can be put together again, the fingerprint included.
 *
 * Times are ns since the source's base. Plain fields, so that the hot path allocates nothing.
 */
export class Ledger {
	/** First and last enqueue; 0 when nothing was. */
	firstWorkNs = 0;
	launches = 0;
	graphLaunches = 0;
	/** Sum of gridDim.x*y*z over the launches. */
	gridBlocks = 0;
	hostToDeviceBytes = 0;
	deviceToHostBytes = 0;
	deviceToDeviceBytes = 0;
	/** Copies whose direction the call does not tell. */
	unknownCopyBytes = 0;
	copies = 0;
	memsets = 0;
	allocs = 0;
	allocBytes = 0;
	frees = 0;
	collectives = 0;
	hostFunctions = 0;
	/** Rolling hash of the functions launched, in order; see fingerprint.ts. */
	fingerprint0 = 0;
	fingerprint1 = 0;
	/** Mixed handle of the function launched or graph replayed last; 0 when there was none. */
	lastFunction = 0;
	/** The set of functions launched, each with the size of its grid, and of graphs; see function-sketch.ts. */
	readonly sketch: Uint32Array = new Uint32Array(SKETCH_WORDS);
	/** Something of this ledger was lost on the way. */
	lossy = false;
	/** Launches may be missing: they were not watched all the time. */
	launchesUnseen = false;

	/** True when something was enqueued that takes the GPU's time: what a read-back waits for. */
	get hasWork(): boolean {
		return this.launches > 0 || this.graphLaunches > 0 || this.collectives > 0 || this.launchesUnseen;
	}

	get copyBytes(): number {
		return this.hostToDeviceBytes + this.deviceToHostBytes + this.deviceToDeviceBytes + this.unknownCopyBytes;
	}

	/** The fingerprint as one number, 0 when nothing was launched. */
	get fingerprint(): bigint {
		return handleValue(this.fingerprint0, this.fingerprint1);
	}

	launch(tNs: number, functionLow: number, functionHigh: number, gridBlocks: number): void {
		this.touch(tNs);
		this.launches += 1;
		this.gridBlocks += gridBlocks;
		const mixed = mixFunction(functionLow, functionHigh);
		this.fingerprint0 = (Math.imul(this.fingerprint0, LANE_0_BASE) + mixed) >>> 0;
		this.fingerprint1 = (Math.imul(this.fingerprint1, LANE_1_BASE) + mixed) >>> 0;
		this.lastFunction = mixed;
		setBit(this.sketch, launchBit(mixed, gridBlocks));
	}

	graphLaunch(tNs: number, graphLow: number, graphHigh: number): void {
		this.touch(tNs);
		this.graphLaunches += 1;
		const mixed = mixGraph(graphLow, graphHigh);
		this.lastFunction = mixed;
		setBit(this.sketch, graphBit(mixed));
	}

	touch(tNs: number): void {
		if (this.firstWorkNs === 0) this.firstWorkNs = tNs;
	}

	/** Becomes empty, as a new one is. */
	clear(): void {
		this.firstWorkNs = 0;
		this.launches = 0;
		this.graphLaunches = 0;
		this.gridBlocks = 0;
		this.hostToDeviceBytes = 0;
		this.deviceToHostBytes = 0;
		this.deviceToDeviceBytes = 0;
		this.unknownCopyBytes = 0;
		this.copies = 0;
		this.memsets = 0;
		this.allocs = 0;
		this.allocBytes = 0;
		this.frees = 0;
		this.collectives = 0;
		this.hostFunctions = 0;
		this.fingerprint0 = 0;
		this.fingerprint1 = 0;
		this.lastFunction = 0;
		for (let i = 0; i < SKETCH_WORDS; i++) this.sketch[i] = 0;
		this.lossy = false;
		this.launchesUnseen = false;
	}

	/** Adds what came after this ledger's own content. */
	add(later: Ledger): void {
		if (later.firstWorkNs !== 0) {
			this.firstWorkNs = this.firstWorkNs === 0 ? later.firstWorkNs : Math.min(this.firstWorkNs, later.firstWorkNs);
		}
		this.fingerprint0 = joinLane(this.fingerprint0, LANE_0_BASE, later.fingerprint0, later.launches);
		this.fingerprint1 = joinLane(this.fingerprint1, LANE_1_BASE, later.fingerprint1, later.launches);
		this.launches += later.launches;
		this.graphLaunches += later.graphLaunches;
		this.gridBlocks += later.gridBlocks;
		this.hostToDeviceBytes += later.hostToDeviceBytes;
		this.deviceToHostBytes += later.deviceToHostBytes;
		this.deviceToDeviceBytes += later.deviceToDeviceBytes;
		this.unknownCopyBytes += later.unknownCopyBytes;
		this.copies += later.copies;
		this.memsets += later.memsets;
		this.allocs += later.allocs;
		this.allocBytes += later.allocBytes;
		this.frees += later.frees;
		this.collectives += later.collectives;
		this.hostFunctions += later.hostFunctions;
		if (later.launches > 0 || later.graphLaunches > 0) this.lastFunction = later.lastFunction;
		addSketch(this.sketch, later.sketch);
		this.lossy ||= later.lossy;
		this.launchesUnseen ||= later.launchesUnseen;
	}
}
