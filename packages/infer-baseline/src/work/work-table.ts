import { finish, mix } from '../internal/hash';
import { LruSlots, NONE } from '../internal/lru-slots';
import { SKETCH_WORDS } from '../internal/sketch';
import type { StepLedger } from '../ledger';
import { Habits } from './habits';
import { Levels } from './levels';
import { Regimes } from './regimes';
import { isEqualSketch, isSameProgram } from './sketch';
import { largerWork, sizeOfPool } from './work-size';

/** Steps of one kind of work before its median is one: two start-up giants may be among them. */
const MIN_STEPS = 5;
/** Steps of a pool before it tells how rare one is: below that, the first of a burst is. */
const MIN_POOL = 40;
/** How far a kind of work without evidence looks for a neighbour, in half powers of two of its blocks. */
const NEIGHBOURHOOD = 2;
const LAUNCH_OFFSETS: readonly number[] = [0, -1, 1];
/** Half the median is far below any spread of one level. */
const FAST_RATIO = 0.5;
const NO_SKETCH = new Uint32Array(SKETCH_WORDS);

/**
 * How long each kind of work takes: within a workload, steps of about the same size (see work-size.ts) that run the
 * same program (see sketch.ts).
 *
 * Rows of typed arrays, found by hash. All workloads share them, so that an engine with thirty batch sizes can have
 * thirty rows while another needs one; the row used least recently goes. 250 bytes a row.
 */
export class WorkTable {
	readonly #slots: LruSlots;
	readonly #owner: Uint32Array;
	readonly #size: Uint32Array;
	readonly #sketches: Uint32Array;
	readonly #levels: Levels;
	readonly #regimes: Regimes;
	readonly #habits: Habits;
	/** Of the step last looked up. */
	#pool = NONE;
	#hasNeighbour = false;
	#expectedNs = Number.NaN;
	#thresholdNs = Number.NaN;

	constructor(capacity: number) {
		this.#slots = new LruSlots(capacity);
		this.#owner = new Uint32Array(capacity);
		this.#size = new Uint32Array(capacity);
		this.#sketches = new Uint32Array(capacity * SKETCH_WORDS);
		this.#levels = new Levels(capacity);
		this.#regimes = new Regimes(capacity);
		this.#habits = new Habits(capacity);
	}

	get evictions(): number {
		return this.#slots.evictions;
	}

	/** A neighbour answers for the work last looked up, which is new. */
	get hasNeighbour(): boolean {
		return this.#hasNeighbour;
	}

	/** Typical duration of the work last looked up, as {@link expect} found it; NaN when unknown. */
	get expectedNs(): number {
		return this.#expectedNs;
	}

	/** Its 95th percentile; NaN when unknown, or when the work has shown no spread of its own yet. */
	get thresholdNs(): number {
		return this.#thresholdNs;
	}

	/** Whether a duration is above {@link poolP95Ns} for the work last looked up, where that is known. */
	exceedsPool(durationNs: Float64Array): boolean {
		if (this.#pool === NONE || this.#levels.count(this.#pool) < MIN_POOL) return false;
		return this.#levels.exceeds(this.#pool, durationNs);
	}

	/** Median of the steps that did as much, whatever was enqueued ahead of their end. */
	get poolMedianNs(): number {
		return this.#levels.median(this.#pool);
	}

	/** Their 95th percentile. */
	get poolP95Ns(): number {
		return this.#levels.highestP95(this.#pool);
	}

	/**
	 * Looks up what is known of a step's work, or of work like it.
	 *
	 * Work seen fewer than {@link MIN_STEPS} times borrows from its nearest neighbour in size. The durations of smaller
	 * work are stretched in proportion, since time grows with the blocks at most; those of larger work stand as they are.
	 *
	 * @param owner serial number of the workload
	 * @param size from {@link workSize}
	 * @param hint a row to try first, or NONE
	 * @returns the row of this work, empty if it is new
	 */
	expect(owner: number, size: number, ledger: StepLedger, hint: number): number {
		const sketch = ledger.functionSketch.length === SKETCH_WORDS ? ledger.functionSketch : NO_SKETCH;
		const graphs = ledger.graphLaunches > 0;
		const hinted = hint !== NONE && this.#matches(hint, owner, size, sketch, graphs);
		let slot = hinted ? hint : this.#find(owner, size, sketch, graphs);
		if (slot === NONE) slot = this.#create(owner, size);
		else this.#slots.touch(slot);
		const at = slot * SKETCH_WORDS;
		if (!isEqualSketch(this.#sketches, at, sketch)) this.#sketches.set(sketch, at);
		this.#expectedNs = Number.NaN;
		this.#thresholdNs = Number.NaN;
		this.#hasNeighbour = false;
		if (this.#levels.count(slot) >= MIN_STEPS) this.#answer(slot, 1);
		else this.#askNeighbours(owner, size, sketch);
		this.#pool = (ledger.launchesAhead ?? 0) > 0 ? this.#findPool(owner, sizeOfPool(size)) : NONE;
		return slot;
	}

	/**
	 * Lets a step that is no outlier shape its kind of work.
	 *
	 * @param epoch of the workload's drift, see {@link Regimes.hasDrifted}
	 * @returns true when this work has drifted, from {@link driftedFromNs}
	 */
	fold(slot: number, durationNs: Float64Array, epoch: number): boolean {
		this.#habits.observe(slot, false);
		const isFast =
			this.#levels.count(slot) >= MIN_STEPS && (durationNs[0] as number) < FAST_RATIO * this.#levels.median(slot);
		if (this.#regimes.normal(slot, isFast)) {
			this.#restart(slot);
			return false;
		}
		return this.learn(slot, durationNs) && this.#regimes.hasDrifted(slot, this.#levels.p95(slot), epoch);
	}

	/**
	 * Lets the step last looked up shape its kind of work, and says nothing of regimes: it is an outlier, though not for what
	 * is known of its kind.
	 *
	 * @returns true when a generation of steps is complete
	 */
	learn(slot: number, durationNs: Float64Array): boolean {
		if (this.#pool !== NONE) this.#levels.observe(this.#pool, durationNs);
		return this.#levels.observe(slot, durationNs);
	}

	/** The 95th percentile that the last drift left behind. */
	get driftedFromNs(): number {
		return this.#regimes.driftedFromNs;
	}

	/** Whether it is compared with its own past, and not with a neighbour's. */
	isKnown(slot: number): boolean {
		return this.#levels.count(slot) >= MIN_STEPS;
	}

	/** Whether a kind of work has a median, but is still in its first generation. */
	isYoung(slot: number): boolean {
		return this.#levels.count(slot) >= MIN_STEPS && this.#levels.isYoung(slot);
	}

	medianNs(slot: number): number {
		return this.#levels.median(slot);
	}

	/**
	 * Counts an outlier, and lets it shape its kind of work where that is habitually slow.
	 *
	 * @returns true when slowness has lasted and is the new level
	 */
	resist(slot: number, durationNs: Float64Array, endNs: number): boolean {
		this.#habits.observe(slot, true);
		if (this.#habits.isHabit(slot)) this.#levels.observe(slot, durationNs);
		return this.#regimes.slow(slot, endNs);
	}

	/** The 95th percentile of a kind of work whose level is settled. */
	p95Ns(slot: number): number {
		return this.#levels.p95(slot);
	}

	#askNeighbours(owner: number, size: number, sketch: Uint32Array): void {
		for (let distance = 1; distance <= NEIGHBOURHOOD; distance++) {
			for (const launches of LAUNCH_OFFSETS) {
				for (let blocks = -distance; blocks <= distance; blocks += 2 * distance) {
					const slot = this.#find(owner, largerWork(size, blocks, launches), sketch, false);
					if (slot === NONE || this.#levels.count(slot) < MIN_STEPS) continue;
					this.#answer(slot, blocks < 0 ? Math.SQRT2 ** distance : 1);
					this.#hasNeighbour = true;
					return;
				}
			}
		}
	}

	#answer(slot: number, stretch: number): void {
		this.#expectedNs = stretch * this.#levels.median(slot);
		if (this.#levels.isSettled(slot)) this.#thresholdNs = stretch * this.#levels.p95(slot);
	}

	/** @param graphs whether other graphs are other work */
	#find(owner: number, size: number, sketch: Uint32Array, graphs: boolean): number {
		let slot = this.#slots.first(hash(owner, size));
		while (slot !== NONE && !this.#matches(slot, owner, size, sketch, graphs)) slot = this.#slots.next(slot);
		return slot;
	}

	#matches(slot: number, owner: number, size: number, sketch: Uint32Array, graphs: boolean): boolean {
		return (
			this.#owner[slot] === owner &&
			this.#size[slot] === size &&
			isSameProgram(this.#sketches, slot * SKETCH_WORDS, sketch, graphs)
		);
	}

	/** One row for all programs: a pool is there to show how rare a step is, not how long it should take. */
	#findPool(owner: number, size: number): number {
		let slot = this.#slots.first(hash(owner, size));
		while (slot !== NONE && !(this.#owner[slot] === owner && this.#size[slot] === size)) slot = this.#slots.next(slot);
		if (slot === NONE) return this.#create(owner, size);
		this.#slots.touch(slot);
		return slot;
	}

	#create(owner: number, size: number): number {
		const slot = this.#slots.insert(hash(owner, size));
		this.#owner[slot] = owner;
		this.#size[slot] = size;
		this.#restart(slot);
		return slot;
	}

	#restart(slot: number): void {
		this.#levels.restart(slot);
		this.#regimes.restart(slot);
		this.#habits.restart(slot);
	}
}

function hash(owner: number, size: number): number {
	return finish(mix(owner, size));
}
