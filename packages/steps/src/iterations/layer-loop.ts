import type { CompletedLedger } from '../completed-ledger';
import { type Ending, Endings } from './endings';
import { type Interval, MIN_LAYERS } from './interval';
import { Part, type PartRule } from './part';

/** A loop that was found, and where in it we are. */
interface Loop {
	readonly last: Ending;
	/** Prefill and decode may end in different functions: the second one, once it was seen. */
	otherLast: Ending | undefined;
	readonly layer: Ending;
	readonly layers: number;
	readonly longestRun: number;
	/** Number of the first piece of this iteration, its layers so far, and pieces since the latest of them. */
	firstPiece: number;
	seenLayers: number;
	sinceLayer: number;
	/** Iterations in a row whose last piece was known only by the next one's first. */
	overruns: number;
}

/**
 * Finds iterations that read back inside every layer, as eager mixtures of experts do for their routing, in the pieces
 * of one thread. By order and work only, never by time.
 *
 * One piece comes once an iteration, its last one, and one comes once a layer, however many there are in between (an
 * expert without a token has none). To a first look, a token loop with requests of equal length is the same: one
 * prefill, always as many decodes. They differ in what lies behind a piece: a part of a pass over the model or all of it.
 * See {@link Interval} for how that shows. Two intervals of as many layers are a loop.
 */
export class LayerLoop implements PartRule {
	readonly #endings = new Endings();
	#loop: Loop | undefined;

	next(piece: CompletedLedger): Part {
		const endings = this.#endings;
		const previous = endings.latest;
		const ending = endings.count(piece);
		if (this.#loop !== undefined) {
			const part = this.#goOn(this.#loop, previous, ending, piece);
			if (part !== Part.alone) return part;
			this.#stop();
		}
		if (!endings.learn(piece)) return Part.alone;
		// Of pieces that come once an iteration, one right after the other, one is the last: before it comes one that began
		// iterations without it.
		if (previous !== undefined && previous !== ending && previous.interval.isRegular && ending.changes > 0) {
			this.#begin(previous, ending.interval, 0);
			return Part.inner;
		}
		const { next } = ending;
		if (next !== undefined && next !== ending && next.interval.isRegular && next.changes === 0) {
			this.#begin(next, ending.interval, ending.interval.layers);
			return Part.inner;
		}
		this.#begin(ending, ending.interval, 0);
		return Part.alone;
	}

	#begin(last: Ending, { layer, layers, longestRun }: Interval, seenLayers: number): void {
		this.#loop = {
			last,
			otherLast: undefined,
			layer: layer as Ending,
			layers,
			longestRun,
			firstPiece: this.#endings.pieces,
			seenLayers,
			sinceLayer: 0,
			overruns: 0,
		};
	}

	#stop(): void {
		this.#loop = undefined;
		this.#endings.forgetIntervals();
	}

	#goOn(loop: Loop, previous: Ending | undefined, ending: Ending, { graphLaunches }: CompletedLedger): Part {
		// A graph is a whole pass.
		if (graphLaunches > 0) return Part.alone;
		if (ending === loop.last || (ending === loop.otherLast && loop.seenLayers === loop.layers)) {
			if (loop.seenLayers !== loop.layers) {
				this.#stop();
				return Part.last;
			}
			loop.firstPiece = this.#endings.pieces + 1;
			loop.seenLayers = 0;
			loop.sinceLayer = 0;
			loop.overruns = 0;
			return Part.last;
		}
		if (ending === loop.layer) {
			loop.sinceLayer = 0;
			loop.seenLayers += 1;
			if (loop.seenLayers <= loop.layers) return Part.inner;
			// The first layer of the next iteration: the piece before was a last one that ends in another function.
			if (previous !== undefined && previous.secondLatest < loop.firstPiece) loop.otherLast = previous;
			loop.firstPiece = this.#endings.pieces;
			loop.seenLayers = 1;
			loop.overruns += 1;
			return loop.overruns > 1 ? Part.alone : Part.first;
		}
		loop.sinceLayer += 1;
		// Another model, whose pieces have nothing of a layer.
		const isOver =
			this.#endings.run > 2 * loop.longestRun + MIN_LAYERS ||
			loop.sinceLayer > MIN_LAYERS * (loop.layer.widestGap + MIN_LAYERS);
		return isOver ? Part.alone : Part.inner;
	}
}
