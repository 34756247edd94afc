import { assertPid, type ProcOptions } from '../proc-files';
import { hashCgroupPath, readCgroupPath } from './path';

/** A process's cgroup and its hash; both `''` while the cgroup can't be read. */
export interface CgroupIdentity {
	readonly path: string;
	readonly hash: string;
}

export interface CgroupPathsOptions extends ProcOptions {
	/** Processes remembered, least recently used dropped first; default 1024, about 200 bytes each. */
	readonly capacity?: number;
	/**
	 * How long "not readable" is believed, in milliseconds; default 3000. Long enough that a process without a readable
	 * cgroup costs no system call per event, short enough that one caught between fork and exec is not nameless for good.
	 */
	readonly failureTtlMs?: number;
	/** Clock for {@link failureTtlMs}, milliseconds; default `performance.now`. */
	readonly nowMs?: () => number;
}

interface Entry {
	readonly identity: CgroupIdentity;
	readonly startTimeTicks: number | undefined;
	readonly expiresMs: number;
}

const UNKNOWN: CgroupIdentity = Object.freeze({ path: '', hash: '' });

/**
 * Remembers the cgroup of every process seen, so that a hot path may ask per event.
 *
 * A process id is reused after its process has ended: pass the start time where it is known, and call `forget` on exec
 * and exit.
 */
export class CgroupPaths {
	readonly #entries = new Map<number, Entry>();
	readonly #procOptions: ProcOptions;
	readonly #capacity: number;
	readonly #failureTtlMs: number;
	readonly #nowMs: () => number;

	constructor(options: CgroupPathsOptions = {}) {
		const { capacity = 1024, failureTtlMs = 3000, nowMs = () => performance.now(), ...procOptions } = options;
		if (!Number.isInteger(capacity) || capacity < 1) {
			throw new TypeError(`capacity must be a positive integer, got ${String(capacity)}`);
		}
		if (!(failureTtlMs >= 0)) throw new TypeError(`failureTtlMs must be >= 0, got ${String(failureTtlMs)}`);
		this.#capacity = capacity;
		this.#failureTtlMs = failureTtlMs;
		this.#nowMs = nowMs;
		this.#procOptions = procOptions;
	}

	/** Processes remembered now. */
	get size(): number {
		return this.#entries.size;
	}

	/** @param startTimeTicks as in `readProcess`: an entry of another start time belongs to an earlier process */
	lookup(pid: number, startTimeTicks?: number): CgroupIdentity {
		assertPid(pid);
		const known = this.#entries.get(pid);
		if (known !== undefined) {
			this.#entries.delete(pid);
			if (known.startTimeTicks === startTimeTicks && this.#isFresh(known)) {
				this.#entries.set(pid, known);
				return known.identity;
			}
		}
		const entry = this.#read(pid, startTimeTicks);
		this.#entries.set(pid, entry);
		this.#evict();
		return entry.identity;
	}

	forget(pid: number): void {
		this.#entries.delete(pid);
	}

	#isFresh(entry: Entry): boolean {
		return entry.expiresMs === Number.POSITIVE_INFINITY || this.#nowMs() < entry.expiresMs;
	}

	#read(pid: number, startTimeTicks: number | undefined): Entry {
		const path = readCgroupPath(pid, this.#procOptions);
		if (path === undefined) {
			return { identity: UNKNOWN, startTimeTicks, expiresMs: this.#nowMs() + this.#failureTtlMs };
		}
		const identity = { path, hash: hashCgroupPath(path) };
		return { identity, startTimeTicks, expiresMs: Number.POSITIVE_INFINITY };
	}

	#evict(): void {
		if (this.#entries.size <= this.#capacity) return;
		for (const oldest of this.#entries.keys()) {
			this.#entries.delete(oldest);
			return;
		}
	}
}
