import { BpfHeartbeat } from './heartbeat';
import { checkInteger, misuse } from './internal/check';
import type { Handle, MapDescription } from './internal/native';
import type { ObjectState } from './internal/object-state';

export interface HeartbeatOptions {
	/** Where the time goes, as in {@link BpfMap.set}. */
	readonly key: Uint8Array;
	/** How often, 1 to 3,600,000 (an hour). */
	readonly intervalMs: number;
}

/** What {@link BpfMap.set} does about a key: store in any case, only if it is new, only if it exists. */
export type SetMode = 'any' | 'create' | 'replace';

const SET_FLAGS: Record<SetMode, number> = { any: 0, create: 1, replace: 2 };
const MAX_U32 = 2 ** 32 - 1;
const MAX_INTERVAL_MS = 3_600_000;

/**
 * One map of an object. Keys and values are bytes in the machine's byte order, in the layout the C side gave them;
 * their sizes are fixed, and a wrong one is a TypeError. What is read is a copy.
 */
export class BpfMap {
	readonly #state: ObjectState;
	readonly #index: number;

	/** @internal */
	constructor(state: ObjectState, index: number) {
		this.#state = state;
		this.#index = index;
	}

	get #description(): MapDescription {
		return this.#state.maps[this.#index] as MapDescription;
	}

	/** Name of the C variable; `.rodata`, `.data` or `.bss` for the maps that hold global variables. */
	get name(): string {
		return this.#description.name;
	}

	/** Kind of map as libbpf calls it, such as `hash`, `percpu_array` or `ringbuf`. */
	get type(): string {
		return this.#description.type;
	}

	/** Bytes of a key. */
	get keySize(): number {
		return this.#description.keySize;
	}

	/** Bytes of a value; of one processor's value in a per-CPU map. */
	get valueSize(): number {
		return this.#description.valueSize;
	}

	/** Capacity in entries, or in bytes for a ring. */
	get maxEntries(): number {
		return this.#description.maxEntries;
	}

	/** Whether each processor has its own value of a key. */
	get perCpu(): boolean {
		return this.#description.perCpu;
	}

	/** Whether load() creates it: true unless the object was opened with it in `disable`. */
	get enabled(): boolean {
		return this.#description.enabled;
	}

	/** The value of a key, or `undefined` when there is none. */
	get(key: Uint8Array): Uint8Array | undefined {
		const object = this.#require('read map');
		if (this.perCpu) throw new TypeError(`map "${this.name}" is per-CPU: use getPerCpu() or sumPerCpuU64()`);
		return this.#state.native.mapGet(object, this.#index, key);
	}

	/**
	 * Stores a value; in a per-CPU map the same one on every processor.
	 *
	 * @returns false, with nothing stored, when `mode` is `create` and the key exists or `replace` and it does not
	 * @throws {BpfError} INGERO_BPF_MAP with errno E2BIG when a hash map is full
	 */
	set(key: Uint8Array, value: Uint8Array, mode: SetMode = 'any'): boolean {
		const flags = SET_FLAGS[mode];
		if (flags === undefined) throw misuse('mode', "'any', 'create' or 'replace'", mode);
		return this.#state.native.mapSet(this.#require('write map'), this.#index, key, value, flags);
	}

	/** Removes a key; false when there was none. Entries of an array can't be removed (INGERO_BPF_MAP, EINVAL). */
	delete(key: Uint8Array): boolean {
		return this.#state.native.mapDelete(this.#require('delete from map'), this.#index, key);
	}

	/** {@link get} for a map whose keys are 32-bit numbers, as every array's are. */
	getAt(index: number): Uint8Array | undefined {
		return this.get(this.#indexKey(index));
	}

	/** {@link set} for a map whose keys are 32-bit numbers. */
	setAt(index: number, value: Uint8Array, mode: SetMode = 'any'): boolean {
		return this.set(this.#indexKey(index), value, mode);
	}

	/**
	 * All keys, read when the iteration starts. A key that is in the map all the time is there exactly once, whatever
	 * others do to the map meanwhile. Never more than twice `maxEntries`.
	 */
	*keys(): Generator<Uint8Array, void, undefined> {
		yield* chunks(this.#snapshot().keys, this.keySize);
	}

	/** All entries, as {@link keys}; each value is the one that was there when its key was read. */
	*entries(): Generator<[key: Uint8Array, value: Uint8Array], void, undefined> {
		if (this.perCpu) throw new TypeError(`map "${this.name}" is per-CPU: use keys() and getPerCpu()`);
		const { keys, values } = this.#snapshot();
		let at = 0;
		for (const key of chunks(keys, this.keySize)) {
			yield [key, values.subarray(at, at + this.valueSize)];
			at += this.valueSize;
		}
	}

	/** Removes all entries; in an array, whose entries can't be removed, sets them to zero. */
	clear(): void {
		const zero = this.type.endsWith('array') ? new Uint8Array(this.valueSize) : undefined;
		for (const key of this.keys()) {
			if (zero) this.set(key, zero);
			else this.delete(key);
		}
	}

	/** The values of a key, one for each possible processor, or `undefined` when there is no such key. */
	getPerCpu(key: Uint8Array): Uint8Array[] | undefined {
		const object = this.#require('read map');
		if (!this.perCpu) throw new TypeError(`map "${this.name}" is not per-CPU: use get()`);
		const all = this.#state.native.mapGet(object, this.#index, key);
		if (all === undefined) return undefined;
		return [...chunks(all, all.length / this.#description.copies)].map((value) => value.subarray(0, this.valueSize));
	}

	/**
	 * For a per-CPU value that is an array of u64 counters: each counter's sum over the processors, or `undefined` when
	 * there is no such key. Exact below 2 ** 53.
	 */
	sumPerCpuU64(key: Uint8Array): number[] | undefined {
		if (this.valueSize % 8 !== 0)
			throw new TypeError(`map "${this.name}": a value of ${this.valueSize} bytes is no u64[]`);
		const values = this.getPerCpu(key);
		if (values === undefined) return undefined;
		const sums = new Array<number>(this.valueSize / 8).fill(0);
		for (const value of values) {
			const words = new Uint32Array(value.buffer, value.byteOffset, value.length / 4);
			for (let i = 0; i < sums.length; i++) {
				sums[i] = (sums[i] as number) + (words[2 * i] as number) + (words[2 * i + 1] as number) * 2 ** 32;
			}
		}
		return sums;
	}

	/**
	 * Writes CLOCK_BOOTTIME, in ns as a u64, to a key now and then every `intervalMs`, by a thread of its own: programs
	 * compare it with `bpf_ktime_get_boot_ns()` and know whether this process lives, however busy its event loop is. For
	 * maps whose values are 8 bytes, not per-CPU ones.
	 *
	 * @throws {BpfError} INGERO_BPF_MAP when the first time can't be written
	 */
	startHeartbeat(options: HeartbeatOptions): BpfHeartbeat {
		const object = this.#require('start heartbeat');
		const { key, intervalMs } = options;
		if (this.perCpu || this.valueSize !== 8) {
			throw new TypeError(`map "${this.name}": a heartbeat needs one value of 8 bytes for each key`);
		}
		checkInteger('intervalMs', intervalMs, 1, MAX_INTERVAL_MS);
		const handle = this.#state.native.heartbeatStart(object, this.#index, key, intervalMs);
		return new BpfHeartbeat(this.#state, handle);
	}

	#require(operation: string): Handle<'object'> {
		return this.#state.require(operation, this.#description);
	}

	#snapshot(): { keys: Uint8Array; values: Uint8Array } {
		return this.#state.native.mapSnapshot(this.#require('iterate map'), this.#index);
	}

	#indexKey(index: number): Uint8Array {
		if (this.keySize !== 4) throw new TypeError(`map "${this.name}": its keys have ${this.keySize} bytes, not 4`);
		checkInteger('index', index, 0, MAX_U32);
		return new Uint8Array(Uint32Array.of(index).buffer);
	}
}

function* chunks(bytes: Uint8Array, size: number): Generator<Uint8Array, void, undefined> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
