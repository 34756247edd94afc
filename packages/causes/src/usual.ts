import { MEASURES, type Measures } from './measures';

/**
 * Steps a workload is compared with: the latest ordinary ones. Odd, so that the median is one of them; it stands as long
 * as fewer than half of them are unlike the rest.
 */
const WINDOW = 15;
/** Once the window is full one step in so many is kept: a fault too mild to be noticed must not fill it at once. */
const STRIDE = 4;
/** With fewer than these nothing is usual yet. */
const ENOUGH = 3;

/** What is usual for one workload: medians of its latest ordinary steps. 1 KB. */
export class Usual {
	readonly #values = new Float32Array(WINDOW * MEASURES.length);
	#steps = 0;
	#kept = 0;

	get isKnown(): boolean {
		return this.#kept >= ENOUGH;
	}

	learn(measures: Measures): void {
		this.#steps += 1;
		if (this.#kept >= WINDOW && this.#steps % STRIDE !== 0) return;
		let place = (this.#kept % WINDOW) * MEASURES.length;
		for (const measure of MEASURES) this.#values[place++] = measures[measure];
		this.#kept += 1;
	}

	/** The median of every measure. */
	medians(): Measures {
		return this.#quantiles(1 / 2);
	}

	/** What three in four do not exceed. */
	upperQuartiles(): Measures {
		return this.#quantiles(3 / 4);
	}

	#quantiles(fraction: number): Measures {
		const count = Math.min(this.#kept, WINDOW);
		const column = new Float32Array(count);
		const quantiles = {} as Measures;
		for (const [place, measure] of MEASURES.entries()) {
			for (let row = 0; row < count; row++) column[row] = this.#values[row * MEASURES.length + place] as number;
			column.sort();
			quantiles[measure] = column[Math.floor(count * fraction)] as number;
		}
		return quantiles;
	}
}
