import { SKETCH_WORDS } from '../../internal/sketch';
import type { StepLedger } from '../../ledger';
import type { LearnerMemory } from './learner-memory';

/** A graph for each layer holds no whole step; a few hold one with its drafts or its sampler. */
const WHOLE_GRAPHS = 4;
/** Steps of a whole model launch at least this many kernels. */
export const MODEL_LAUNCHES = 16;
/** Launches of sampling and of preparing inputs beside a graph: 19 were measured. */
const BESIDE_GRAPH = 50;

/** What a step enqueued, reduced to what tells phases apart. One object a use, overwritten step by step. */
export class StepWork {
	launches = 0;
	graphLaunches = 0;
	gridBlocks = 0;
	/** log2 of the sum of grid blocks, or of the launches where grids are not known; 0 when nothing was launched. */
	gridLog2 = 0;
	deviceToHostBytes = 0;
	hostToDeviceBytes = 0;
	/** From its first enqueue until its completion, so without a pause before it. */
	workNs = 0;
	readonly #memory: LearnerMemory;
	readonly #at: number;

	/** @param at where in the memory its sketch is kept, {@link SKETCH_WORDS} words */
	constructor(memory: LearnerMemory, at: number) {
		this.#memory = memory;
		this.#at = at;
	}

	read(ledger: StepLedger): void {
		this.launches = ledger.launches;
		this.graphLaunches = ledger.graphLaunches;
		this.gridBlocks = ledger.gridBlocks;
		this.gridLog2 = Math.log2(Math.max(1, ledger.gridBlocks || ledger.launches));
		this.deviceToHostBytes = ledger.deviceToHostBytes;
		this.hostToDeviceBytes = ledger.hostToDeviceBytes;
		this.workNs = ledger.completedNs - ledger.firstWorkNs;
		const { words } = this.#memory;
		for (let i = 0; i < SKETCH_WORDS; i++) words[this.#at + i] = ledger.functionSketch[i] ?? 0;
	}

	copyFrom(other: StepWork): void {
		this.launches = other.launches;
		this.graphLaunches = other.graphLaunches;
		this.gridBlocks = other.gridBlocks;
		this.gridLog2 = other.gridLog2;
		this.deviceToHostBytes = other.deviceToHostBytes;
		this.hostToDeviceBytes = other.hostToDeviceBytes;
		this.workNs = other.workNs;
		const { words } = this.#memory;
		for (let i = 0; i < SKETCH_WORDS; i++) words[this.#at + i] = words[other.#at + i] as number;
	}

	/** Word `i` of its function sketch. */
	sketchWord(i: number): number {
		return this.#memory.words[this.#at + i] as number;
	}

	/** Runs its model in a graph: replays one or a few and launches next to nothing beside. */
	get isGraph(): boolean {
		return this.graphLaunches > 0 && this.graphLaunches <= WHOLE_GRAPHS && this.launches <= BESIDE_GRAPH;
	}

	/** The step did the very same. */
	isRepeatedBy(ledger: StepLedger): boolean {
		if (this.launches !== ledger.launches || this.graphLaunches !== ledger.graphLaunches) return false;
		if (this.gridBlocks !== ledger.gridBlocks || this.deviceToHostBytes !== ledger.deviceToHostBytes) return false;
		if (this.hostToDeviceBytes !== ledger.hostToDeviceBytes) return false;
		const { words } = this.#memory;
		for (let i = 0; i < SKETCH_WORDS; i++) if (words[this.#at + i] !== ledger.functionSketch[i]) return false;
		return true;
	}

	/** Average blocks a launch, log2. */
	get blocksPerLaunchLog2(): number {
		return this.gridLog2 - Math.log2(Math.max(1, this.launches));
	}
}
