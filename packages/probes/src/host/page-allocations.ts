import type { BpfMap } from '@ingero/bpf-loader-native';
import { EVENT_ARG0, EVENT_DURATION, EVENT_OP, EVENT_PID, EVENT_TID, EVENT_WORDS } from '../decode/layout';
import { OP_PAGE_ALLOC } from './operations';

const MAX_U32 = 0xffff_ffff;
const TWO_32 = 2 ** 32;

interface Sums {
	readonly allocations: number;
	readonly pages: number;
	readonly ended: boolean;
}

/** The kernel's sums of pages by process, as records of what was added to each since they were last taken. */
export class PageAllocations {
	readonly #map: BpfMap;
	readonly #pageBytes: number;
	readonly #taken = new Map<number, Sums>();
	/** No longer traced; a sum may grow for a moment, so it goes when it is taken for the second time. */
	readonly #leaving = new Map<number, 'now' | 'next'>();
	#takenNs: bigint;
	/** Allocations that have been told of in records. */
	allocations = 0;

	/**
	 * @param map `page_sums`
	 * @param pageBytes bytes of a page
	 * @param nowNs CLOCK_MONOTONIC
	 */
	constructor(map: BpfMap, pageBytes: number, nowNs: bigint) {
		this.#map = map;
		this.#pageBytes = pageBytes;
		this.#takenNs = nowNs;
	}

	/** Since when what {@link take} will tell adds up, CLOCK_MONOTONIC. */
	get takenNs(): bigint {
		return this.#takenNs;
	}

	/** A process is no longer traced. */
	leave(pid: number): void {
		this.#leaving.set(pid, 'next');
	}

	/** A process is traced, again perhaps. */
	join(pid: number): void {
		this.#leaving.delete(pid);
	}

	/** One record for each process that has allocated since the last time. */
	take(nowNs: bigint): Uint32Array[] {
		const records: Uint32Array[] = [];
		const durationNs = Math.min(Number(nowNs - this.#takenNs), MAX_U32);
		this.#takenNs = nowNs;
		for (const key of this.#map.keys()) {
			const [pid = 0] = new Uint32Array(key.slice().buffer);
			let sums = this.#read(key);
			const goes = sums.ended || this.#leaving.get(pid) === 'now';
			// What was being added when it was seen to be over.
			if (goes) sums = this.#read(key);
			const before = this.#taken.get(pid);
			const allocations = sums.allocations - (before?.allocations ?? 0);
			const bytes = (sums.pages - (before?.pages ?? 0)) * this.#pageBytes;
			if (allocations > 0) {
				this.allocations += allocations;
				records.push(record({ nowNs, durationNs, pid, allocations, bytes }));
			}
			if (goes) {
				this.#map.delete(key);
				this.#taken.delete(pid);
			} else {
				this.#taken.set(pid, sums);
			}
		}
		for (const [pid, when] of this.#leaving) {
			if (when === 'now') this.#leaving.delete(pid);
			else this.#leaving.set(pid, 'now');
		}
		return records;
	}

	#read(key: Uint8Array): Sums {
		const [allocations = 0, pages = 0, ended = 0] = this.#map.sumPerCpuU64(key) ?? [];
		return { allocations, pages, ended: ended > 0 };
	}
}

function record(of: {
	nowNs: bigint;
	durationNs: number;
	pid: number;
	allocations: number;
	bytes: number;
}): Uint32Array {
	const words = new Uint32Array(EVENT_WORDS);
	words[0] = Number(of.nowNs & 0xffff_ffffn);
	words[1] = Number(of.nowNs >> 32n);
	words[EVENT_DURATION] = of.durationNs;
	words[EVENT_PID] = of.pid;
	words[EVENT_TID] = of.pid;
	words[EVENT_OP] = OP_PAGE_ALLOC;
	words[EVENT_ARG0] = of.allocations % TWO_32;
	words[EVENT_ARG0 + 1] = Math.floor(of.allocations / TWO_32);
	words[EVENT_ARG0 + 2] = of.bytes % TWO_32;
	words[EVENT_ARG0 + 3] = Math.floor(of.bytes / TWO_32);
	return words;
}
