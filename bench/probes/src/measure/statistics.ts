/**
 * The value below which a fraction of the samples lies, between neighbours by their distance.
 *
 * @param fraction 0 to 1; 0.1 is the best decile of durations
 * @returns NaN without samples
 */
export function quantile(samples: readonly number[], fraction: number): number {
	const sorted = [...samples].sort((a, b) => a - b);
	const at = (sorted.length - 1) * fraction;
	const below = sorted[Math.floor(at)] ?? Number.NaN;
	const above = sorted[Math.ceil(at)] ?? Number.NaN;
	return below + (above - below) * (at - Math.floor(at));
}

/** Samples of one thing that was measured in several rounds. */
export class Rounds {
	readonly #rounds: number[][] = [];

	add(samples: readonly number[]): void {
		this.#rounds.push([...samples]);
	}

	/** The best decile of all samples: what it costs where nothing else disturbs. */
	get best(): number {
		return quantile(this.#rounds.flat(), 0.1);
	}

	/** The median of all samples. */
	get median(): number {
		return quantile(this.#rounds.flat(), 0.5);
	}
}
