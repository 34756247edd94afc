/** Turnover is kept for a minute, in slices of this length: long beside a step, short beside a request's life. */
const SLICE_NS = 5e9;
export const TURNOVER_SLICES = 12;
/** Both lengths as one: at `atNs` the present slice and the eleven before it, so 55 to 60 s. */
export const TURNOVER_WINDOW_MS: number = (TURNOVER_SLICES * SLICE_NS) / 1e6;

/** What was allocated and given back in the last minute. */
export interface Turnover {
	readonly allocations: number;
	readonly frees: number;
	readonly allocatedBytes: number;
	readonly freedBytes: number;
	/** allocatedBytes - freedBytes: more than 0 is growth. */
	readonly netBytes: number;
	/** Allocations and frees of buffers of a size no caching allocator asks for. */
	readonly blockAllocations: number;
	readonly blockFrees: number;
	/** Slices of 5 s, of twelve, with such an allocation in them. */
	readonly blockSlices: number;
}

/** Fields of a slice. */
const ALLOCATIONS = 0;
const FREES = 1;
const ALLOCATED_BYTES = 2;
const FREED_BYTES = 3;
const BLOCK_ALLOCATIONS = 4;
const BLOCK_FREES = 5;
const FIELDS = 6;

/** The ring of slices of one process. An event that is late by more than the window is not counted. */
export class TurnoverRing {
	readonly #slices: Float64Array = new Float64Array(TURNOVER_SLICES * FIELDS);
	/** Number of the newest slice. */
	#newest = Number.NEGATIVE_INFINITY;

	get byteLength(): number {
		return this.#slices.byteLength;
	}

	allocated(tNs: number, bytes: number, block: boolean): void {
		this.#add(tNs, ALLOCATIONS, ALLOCATED_BYTES, bytes, block ? BLOCK_ALLOCATIONS : undefined);
	}

	freed(tNs: number, bytes: number, block: boolean): void {
		this.#add(tNs, FREES, FREED_BYTES, bytes, block ? BLOCK_FREES : undefined);
	}

	/** The minute up to `atNs`, or up to the newest event if that is later. */
	total(atNs: number): Turnover {
		const end = Math.max(this.#newest, Math.floor(atNs / SLICE_NS));
		const sums = new Float64Array(FIELDS);
		let blockSlices = 0;
		for (let slice = this.#newest; slice > this.#newest - TURNOVER_SLICES && slice > end - TURNOVER_SLICES; slice--) {
			const at = place(slice);
			for (let field = 0; field < FIELDS; field++) {
				sums[field] = (sums[field] as number) + (this.#slices[at + field] as number);
			}
			if ((this.#slices[at + BLOCK_ALLOCATIONS] as number) > 0) blockSlices += 1;
		}
		const [allocations, frees, allocatedBytes, freedBytes, blockAllocations, blockFrees] = sums as unknown as Fields;
		const netBytes = allocatedBytes - freedBytes;
		return { allocations, frees, allocatedBytes, freedBytes, netBytes, blockAllocations, blockFrees, blockSlices };
	}

	#add(tNs: number, calls: number, byteSum: number, bytes: number, blocks: number | undefined): void {
		const slice = Math.floor(tNs / SLICE_NS);
		if (slice > this.#newest) this.#advance(slice);
		else if (slice <= this.#newest - TURNOVER_SLICES) return;
		const at = place(slice);
		this.#slices[at + calls] = (this.#slices[at + calls] as number) + 1;
		this.#slices[at + byteSum] = (this.#slices[at + byteSum] as number) + bytes;
		if (blocks !== undefined) this.#slices[at + blocks] = (this.#slices[at + blocks] as number) + 1;
	}

	/** Clears the slices that come into the window. */
	#advance(to: number): void {
		for (let slice = Math.max(this.#newest, to - TURNOVER_SLICES) + 1; slice <= to; slice++) {
			const at = place(slice);
			this.#slices.fill(0, at, at + FIELDS);
		}
		this.#newest = to;
	}
}

type Fields = readonly [number, number, number, number, number, number];

function place(slice: number): number {
	return (((slice % TURNOVER_SLICES) + TURNOVER_SLICES) % TURNOVER_SLICES) * FIELDS;
}
