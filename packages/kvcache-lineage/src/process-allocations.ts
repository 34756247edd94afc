import { ALLOCATION_KINDS, type AllocationKind } from './events';
import type { AllocationSummary, Coverage } from './facts';
import { isBlock } from './granularity';
import { LiveTable } from './internal/live-table';
import { NONE } from './internal/slots';
import { addTo, ageMs, byKind, newTally, summarize } from './summary';
import { TurnoverRing } from './turnover';

const MAPPED = ALLOCATION_KINDS.indexOf('mapped');

/** What became of an allocation. */
export interface Placed {
	readonly replaced: boolean;
	readonly overflowed: boolean;
}

/** The allocations of one process. */
export class ProcessAllocations {
	/** When it was last used, by a count of uses. */
	lastUse = 0;
	readonly #fromStart: boolean;
	readonly #table: LiveTable;
	readonly #turnover = new TurnoverRing();
	readonly #unended = ALLOCATION_KINDS.map(newTally);
	readonly #physical = newTally();
	#lastChangeNs = Number.NEGATIVE_INFINITY;
	#overflowed = 0;
	#unknownFrees = 0;
	#eventsLost = false;

	constructor(options: { readonly maxLive: number; readonly oldestKept: number; readonly fromStart: boolean }) {
		this.#table = new LiveTable(options.maxLive, options.oldestKept);
		this.#fromStart = options.fromStart;
	}

	get size(): number {
		return this.#table.size;
	}

	get byteLength(): number {
		return this.#table.byteLength + this.#turnover.byteLength;
	}

	allocated(pointer: number, bytes: number, kindCode: number, tNs: number): Placed {
		const before = this.#table.find(pointer);
		const replaced = before !== NONE;
		if (replaced) this.#remove(before, tNs);
		const overflowed = this.#table.add(pointer, bytes, kindCode, tNs);
		if (overflowed) this.#overflowed += 1;
		this.#turnover.allocated(tNs, bytes, isBlock(ALLOCATION_KINDS[kindCode] as AllocationKind, bytes));
		this.#changed(tNs);
		return { replaced, overflowed };
	}

	/** @returns the number of allocations that are live no more */
	freed(pointer: number, tNs: number): number {
		const slot = this.#table.find(pointer);
		if (slot === NONE || this.#table.kindCode(slot) === MAPPED) {
			this.#unknownFrees += 1;
			return 0;
		}
		this.#remove(slot, tNs);
		return 1;
	}

	/** @returns the number of ranges that are live no more */
	unmapped(pointer: number, bytes: number, tNs: number): number {
		let removed = 0;
		for (let at = pointer; at < pointer + bytes; ) {
			const slot = this.#table.find(at);
			if (slot === NONE || this.#table.kindCode(slot) !== MAPPED) break;
			at += Math.max(1, this.#table.bytes(slot));
			this.#remove(slot, tNs);
			removed += 1;
		}
		if (removed === 0) this.#unknownFrees += 1;
		return removed;
	}

	unended(kindCode: number, bytes: number): void {
		addTo(this.#unended[kindCode] as ReturnType<typeof newTally>, bytes);
	}

	created(bytes: number): void {
		addTo(this.#physical, bytes);
	}

	eventsLost(): void {
		this.#eventsLost = true;
	}

	oldestAgesMs(atNs: number, topN: number): number[] {
		const ages: number[] = [];
		for (const slot of this.#table.oldestFirst()) {
			if (!(ages.length < topN)) break;
			ages.push(ageMs(this.#table.tNs(slot), atNs));
		}
		return ages;
	}

	summary(atNs: number): AllocationSummary {
		return summarize(this.#table, atNs, {
			coverage: this.#coverage(),
			quietMs: this.#lastChangeNs === Number.NEGATIVE_INFINITY ? null : ageMs(this.#lastChangeNs, atNs),
			growth: this.#turnover.total(atNs),
			unended: byKind((code) => ({ ...(this.#unended[code] as ReturnType<typeof newTally>) })),
			physical: { ...this.#physical },
			overflowed: this.#overflowed,
			unknownFrees: this.#unknownFrees,
		});
	}

	#remove(slot: number, tNs: number): void {
		const bytes = this.#table.bytes(slot);
		const kind = ALLOCATION_KINDS[this.#table.kindCode(slot)] as AllocationKind;
		this.#table.remove(slot);
		this.#turnover.freed(tNs, bytes, isBlock(kind, bytes));
		this.#changed(tNs);
	}

	#changed(tNs: number): void {
		this.#lastChangeNs = Math.max(this.#lastChangeNs, tNs);
	}

	#coverage(): Coverage {
		if (this.#overflowed > 0 || this.#unknownFrees > 0 || this.#eventsLost) return 'part';
		return this.#fromStart ? 'whole' : 'unknown';
	}
}
