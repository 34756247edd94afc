import { EVENT_PID, EVENT_WORDS } from '../decode/layout';
import type { Operations } from '../functions';
import { HostProbes, type HostProbesOptions } from './host-probes';
import type { GroupLosses } from './losses';
import { type MemoryIoctlOptions, MemoryIoctlProbes } from './memory-ioctls';
import type { ProgramReport } from './probe-group';

/** What a session watches beside CUDA. */
export interface HostChoice {
	/** What the host does around traced processes; absent: nothing of it. */
	readonly host?: Omit<HostProbesOptions, 'objectDirectory'> | undefined;
	/** What processes ask of the NVIDIA kernel driver; absent or without a way: nothing of it. */
	readonly memoryIoctls?: Pick<MemoryIoctlOptions, 'ways'> | undefined;
}

/** Events of the host, and of the driver's ioctls, as far as they were asked for. */
export class HostSources {
	readonly #host: HostProbes | undefined;
	readonly #ioctls: MemoryIoctlProbes | undefined;
	readonly #pids: ReadonlySet<number> | undefined;

	/**
	 * @param options.pids events of other processes are left out, those of nobody in particular too
	 * @throws ProbeError where objects are missing
	 */
	constructor(
		options: HostChoice & {
			readonly pids?: readonly number[] | undefined;
			readonly objectDirectory?: string | undefined;
		},
	) {
		const { host, memoryIoctls, pids, objectDirectory } = options;
		this.#pids = pids === undefined ? undefined : new Set(pids);
		if (host !== undefined) this.#host = new HostProbes({ ...host, objectDirectory });
		if (memoryIoctls !== undefined && memoryIoctls.ways.length > 0) {
			this.#ioctls = new MemoryIoctlProbes({ ...memoryIoctls, objectDirectory });
		}
	}

	get operations(): Operations {
		return new Map([...(this.#host?.operations ?? []), ...(this.#ioctls?.operations ?? [])]);
	}

	/** What became of each program. */
	get reports(): readonly (ProgramReport & { readonly group: string })[] {
		return this.#host?.reports ?? [];
	}

	get ioctls(): MemoryIoctlProbes | undefined {
		return this.#ioctls;
	}

	setTargets(pids: readonly number[]): void {
		this.#host?.setTargets(pids);
	}

	/** @param take gets records of 12 words, whole ones, valid during the call */
	drain(buffer: Uint32Array, take: (words: Uint32Array, wordCount: number) => void): number {
		let total = 0;
		for (const source of [this.#host, this.#ioctls]) {
			if (source === undefined) continue;
			for (let words = source.drain(buffer); words > 0; words = source.drain(buffer)) {
				total += words;
				take(buffer, this.#pids === undefined ? words : keepPids(buffer, words, this.#pids));
			}
		}
		return total;
	}

	/** Causes of loss, over all groups. */
	losses(): { readonly ringFull: number; readonly noSlot: number; readonly nested: number } {
		const ioctls = this.#ioctls?.losses();
		const all: GroupLosses[] = [
			...Object.values(this.#host?.losses() ?? {}),
			...(ioctls === undefined ? [] : [ioctls]),
		];
		return {
			ringFull: sum(all, ({ dropped }) => dropped.ring_full),
			noSlot: sum(all, ({ dropped, tableFull }) => dropped.no_slot + tableFull),
			nested: sum(all, ({ dropped }) => dropped.nested),
		};
	}

	forgetProcess(pid: number): void {
		this.#ioctls?.forgetProcess(pid);
	}

	/** Detaches; what was seen until now can still be drained. */
	stop(): void {
		this.#host?.stop();
		this.#ioctls?.stop();
	}

	close(): void {
		this.#host?.close();
		this.#ioctls?.close();
	}
}

/** Moves the records of these processes to the front. @returns words of them */
function keepPids(words: Uint32Array, wordCount: number, pids: ReadonlySet<number>): number {
	let kept = 0;
	for (let at = 0; at < wordCount; at += EVENT_WORDS) {
		if (!pids.has(words[at + EVENT_PID] as number)) continue;
		words.copyWithin(kept, at, at + EVENT_WORDS);
		kept += EVENT_WORDS;
	}
	return kept;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
	return items.reduce((total, item) => total + value(item), 0);
}
