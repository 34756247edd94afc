import type { LineageCounters } from './counters';
import { ALLOCATION_KINDS, type Allocated, type Created, type Freed, type Unmapped } from './events';
import type { AllocationSummary } from './facts';
import { type LineageOptions, type LineageSettings, resolveOptions } from './options';
import { ProcessAllocations } from './process-allocations';

const DEFAULT_TOP = 5;

/**
 * The live GPU memory allocations of every process and their ages.
 *
 * Fed with allocations and frees at one layer (the driver's calls, or the runtime's, not both). An event is O(1), amortised;
 * one that is late by n others of its process costs n steps. No event throws: what cannot be used is counted.
 */
export class AllocationLineage {
	readonly #settings: LineageSettings;
	readonly #processes = new Map<number, ProcessAllocations>();
	readonly #counters: { -readonly [K in keyof LineageCounters]: LineageCounters[K] } = {
		allocated: 0,
		freed: 0,
		replaced: 0,
		overflowed: 0,
		forgotten: 0,
		unknownFrees: 0,
		unended: 0,
		failed: 0,
		nullPointers: 0,
		invalid: 0,
		processEvictions: 0,
	};
	#uses = 0;

	/** @throws TypeError that names a wrong option and its value */
	constructor(options: LineageOptions = {}) {
		this.#settings = resolveOptions(options);
	}

	/** A copy, as of now. */
	get counters(): LineageCounters {
		return { ...this.#counters };
	}

	/** Live allocations of all processes. */
	get size(): number {
		let size = 0;
		for (const process of this.#processes.values()) size += process.size;
		return size;
	}

	/** Processes there is anything to say about. */
	get processCount(): number {
		return this.#processes.size;
	}

	/** Bytes of the tables of all processes: at most 46 for each allocation there is room for (32 at first, then doubling), and 576 a process. */
	get byteLength(): number {
		let bytes = 0;
		for (const process of this.#processes.values()) bytes += process.byteLength;
		return bytes;
	}

	/**
	 * A process was watched since before its first allocation: only then can a part of its memory be told from all of it. Drops
	 * what another process of that id left behind. Call it for processes that use CUDA: each takes a place.
	 */
	processStarted(pid: number): void {
		this.forgetProcess(pid);
		this.#add(pid, true);
	}

	/**
	 * Events may have been lost up to now, nobody can say of which process: of none that is known is everything known any
	 * more.
	 */
	eventsLost(): void {
		for (const process of this.#processes.values()) process.eventsLost();
	}

	/** Call it when a process exits. Does nothing if nothing is known of it. */
	forgetProcess(pid: number): void {
		this.#counters.forgotten += this.#processes.get(pid)?.size ?? 0;
		this.#processes.delete(pid);
	}

	/** Memory was allocated. At an address that is live it replaces what was there. */
	allocated(event: Allocated): void {
		const { pid, kind, pointer, bytes, tNs } = event;
		const kindCode = ALLOCATION_KINDS.indexOf(kind);
		if (!this.#isUsable(event, pointer, kindCode < 0 ? Number.NaN : bytes)) return;
		const process = this.#use(pid) ?? this.#add(pid, false);
		if (this.#settings.ended[kindCode] !== true) {
			process.unended(kindCode, bytes);
			this.#counters.unended += 1;
			return;
		}
		const { replaced, overflowed } = process.allocated(pointer, bytes, kindCode, tNs);
		this.#counters.allocated += 1;
		if (replaced) this.#counters.replaced += 1;
		if (overflowed) this.#counters.overflowed += 1;
	}

	/** Memory was freed; what is not live, or mapped, is counted and ignored. */
	freed(event: Freed): void {
		if (!this.#isUsable(event, event.pointer, 0)) return;
		this.#ended(this.#use(event.pid)?.freed(event.pointer, event.tNs) ?? 0);
	}

	/** Ranges were unmapped, one or several that follow each other; if `pointer` starts none, that is counted and ignored. */
	unmapped(event: Unmapped): void {
		if (!this.#isUsable(event, event.pointer, event.bytes)) return;
		this.#ended(this.#use(event.pid)?.unmapped(event.pointer, event.bytes, event.tNs) ?? 0);
	}

	/** Physical memory was created. It is only summed up: it is live as a mapped range, once it has an address. */
	created(event: Created): void {
		const anywhere = 1;
		if (!this.#isUsable(event, anywhere, event.bytes)) return;
		(this.#use(event.pid) ?? this.#add(event.pid, false)).created(event.bytes);
	}

	/**
	 * Ages of the oldest live allocations of a process: whole ms, 0 at least, oldest first. What they are ages of says the
	 * `granularity` of its {@link summary}.
	 *
	 * @param atNs the moment that ages are taken at, e.g. the end of a slow step; on the clock of the events
	 * @param topN at most so many; none for 0 or less
	 * @returns none for a process that is not known
	 */
	oldestAgesMs(pid: number, atNs: number, topN: number = DEFAULT_TOP): number[] {
		if (!Number.isFinite(atNs)) return [];
		return this.#use(pid)?.oldestAgesMs(atNs, topN) ?? [];
	}

	/**
	 * What can be said about the memory of a process; costs a pass over its live allocations.
	 *
	 * @param atNs as for {@link oldestAgesMs}; the allocations are those of now
	 * @returns `undefined` for a process that is not known
	 */
	summary(pid: number, atNs: number): AllocationSummary | undefined {
		return Number.isFinite(atNs) ? this.#use(pid)?.summary(atNs) : undefined;
	}

	#ended(allocations: number): void {
		if (allocations === 0) this.#counters.unknownFrees += 1;
		this.#counters.freed += allocations;
	}

	/** Counts an event that is to be ignored. */
	#isUsable({ tNs, result = 0 }: Freed | Created, pointer: number, bytes: number): boolean {
		if (result !== 0) this.#counters.failed += 1;
		else if (pointer === 0) this.#counters.nullPointers += 1;
		else if (!Number.isFinite(tNs + pointer + bytes) || pointer < 0 || bytes < 0) this.#counters.invalid += 1;
		else return true;
		return false;
	}

	/** A known process, which by that is the one used last: asked about or changed. */
	#use(pid: number): ProcessAllocations | undefined {
		const process = this.#processes.get(pid);
		if (process !== undefined) process.lastUse = ++this.#uses;
		return process;
	}

	#add(pid: number, fromStart: boolean): ProcessAllocations {
		const { maxProcesses, maxPerProcess: maxLive, oldestKept } = this.#settings;
		if (this.#processes.size === maxProcesses) this.#evictProcess();
		const process = new ProcessAllocations({ maxLive, oldestKept, fromStart });
		process.lastUse = ++this.#uses;
		this.#processes.set(pid, process);
		return process;
	}

	/**
	 * Use is what counts, not allocation: a server that took its memory once and has been serving from it since is quiet, and the
	 * last one to lose.
	 */
	#evictProcess(): void {
		let victim: number | undefined;
		let leastUse = Number.POSITIVE_INFINITY;
		for (const [pid, { lastUse }] of this.#processes) {
			if (lastUse >= leastUse) continue;
			victim = pid;
			leastUse = lastUse;
		}
		if (victim === undefined) return;
		this.forgetProcess(victim);
		this.#counters.processEvictions += 1;
	}
}
