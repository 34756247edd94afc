import { OperationKind } from '@ingero/steps';
import type { ProbedFunction } from './probed-function';

type MemoryFunction = Omit<ProbedFunction, 'family'>;

/** An allocation whose address is written where its first parameter points; it is read when the call returns. */
const allocation = (name: string, code: number): MemoryFunction => ({
	name,
	code,
	program: 'timed_call_entered',
	kind: OperationKind.alloc,
	args: ['bytes', 'device_pointer', 'return_code'],
	places: [2],
	bytes: 2,
	out: { parameter: 1, argument: 1 },
});

/** The same in the order of a stream, which takes the place of the result: a refusal shows as address 0. */
const streamAllocation = (name: string, code: number, stream: 3 | 4): MemoryFunction => ({
	...allocation(name, code),
	perThreadSuffix: '_ptsz',
	args: ['bytes', 'device_pointer', 'stream'],
	places: [2, undefined, stream],
	stream,
});

const FUNCTIONS: readonly MemoryFunction[] = [
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
		isRare: true,
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

/**
 * Everything that gives a process device memory or takes it back.
 *
 * Allocations are stamped when they return, because only then the address is known. Frees are stamped when they are
 * entered: another thread may be given the same address before the free has returned to its caller, and would lose it to
 * a later stamp. `cuMemRelease` is left out: it ends a handle, while the memory lives on where it is mapped.
 */
export const MEMORY_FUNCTIONS: readonly ProbedFunction[] = FUNCTIONS.map((probed) => ({ ...probed, family: 'driver' }));

/** The first call of a program that uses the driver: whoever saw it has seen all allocations. */
const FIRST_CALL: ProbedFunction = {
	name: 'cuInit',
	family: 'driver',
	code: 43,
	program: 'call_entered',
	kind: OperationKind.none,
	args: ['flags', 'is_first_call', '-'],
	places: [1],
	asksFirst: true,
};

/** The same for whoever follows the memory of processes: each call is told, whatever the admission. */
export const FOLLOWED_MEMORY_FUNCTIONS: readonly ProbedFunction[] = [FIRST_CALL, ...MEMORY_FUNCTIONS].map((probed) => ({
	...probed,
	isTold: true,
}));
