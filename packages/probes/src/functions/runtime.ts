import { OperationKind } from '@ingero/steps';
import { RUNTIME_GRAPH_FUNCTIONS } from './graphs';
import type { ParameterPlace, ProbedFunction } from './probed-function';

/** Timed, and without effect on ledgers: each reaches the driver, where its work is counted. */
const call = (
	name: string,
	code: number,
	probed: Pick<ProbedFunction, 'args' | 'places'> & Partial<ProbedFunction>,
): ProbedFunction => ({
	name,
	family: 'runtime',
	code,
	program: 'timed_call_entered',
	kind: OperationKind.observed,
	...probed,
});

const launch = (name: string, code: number, program: 'runtime_launch_entered' | 'runtime_launch_ex_entered') =>
	call(name, code, {
		program,
		perThreadSuffix: '_ptsz',
		args: ['function', 'stream', 'grid_blocks<<12|min(block_threads,4095)'],
		places: [],
	});

const allocation = (name: string, code: number) =>
	call(name, code, {
		args: ['bytes', 'device_pointer', 'return_code'],
		places: [2],
		out: { parameter: 1, argument: 1 },
	});

const streamAllocation = (name: string, code: number, stream: 3 | 4) =>
	call(name, code, {
		perThreadSuffix: '_ptsz',
		args: ['bytes', 'device_pointer', 'stream'],
		places: [2, undefined, stream],
		stream,
		out: { parameter: 1, argument: 1 },
	});

/** `cudaMemcpyKind` (driver_types.h): 0 host to host, 1 to device, 2 to host, 3 between devices, 4 told by the addresses. */
const copy = (
	name: string,
	code: number,
	places: { readonly bytes: ParameterPlace; readonly kind?: ParameterPlace; readonly stream?: ParameterPlace },
) => {
	const { bytes, kind, stream } = places;
	// The copies between peers have no per-thread variants.
	const suffix = kind === undefined ? {} : ({ perThreadSuffix: stream === undefined ? '_ptds' : '_ptsz' } as const);
	return call(name, code, {
		...suffix,
		args: ['bytes', 'stream', kind === undefined ? '-' : 'memcpy_kind'],
		places: [bytes, stream ?? 'defaultStream', kind],
		...(kind === undefined ? {} : { lastArgIsInt: true }),
		stream: stream ?? 'defaultStream',
	});
};

const wait = (name: string, code: number, on: 'stream' | 'event' | '-') =>
	call(name, code, {
		...(on === 'stream' ? { perThreadSuffix: '_ptsz' as const, stream: 1 as const } : {}),
		args: [on, '-', 'return_code'],
		places: on === '-' ? [] : [1],
	});

const record = (name: string, code: number) =>
	call(name, code, { perThreadSuffix: '_ptsz', args: ['event', 'stream', 'return_code'], places: [1, 2], stream: 2 });

/**
 * What is probed in libcudart, for what only it shows: what applications call, how long each call takes, and which way a
 * copy goes. Signatures are those of cuda_runtime_api.h.
 */
export const RUNTIME_FUNCTIONS: readonly ProbedFunction[] = [
	launch('cudaLaunchKernel', 300, 'runtime_launch_entered'),
	launch('cudaLaunchCooperativeKernel', 301, 'runtime_launch_entered'),
	launch('cudaLaunchKernelExC', 302, 'runtime_launch_ex_entered'),
	allocation('cudaMalloc', 303),
	allocation('cudaMallocManaged', 304),
	streamAllocation('cudaMallocAsync', 305, 3),
	streamAllocation('cudaMallocFromPoolAsync', 306, 4),
	call('cudaFree', 307, { args: ['device_pointer', '-', 'return_code'], places: [1] }),
	call('cudaFreeAsync', 308, {
		perThreadSuffix: '_ptsz',
		args: ['device_pointer', 'stream', 'return_code'],
		places: [1, 2],
		stream: 2,
	}),
	copy('cudaMemcpy', 309, { bytes: 3, kind: 4 }),
	copy('cudaMemcpyAsync', 310, { bytes: 3, kind: 4, stream: 5 }),
	copy('cudaMemcpy2D', 311, { bytes: 'area', kind: 7 }),
	copy('cudaMemcpy2DAsync', 312, { bytes: 'area', kind: 7, stream: 8 }),
	copy('cudaMemcpyPeer', 313, { bytes: 5 }),
	copy('cudaMemcpyPeerAsync', 314, { bytes: 5, stream: 6 }),
	wait('cudaStreamSynchronize', 315, 'stream'),
	wait('cudaDeviceSynchronize', 316, '-'),
	wait('cudaEventSynchronize', 317, 'event'),
	record('cudaEventRecord', 318),
	record('cudaEventRecordWithFlags', 319),
	wait('cudaEventQuery', 320, 'event'),
	wait('cudaStreamQuery', 321, 'stream'),
	call('cudaStreamWaitEvent', 322, {
		perThreadSuffix: '_ptsz',
		args: ['stream', 'event', 'return_code'],
		places: [1, 2],
		stream: 1,
	}),
	call('cudaLaunchHostFunc', 323, {
		perThreadSuffix: '_ptsz',
		args: ['stream', 'fn', 'user_data'],
		places: [1, 2, 3],
		stream: 1,
	}),
	...RUNTIME_GRAPH_FUNCTIONS,
	call('cudaGraphLaunch', 329, {
		perThreadSuffix: '_ptsz',
		args: ['graph_exec', 'stream', 'return_code'],
		places: [1, 2],
		stream: 2,
	}),
];
