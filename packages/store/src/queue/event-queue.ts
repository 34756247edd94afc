import { EVENT_RECORD_BYTES } from '../event-record';
import type { EventChunk } from '../worker/protocol';

/** Records a chunk holds: large enough that a full one is a good transaction, small enough to be cheap to keep spare. */
const CHUNK_RECORDS = 4096;
const CHUNK_BYTES = CHUNK_RECORDS * EVENT_RECORD_BYTES;

/** Spare buffers worth keeping; more come back only after a burst. */
const MAX_SPARES = 16;

/** Collects raw records in buffers that travel to the worker thread without a copy and come back to be filled again. */
export class EventQueue {
	#full: EventChunk[] = [];
	#bytes: Uint8Array<ArrayBuffer> | undefined;
	#used = 0;
	#count = 0;
	readonly #spares: ArrayBuffer[] = [];

	/** Records waiting here. */
	get count(): number {
		return this.#count;
	}

	/** Copies the records, so that the caller may reuse its buffer at once. */
	append(records: Uint8Array): void {
		this.#count += records.length / EVENT_RECORD_BYTES;
		for (let start = 0; start < records.length; ) {
			const chunk = this.#chunk();
			const part = records.subarray(start, start + CHUNK_BYTES - this.#used);
			chunk.set(part, this.#used);
			this.#used += part.length;
			start += part.length;
			if (this.#used === CHUNK_BYTES) {
				this.#seal(chunk);
			}
		}
	}

	/** Hands over everything that waits. */
	take(): EventChunk[] {
		if (this.#bytes !== undefined) {
			this.#seal(this.#bytes);
		}
		const chunks = this.#full;
		this.#full = [];
		this.#count = 0;
		return chunks;
	}

	/** Takes back buffers that the worker thread is done with. */
	recycle(buffers: readonly ArrayBuffer[]): void {
		this.#spares.push(...buffers.slice(0, MAX_SPARES - this.#spares.length));
	}

	#chunk(): Uint8Array<ArrayBuffer> {
		this.#bytes ??= new Uint8Array(this.#spares.pop() ?? new ArrayBuffer(CHUNK_BYTES));
		return this.#bytes;
	}

	#seal(chunk: Uint8Array<ArrayBuffer>): void {
		this.#full.push({ buffer: chunk.buffer, count: this.#used / EVENT_RECORD_BYTES });
		this.#bytes = undefined;
		this.#used = 0;
	}
}
