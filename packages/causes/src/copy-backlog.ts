/**
 * Copies run at 16 GB/s or faster: what PCIe 4 sustains. Whoever enqueues more than that keeps the copy engines and the memory
 * busy for longer than the step in which he did it.
 */
const BYTES_PER_NS = 16;
/** What is enqueued is copied within 20 ms: faster links empty the backlog sooner than they are given credit for. */
const MOST_BYTES = BYTES_PER_NS * 20e6;
/** Ordinary steps that are remembered. */
const REMEMBERED = 5;

/** Bytes that other threads of a process are copying beyond the usual, as one of its threads sees them step by step. */
export class CopyBacklog {
	#bytes = 0;
	readonly #ordinary: number[] = [];
	#next = 0;

	/** @returns the backlog of a step: what was left before it, and what was enqueued meanwhile */
	take(copiedBytes: number, durationNs: number): number {
		// Copies that come with every step are part of it; a storm has a pause between two bursts.
		const usualBytes = Math.min(...this.#ordinary);
		const bytes = this.#bytes + Math.max(0, copiedBytes - usualBytes);
		this.#bytes = Math.max(0, Math.min(MOST_BYTES, bytes) - BYTES_PER_NS * durationNs);
		return bytes;
	}

	/** Takes the bytes of an ordinary step as usual. */
	learn(copiedBytes: number): void {
		this.#ordinary[this.#next] = copiedBytes;
		this.#next = (this.#next + 1) % REMEMBERED;
	}
}
