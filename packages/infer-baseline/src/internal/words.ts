/**
 * Splits unsigned 64-bit values into two 32-bit words without allocating: writing the value into a shared
 * buffer and reading the words back costs a few ns, BigInt shifts and masks twenty times that. Which word is
 * the low one depends on the machine; for hashing and comparing it makes no difference.
 */
export class WordSplitter {
	readonly #values = new BigUint64Array(1);
	readonly #words: Uint32Array = new Uint32Array(this.#values.buffer);

	/** @param value taken modulo 2^64 */
	load(value: bigint): void {
		this.#values[0] = value;
	}

	get first(): number {
		return this.#words[0] as number;
	}

	get second(): number {
		return this.#words[1] as number;
	}
}
