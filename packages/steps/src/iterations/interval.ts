import type { CompletedLedger } from '../completed-ledger';
import type { Ending } from './endings';

/** Fewer pieces of a kind, or more, are no loop over layers: models have from a few to little more than a hundred. */
export const MIN_LAYERS = 4;
const MAX_LAYERS = 160;
/** The model's head and the sampler are behind the last piece: fewer launches are a log or a flag. */
const MIN_LAST_LAUNCHES = 5;
/**
 * How much larger than the largest of the others the last piece may be. It is a part of a pass too, of about the size of
 * a layer; a whole pass over a prompt has 8 times the blocks of a decode and more.
 */
const MAX_LAST_LAUNCHES = 2;
const MAX_LAST_BLOCKS = 4;
/** A layer launches fewer kernels than these. What does next to nothing beside more is read once a request, after passes. */
const PASS_LAUNCHES = 128;
const NEXT_TO_NOTHING = 1024;

/**
 * What came since the latest piece that ends in a certain function, to judge whether such a piece is the last one of an
 * iteration.
 *
 * It is, when the pieces between are layers, parts of one pass over the model:
 * - one kind of them comes as often as in the interval before;
 * - the first of them starts the pass: unlike all others it has the embedding, and not the experts of the layer before.
 *   The first decode after a prefill does just what the second one does, or what is done once a request comes on top. So
 *   where layers are all there is between, the first piece is the smallest;
 * - the piece itself is of a layer's size, and a prefill far larger than a decode;
 * - none replays a graph, which is a whole pass.
 */
export class Interval {
	/** Whether there is one that may still be of layers. */
	isOpen = false;
	/** The interval before looked like one of layers. */
	isRegular = false;
	/** The piece that comes once a layer, and how often; after {@link close} said so. */
	layer: Ending | undefined;
	layers = 0;
	longestRun = 0;

	/** Counts of all kinds of pieces as it began, and how many of each came in the interval before. */
	readonly #counts: Float64Array;
	readonly #before: Float64Array;
	#pieces = 0;
	#first = 0n;
	#firstLaunches = 0;
	#leastLaunches = 0;
	#mostLaunches = 0;
	#mostBlocks = 0;

	constructor(kinds: number) {
		this.#counts = new Float64Array(kinds);
		this.#before = new Float64Array(kinds);
	}

	/** Goes on where another one is. */
	copy(other: Interval): void {
		this.isOpen = true;
		this.#counts.set(other.#counts);
		this.#pieces = other.#pieces;
		this.#first = other.#first;
		this.#firstLaunches = other.#firstLaunches;
		this.#leastLaunches = other.#leastLaunches;
		this.#mostLaunches = other.#mostLaunches;
		this.#mostBlocks = other.#mostBlocks;
		this.longestRun = other.longestRun;
	}

	open(endings: readonly Ending[]): void {
		this.isOpen = true;
		for (const { place, count } of endings) this.#counts[place] = count;
		this.#pieces = 0;
		this.#leastLaunches = Number.POSITIVE_INFINITY;
		this.#mostLaunches = 0;
		this.#mostBlocks = 0;
		this.longestRun = 0;
	}

	/** It is none of layers. */
	drop(): void {
		this.isOpen = false;
		this.isRegular = false;
	}

	/** @returns whether it may still be one of layers */
	add(piece: CompletedLedger, run: number): boolean {
		if (piece.graphLaunches > 0) return false;
		this.#pieces += 1;
		if (this.#pieces === 1) {
			this.#first = piece.kernelFingerprint;
			this.#firstLaunches = piece.launches;
		} else {
			if (this.#first === piece.kernelFingerprint) return false;
			if (piece.launches < this.#leastLaunches) this.#leastLaunches = piece.launches;
		}
		if (piece.launches > this.#mostLaunches) this.#mostLaunches = piece.launches;
		if (piece.gridBlocks > this.#mostBlocks) this.#mostBlocks = piece.gridBlocks;
		if (run > this.longestRun) this.longestRun = run;
		return true;
	}

	/**
	 * Ends it with a piece of its kind.
	 *
	 * @returns whether it is the second one of as many layers
	 */
	close(piece: CompletedLedger, endings: readonly Ending[]): boolean {
		const wasRegular = this.isRegular;
		this.isRegular =
			piece.graphLaunches === 0 &&
			piece.launches >= MIN_LAST_LAUNCHES &&
			piece.launches <= MAX_LAST_LAUNCHES * this.#mostLaunches &&
			piece.gridBlocks <= MAX_LAST_BLOCKS * this.#mostBlocks &&
			(this.#mostLaunches < PASS_LAUNCHES || NEXT_TO_NOTHING * piece.gridBlocks >= this.#mostBlocks);
		if (this.isRegular) this.#compare(endings, wasRegular);
		if (!this.isRegular || this.layer === undefined) return false;
		const hasOthersInEachLayer = this.#pieces >= 2 * this.layers - 1;
		return hasOthersInEachLayer || this.#firstLaunches < this.#leastLaunches;
	}

	/** Finds the largest of the kinds that came as often as before: a layer's attention comes before its routing. */
	#compare(endings: readonly Ending[], wasRegular: boolean): void {
		this.layer = undefined;
		for (const ending of endings) {
			const between = ending.count - (this.#counts[ending.place] as number);
			const isSame = wasRegular && between === this.#before[ending.place];
			const isLayer = isSame && between >= MIN_LAYERS && between <= MAX_LAYERS;
			if (isLayer && (this.layer === undefined || ending.mostLaunches > this.layer.mostLaunches)) {
				this.layer = ending;
				this.layers = between;
			}
			this.#before[ending.place] = between;
		}
	}
}
