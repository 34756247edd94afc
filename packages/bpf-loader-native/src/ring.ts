import type { Handle } from './internal/native';
import type { ObjectState } from './internal/object-state';

/** Totals since the ring was opened. */
export interface RingCounters {
	/** Records delivered. */
	readonly records: number;
	/** Bytes delivered, padding included: the sum of what {@link BpfRing.drain} returned. */
	readonly bytes: number;
	/** Records that the program reserved and then discarded; they are skipped. */
	readonly discarded: number;
	/** Calls of {@link BpfRing.drain} that delivered something. */
	readonly batches: number;
}

/**
 * The reading end of a `BPF_MAP_TYPE_RINGBUF` map.
 *
 * There is no wake-up and no callback: call {@link drain} on a timer. Records the program could not reserve space for
 * are lost before they reach the ring; the program must count those itself.
 */
export class BpfRing {
	/** Also keeps the object, and so its probes, alive as long as somebody can read. */
	readonly #state: ObjectState;
	readonly #handle: Handle<'ring'>;

	/** @internal */
	constructor(state: ObjectState, handle: Handle<'ring'>) {
		this.#state = state;
		this.#handle = handle;
	}

	/**
	 * Copies complete records into `target`, back to back, each payload padded with zeros to a multiple of 8 bytes, in
	 * the order in which they were reserved. Stops at the end of what was there when it was called, at a record that
	 * is still being written, and at one that does not fit; those stay for the next call. One native call, no
	 * allocation, no more than the ring's size in bytes of work.
	 *
	 * @returns bytes written, a multiple of 8; 0 when there is nothing to read
	 * @throws {RangeError} when `target` is too small even for the first record; its message has the size needed
	 * @throws {BpfError} INGERO_BPF_CLOSED
	 */
	drain(target: ArrayBuffer | Uint8Array): number {
		return this.#state.native.ringDrain(this.#handle, target);
	}

	get counters(): RingCounters {
		const { records, bytes, discarded, batches } = this.#state.native.ringState(this.#handle);
		return { records, bytes, discarded, batches };
	}

	/** Bytes in the ring that were not read yet: record headers, records being written and discarded ones included. */
	get pendingBytes(): number {
		return this.#state.native.ringState(this.#handle).pendingBytes;
	}
}
