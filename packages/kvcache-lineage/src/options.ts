import { ALLOCATION_KINDS, type AllocationKind } from './events';

/** Options of {@link AllocationLineage}; every one has a default. */
export interface LineageOptions {
	/** Live allocations of one process, >= 1; beyond it the oldest one goes that is not kept. Default 8192. */
	readonly maxPerProcess?: number;
	/** Processes, >= 1; beyond it the one goes that was not used for the longest. Default 256. */
	readonly maxProcesses?: number;
	/** The oldest live allocations of a process that are never dropped; below `maxPerProcess`. Default 64, or all but one. */
	readonly oldestKept?: number;
	/** The kinds whose frees or unmappings are among the events; others are counted, never live. Default all. */
	readonly seesEndsOf?: readonly AllocationKind[];
}

/** {@link LineageOptions}, checked and complete. */
export interface LineageSettings {
	readonly maxPerProcess: number;
	readonly maxProcesses: number;
	readonly oldestKept: number;
	/** By code: whether the end of a kind is seen. */
	readonly ended: readonly boolean[];
}

const DEFAULT_MAX_PER_PROCESS = 8192;
const DEFAULT_MAX_PROCESSES = 256;
const DEFAULT_OLDEST_KEPT = 64;
/** Slots are numbered in 32 bits. */
const MOST = 2 ** 30;

/** @throws TypeError that names the first wrong option and its value */
export function resolveOptions(options: LineageOptions): LineageSettings {
	const maxPerProcess = integer('maxPerProcess', options.maxPerProcess ?? DEFAULT_MAX_PER_PROCESS, 1, MOST);
	const kept = options.oldestKept ?? Math.min(DEFAULT_OLDEST_KEPT, maxPerProcess - 1);
	return {
		maxPerProcess,
		maxProcesses: integer('maxProcesses', options.maxProcesses ?? DEFAULT_MAX_PROCESSES, 1, MOST),
		oldestKept: integer('oldestKept', kept, 0, maxPerProcess - 1),
		ended: endedKinds(options.seesEndsOf ?? ALLOCATION_KINDS),
	};
}

function endedKinds(kinds: unknown): boolean[] {
	if (!Array.isArray(kinds)) throw new TypeError(`seesEndsOf: expected an array of kinds, received ${String(kinds)}`);
	for (const kind of kinds) {
		if (ALLOCATION_KINDS.includes(kind)) continue;
		throw new TypeError(`seesEndsOf: expected any of ${ALLOCATION_KINDS.join(', ')}, received ${String(kind)}`);
	}
	return ALLOCATION_KINDS.map((kind) => kinds.includes(kind));
}

function integer(name: string, value: unknown, min: number, max: number): number {
	if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
	throw new TypeError(`${name}: expected an integer from ${min} to ${max}, received ${String(value)}`);
}
