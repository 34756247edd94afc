import { OperationKind } from '@ingero/steps';
import { operationOf, PROBED_FUNCTIONS, PROBED_OPERATIONS, type ProbedFunction } from './functions';

/** What all of these have: their calls also go among the ledgers. */
type MemoryFunction = Omit<ProbedFunction, 'tellsMemory'>;

/** An allocation whose address is written where its first parameter points; it is read when the call returns. */
const allocation = (name: string, code: number): MemoryFunction => ({
	name,
	code,
	program: 'timed_call_entered',
	kind: OperationKind.alloc,
	args: ['bytes', 'device_pointer', 'return_code'],
	places: [2],
});

/** The same in the order of a stream, which takes the place of the result: a refusal shows as address 0. */
const streamAllocation = (name: string, code: number, stream: 3 | 4): MemoryFunction => ({
	...allocation(name, code),
	perThreadSuffix: '_ptsz',
	args: ['bytes', 'device_pointer', 'stream'],
	places: [2, undefined, stream],
	stream,
});

/**
 * What is probed, beside or in place of {@link PROBED_FUNCTIONS}, when the memory of a process is followed: everything
 * that gives it device memory or takes it back.
 *
 * Allocations are stamped when they return, because only then the address is known. Frees are stamped when they are
 * entered: another thread may be given the same address before the free has returned to its caller, and would lose it to
 * a later stamp. `cuMemRelease` is left out: it ends a handle, while the memory lives on where it is mapped.
 */
const MEMORY_FUNCTIONS: readonly MemoryFunction[] = [
	{
		name: 'cuInit',
		code: 43,
		program: 'call_entered',
		kind: OperationKind.none,
		args: ['flags', 'is_first_call', '-'],
		places: [1],
		asksFirst: true,
	},
	allocation('cuMemAlloc_v2', 50),
	allocation('cuMemAllocManaged', 44),
	streamAllocation('cuMemAllocAsync', 56, 3),
	streamAllocation('cuMemAllocFromPoolAsync', 45, 4),
	{
		name: 'cuMemFree_v2',
		code: 51,
		program: 'call_entered',
		kind: OperationKind.free,
		args: ['device_pointer', '-', '-'],
		places: [1],
	},
	{
		name: 'cuMemFreeAsync',
		code: 46,
		program: 'call_entered',
		kind: OperationKind.free,
		perThreadSuffix: '_ptsz',
		args: ['device_pointer', 'stream', '-'],
		places: [1, 2],
		stream: 2,
	},
	{ ...allocation('cuMemCreate', 52), args: ['bytes', 'handle', 'return_code'] },
	{
		name: 'cuMemMap',
		code: 53,
		program: 'timed_call_entered',
		kind: OperationKind.none,
		args: ['pointer', 'bytes', 'return_code'],
		places: [1, 2],
	},
	{
		name: 'cuMemUnmap',
		code: 47,
		program: 'call_entered',
		kind: OperationKind.none,
		args: ['pointer', 'bytes', '-'],
		places: [1, 2],
	},
];

const MEMORY_NAMES: ReadonlySet<string> = new Set(MEMORY_FUNCTIONS.map(({ name }) => name));

const WITH_MEMORY: readonly ProbedFunction[] = [
	...PROBED_FUNCTIONS.filter(({ name }) => !MEMORY_NAMES.has(name)),
	...MEMORY_FUNCTIONS.map((probed): ProbedFunction => ({ ...probed, tellsMemory: true })),
];

/** What a session probes. @param memory whether the memory of processes is followed */
export function probedFunctions(memory: boolean): readonly ProbedFunction[] {
	return memory ? WITH_MEMORY : PROBED_FUNCTIONS;
}

/** The table of operations that goes with its events. */
export function probedOperations(memory: boolean): typeof PROBED_OPERATIONS {
	return memory ? OPERATIONS_WITH_MEMORY : PROBED_OPERATIONS;
}

const OPERATIONS_WITH_MEMORY: typeof PROBED_OPERATIONS = new Map([
	...PROBED_OPERATIONS,
	...WITH_MEMORY.map(operationOf),
]);
