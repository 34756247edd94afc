import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { binding } from './binding';
import { BpfError } from './error';
import { checkText, misuse } from './internal/check';
import { configure, indexOf, notFound, readBtf } from './internal/configure';
import { ObjectState, type UprobeAttachType } from './internal/object-state';
import { type StructLayout, structLayout } from './internal/struct-layout';
import type { VariableValue } from './internal/variables';
import { detachAll } from './link';
import { BpfMap } from './map';
import { BpfProgram } from './program';
import { BpfRing } from './ring';

/** What must be settled before an object is loaded. A name that the object lacks is INGERO_BPF_NOT_FOUND. */
export interface BpfObjectOptions {
	/** Shown in errors and, shortened to 15 bytes, by the kernel. Default: the file's name without `.bpf.o`. */
	readonly name?: string;
	/** Values of `const volatile` global variables (integers, enums, booleans), by name. */
	readonly readOnlyData?: Readonly<Record<string, VariableValue>>;
	/** Capacity of maps, by name; for a ring in bytes, rounded up to a power of two of whole pages. */
	readonly maxEntries?: Readonly<Record<string, number>>;
	/** How programs will be attached that use {@link BpfProgram.attachUprobeMulti}, by name. */
	readonly attachTypes?: Readonly<Record<string, UprobeAttachType>>;
	/** Programs not to load and maps not to create: one that the kernel lacks would fail the whole object. */
	readonly disable?: readonly string[];
}

/**
 * A compiled eBPF object: its programs, maps and rings.
 *
 * ```ts
 * using object = BpfObject.open('probe.bpf.o');
 * object.load();
 * object.program('count').attachUprobe({ path: '/usr/lib/libz.so.1', symbol: 'inflate' });
 * ```
 *
 * Everything taken from an object lives until {@link close}, or until all of it has become garbage; when the thread or
 * process ends nothing stays behind in the kernel.
 */
export class BpfObject {
	readonly #state: ObjectState;
	/** In the order of the object's sections. */
	readonly programs: readonly BpfProgram[];
	/** In the order of the object; maps of global variables come last. */
	readonly maps: readonly BpfMap[];

	private constructor(state: ObjectState) {
		this.#state = state;
		this.programs = state.programs.map((_, index) => new BpfProgram(state, index));
		this.maps = state.maps.map((_, index) => new BpfMap(state, index));
	}

	/**
	 * Reads an object without touching the kernel; needs no privilege.
	 *
	 * @param source path of an ELF file, or its contents (copied)
	 * @throws {BpfError} INGERO_BPF_OPEN, INGERO_BPF_NOT_FOUND, INGERO_BPF_PLATFORM, INGERO_BPF_ADDON
	 */
	static open(source: string | Uint8Array, options: BpfObjectOptions = {}): BpfObject {
		if (typeof source !== 'string' && !(source instanceof Uint8Array)) {
			throw misuse('source', 'a path or a Uint8Array', source);
		}
		if (options.name !== undefined) checkText('name', options.name);
		const native = binding();
		const name = options.name ?? (typeof source === 'string' ? basename(source).split('.')[0] : '');
		// libbpf cuts the name at its first dot, and the kernel takes letters, digits and underscores only.
		const kernelName = name?.replace(/[^A-Za-z0-9_]/g, '_') || 'object';
		const handle = native.objectOpen(typeof source === 'string' ? readSource(source) : source, kernelName);
		const state = new ObjectState(kernelName, native, handle);
		try {
			configure(state, options);
			return new BpfObject(state);
		} catch (error) {
			native.close(handle);
			throw error;
		}
	}

	get name(): string {
		return this.#state.name;
	}

	/**
	 * Creates the maps and loads the programs; all or nothing. An object that failed can only be closed.
	 *
	 * @throws {BpfError} INGERO_BPF_LOAD, with the verifier's whole log when a program was rejected
	 */
	load(): void {
		const state = this.#state;
		if (state.phase === 'closed') throw state.closed('load');
		if (state.phase !== 'open') throw new TypeError(`object "${state.name}": load() can be called once`);
		state.phase = 'failed';
		state.native.objectLoad(state.handle);
		state.phase = 'loaded';
		state.describe();
	}

	/** @throws {BpfError} INGERO_BPF_NOT_FOUND */
	program(name: string): BpfProgram {
		return this.programs[indexOf(this.#state, 'programs', name)] as BpfProgram;
	}

	/** @throws {BpfError} INGERO_BPF_NOT_FOUND */
	map(name: string): BpfMap {
		return this.maps[indexOf(this.#state, 'maps', name)] as BpfMap;
	}

	/**
	 * The reading end of a ring map; the same one each time, since a ring has one reader.
	 *
	 * @throws {BpfError} INGERO_BPF_NOT_FOUND, INGERO_BPF_NOT_LOADED, INGERO_BPF_RING
	 */
	ring(name: string): BpfRing {
		const state = this.#state;
		const index = indexOf(state, 'maps', name);
		const map = this.map(name);
		if (map.type !== 'ringbuf') throw new TypeError(`map "${name}" is a ${map.type}, not a ringbuf`);
		const object = state.require('open ring', map);
		const known = state.rings.get(index);
		if (known) return known.reader;
		const handle = state.native.ringOpen(object, index);
		const reader = new BpfRing(state, handle);
		state.rings.set(index, { handle, reader });
		return reader;
	}

	/**
	 * The layout of a C struct or union, or of a typedef of one, from the object's own type information. The compiler
	 * leaves out types that no map, variable or function mentions.
	 *
	 * @throws {BpfError} INGERO_BPF_NOT_FOUND; RangeError when it has bit-fields
	 */
	structLayout(name: string): StructLayout {
		if (this.#state.phase === 'closed') throw this.#state.closed('read type information');
		const layout = structLayout(readBtf(this.#state), name);
		if (layout === undefined) {
			throw notFound(this.#state, 'read type information', `struct "${name}"`, ['only types its code mentions']);
		}
		return layout;
	}

	/** Detaches all links at once, stops heartbeats, unmaps the rings, unloads programs and maps; harmless when that has happened. */
	close(): void {
		const state = this.#state;
		if (state.phase === 'closed') return;
		state.phase = 'closed';
		for (const heartbeat of state.heartbeats) heartbeat.stop();
		detachAll(state.links);
		for (const { handle } of state.rings.values()) state.native.close(handle);
		state.native.close(state.handle);
	}

	[Symbol.dispose](): void {
		this.close();
	}
}

function readSource(path: string): Uint8Array {
	checkText('source', path);
	try {
		return readFileSync(path);
	} catch (cause) {
		throw new BpfError({
			code: 'INGERO_BPF_OPEN',
			operation: 'read object',
			message: cause instanceof Error ? cause.message : String(cause),
			cause,
		});
	}
}
