import type { AllocationKind, AllocationLineage } from '@ingero/kvcache-lineage';
import { handleKey, type OperationDescription } from '@ingero/steps';

const PID = 3;
const ARG0 = 6;
/** Per-thread default stream variants mean the same. */
const SUFFIX = /_pt[sd][zs]$/;
/** Any result but 0. */
const REFUSED = 1;

type Operations = ReadonlyMap<number, OperationDescription>;

/** A call, read by the names that its source gives to its arguments. */
interface MemoryCall {
	readonly pid: number;
	readonly tNs: number;
	/** `undefined` for an argument that is not recorded. */
	readonly value: (argument: string) => number | undefined;
}

/** What a call of a function does to the allocations of its process. */
const EFFECTS: Readonly<Record<string, (lineage: AllocationLineage, call: MemoryCall) => void>> = {
	cuInit: startsProcess,
	cuMemAlloc_v2: allocates('device'),
	cuMemAllocManaged: allocates('managed'),
	cuMemAllocAsync: allocates('async'),
	cuMemAllocFromPoolAsync: allocates('async'),
	cuMemFree_v2: frees,
	cuMemFreeAsync: frees,
	cuMemCreate: creates,
	cuMemMap: maps,
	cuMemUnmap: unmaps,
};

/** Feeds the memory calls of one source, live or recorded, to a lineage. */
export class MemoryCallReader {
	readonly #lineage: AllocationLineage;
	readonly #effects = new Map<number, (call: MemoryCall) => void>();
	readonly #arguments = new Map<number, readonly string[]>();

	constructor(lineage: AllocationLineage, operations: Operations) {
		this.#lineage = lineage;
		for (const [code, { name, args }] of operations) {
			const effect = EFFECTS[name.replace(SUFFIX, '')];
			if (effect === undefined) continue;
			this.#effects.set(code, (call) => effect(this.#lineage, call));
			this.#arguments.set(code, args);
		}
	}

	/** @param tNs the record's time on the clock of the lineage */
	read(words: Uint32Array, at: number, tNs: number): void {
		const code = words[at + 5] as number;
		const names = this.#arguments.get(code);
		if (names === undefined) return;
		this.#effects.get(code)?.({
			pid: words[at + PID] as number,
			tNs,
			value: (argument) => {
				const place = names.indexOf(argument);
				if (place < 0) return undefined;
				const word = at + ARG0 + 2 * place;
				return handleKey(words[word] as number, words[word + 1] as number);
			},
		});
	}
}

/** The kinds of allocation whose beginning, with its address, and end are both among a source's operations. */
export function kindsWithEnds(operations: Operations): AllocationKind[] {
	const args = new Map(
		[...operations.values()].map((operation) => [operation.name.replace(SUFFIX, ''), operation.args]),
	);
	const asyncHasAddress = args.get('cuMemAllocAsync')?.includes('device_pointer') ?? false;
	return [
		...(args.has('cuMemFree_v2') ? (['device', 'managed'] as const) : []),
		...(args.has('cuMemFreeAsync') && asyncHasAddress ? (['async'] as const) : []),
		...(args.has('cuMemUnmap') ? (['mapped'] as const) : []),
	];
}

/** Without its first call, what a process allocated before is not known. */
function startsProcess(lineage: AllocationLineage, { pid, value }: MemoryCall): void {
	if (value('is_first_call') === 1) lineage.processStarted(pid);
}

function allocates(kind: AllocationKind): (lineage: AllocationLineage, call: MemoryCall) => void {
	return (lineage, { pid, tNs, value }) => {
		const pointer = value('device_pointer');
		const result = value('return_code') ?? (pointer === 0 ? REFUSED : 0);
		// Where only the place of the address is recorded the kind has no end either, and is only summed up.
		lineage.allocated({
			pid,
			kind,
			pointer: pointer ?? value('pointer_out') ?? 0,
			bytes: value('bytes') ?? 0,
			tNs,
			result,
		});
	};
}

function frees(lineage: AllocationLineage, { pid, tNs, value }: MemoryCall): void {
	lineage.freed({ pid, pointer: value('device_pointer') ?? 0, tNs });
}

function creates(lineage: AllocationLineage, { pid, tNs, value }: MemoryCall): void {
	lineage.created({ pid, bytes: value('bytes') ?? 0, tNs, result: value('return_code') ?? 0 });
}

function maps(lineage: AllocationLineage, { pid, tNs, value }: MemoryCall): void {
	const result = value('return_code') ?? 0;
	lineage.allocated({ pid, kind: 'mapped', pointer: value('pointer') ?? 0, bytes: value('bytes') ?? 0, tNs, result });
}

function unmaps(lineage: AllocationLineage, { pid, tNs, value }: MemoryCall): void {
	lineage.unmapped({ pid, pointer: value('pointer') ?? 0, bytes: value('bytes') ?? 0, tNs });
}
