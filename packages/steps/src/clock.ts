const LOW_WORD = 4_294_967_296;

/**
 * The one clock of a source. Inside, a time is a Number of ns since `baseNs`, exact for 104 days of events;
 * absolute times are bigint and made at the edges only.
 */
export class SourceClock {
	readonly #baseLow: number;
	readonly #baseHigh: number;

	/**
	 * @param baseNs absolute time, on the source's clock, that counts as 0; before every event, since 0 stands for "never" in a
	 * ledger
	 * @param wallOffsetNs wall clock minus the source's clock, if known
	 */
	constructor(
		readonly baseNs: bigint,
		readonly wallOffsetNs: bigint | undefined = undefined,
	) {
		this.#baseLow = Number(baseNs & 0xffff_ffffn);
		this.#baseHigh = Number(baseNs >> 32n);
	}

	/** ns since the base of the 64-bit time in two words. */
	relative(low: number, high: number): number {
		return (high - this.#baseHigh) * LOW_WORD + (low - this.#baseLow);
	}

	/** Time on the source's clock in ns. */
	absolute(relativeNs: number): bigint {
		return this.baseNs + BigInt(relativeNs);
	}

	/** Unix time in ns, if the source knows the wall clock. */
	wall(relativeNs: number): bigint | undefined {
		return this.wallOffsetNs === undefined ? undefined : this.absolute(relativeNs) + this.wallOffsetNs;
	}
}
