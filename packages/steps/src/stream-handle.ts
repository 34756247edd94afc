import { handleKey, handleValue } from './handle';

/** A stream's handle: its key for maps and its exact words. */
export class StreamHandle {
	readonly key: number;
	#value: bigint | undefined;

	constructor(
		readonly low: number,
		readonly high: number,
	) {
		this.key = handleKey(low, high);
	}

	/** All 64 bits; made when first asked for. */
	get value(): bigint {
		this.#value ??= handleValue(this.low, this.high);
		return this.#value;
	}

	is(low: number, high: number): boolean {
		return this.low === low && this.high === high;
	}
}
