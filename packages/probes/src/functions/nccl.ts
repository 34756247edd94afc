import { OperationKind } from '@ingero/steps';
import type { ParameterPlace, ProbedFunction } from './probed-function';

interface CollectivePlaces {
	readonly count: ParameterPlace;
	readonly datatype: ParameterPlace;
	readonly op?: ParameterPlace;
	/** The other rank of a send or receive, or the root. */
	readonly peer?: ParameterPlace;
	readonly comm: 5 | 6 | 7;
	readonly stream: ParameterPlace;
}

/**
 * A collective, or a send or receive: timed, since inside no group the call itself may wait for peers. Peer 65535 and
 * operation 15 are "none or more than fits"; a count is of elements, at most 2^40 - 1.
 */
const collective = (
	name: string,
	code: number,
	{ count, datatype, op, peer, comm, stream }: CollectivePlaces,
): ProbedFunction => ({
	name,
	family: 'nccl',
	code,
	program: 'collective_entered',
	kind: OperationKind.collective,
	args: ['count<<24|datatype<<20|op<<16|peer', 'comm', 'stream'],
	places: [datatype, op, peer],
	bytes: count,
	comm,
	stream,
});

/**
 * Makes a communicator. Its places are those of its size, of the caller's rank in it, and of the unique id, of which a hash
 * is told: equal on all ranks.
 */
const communicator = (
	name: string,
	code: number,
	places: readonly (ParameterPlace | undefined)[],
	out: 1 | 4,
): ProbedFunction => ({
	name,
	family: 'nccl',
	code,
	program: 'communicator_entered',
	isRare: true,
	kind: OperationKind.communicator,
	args: ['nranks<<32|rank', 'comm', 'id_hash'],
	places,
	out: { parameter: out, argument: 1 },
	isTold: true,
});

/** Asks a communicator for its size or for the caller's rank: tells of those that were made before the probes came. */
const question = (name: string, code: number, value: 'nranks' | 'rank'): ProbedFunction => ({
	name,
	family: 'nccl',
	code,
	program: 'timed_call_entered',
	kind: OperationKind.communicator,
	args: [value, 'comm', 'return_code'],
	places: [undefined, 1],
	out: { parameter: 2, argument: 0 },
	isTold: true,
});

const end = (name: string, code: number): ProbedFunction => ({
	name,
	family: 'nccl',
	code,
	program: 'call_entered',
	kind: OperationKind.communicator,
	args: ['-', 'comm', '-'],
	places: [undefined, 1],
	isTold: true,
});

const group = (name: string, code: number): ProbedFunction => ({
	name,
	family: 'nccl',
	code,
	program: 'timed_call_entered',
	kind: OperationKind.observed,
	args: ['-', '-', 'return_code'],
	places: [],
});

/**
 * What is probed in libnccl, or in a libtorch_cuda that has it inside. Signatures are those of nccl.h.
 */
export const NCCL_FUNCTIONS: readonly ProbedFunction[] = [
	collective('ncclAllReduce', 30, { count: 3, datatype: 4, op: 5, comm: 6, stream: 7 }),
	collective('ncclBroadcast', 31, { count: 3, datatype: 4, peer: 5, comm: 6, stream: 7 }),
	collective('ncclReduce', 32, { count: 3, datatype: 4, op: 5, peer: 6, comm: 7, stream: 8 }),
	collective('ncclAllGather', 33, { count: 3, datatype: 4, comm: 5, stream: 6 }),
	collective('ncclReduceScatter', 34, { count: 3, datatype: 4, op: 5, comm: 6, stream: 7 }),
	collective('ncclSend', 35, { count: 2, datatype: 3, peer: 4, comm: 5, stream: 6 }),
	collective('ncclRecv', 36, { count: 2, datatype: 3, peer: 4, comm: 5, stream: 6 }),
	group('ncclGroupStart', 37),
	group('ncclGroupEnd', 38),
	communicator('ncclCommInitRank', 39, [2, undefined, 'byValue'], 1),
	communicator('ncclCommInitRankConfig', 40, [2, undefined, 'byValue'], 1),
	end('ncclCommDestroy', 41),
	end('ncclCommAbort', 42),
	// The older name calls ncclBroadcast, which counts.
	{
		...collective('ncclBcast', 400, { count: 2, datatype: 3, peer: 4, comm: 5, stream: 6 }),
		kind: OperationKind.observed,
	},
	collective('ncclAlltoAll', 401, { count: 3, datatype: 4, comm: 5, stream: 6 }),
	collective('ncclGather', 402, { count: 3, datatype: 4, peer: 5, comm: 6, stream: 7 }),
	collective('ncclScatter', 403, { count: 3, datatype: 4, peer: 5, comm: 6, stream: 7 }),
	// One call, as many communicators as devices; each is told.
	communicator('ncclCommInitAll', 404, [2], 1),
	communicator('ncclCommInitRankScalable', 405, [2, 3, 5], 1),
	communicator('ncclCommSplit', 406, [], 4),
	end('ncclCommFinalize', 407),
	question('ncclCommCount', 408, 'nranks'),
	question('ncclCommUserRank', 409, 'rank'),
];
