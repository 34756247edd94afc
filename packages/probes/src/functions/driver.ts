import { OperationKind } from '@ingero/steps';
import type { EntryProgram, ParameterPlace, ProbedFunction } from './probed-function';

type DriverFunction = Omit<ProbedFunction, 'family'>;

const launch = (name: string, code: number, program: EntryProgram): DriverFunction => ({
	name,
	code,
	program,
	kind: OperationKind.launch,
	perThreadSuffix: '_ptsz',
	args: ['function', 'stream', 'grid_blocks<<12|min(block_threads,4095)'],
	places: [],
});

const asyncCopy = (
	name: string,
	code: number,
	kind: OperationKind,
	places: { readonly bytes: ParameterPlace; readonly stream: ParameterPlace } = { bytes: 3, stream: 4 },
): DriverFunction => ({
	name,
	code,
	program: 'call_entered',
	kind,
	perThreadSuffix: '_ptsz',
	args: ['dst', 'stream', 'bytes'],
	places: [1, places.stream, places.bytes],
	...places,
});

const blockingCopy = (
	name: string,
	code: number,
	kind: OperationKind,
	options: { readonly bytes?: ParameterPlace; readonly program?: EntryProgram } = {},
): DriverFunction => ({
	name,
	code,
	program: options.program ?? 'call_entered',
	kind,
	perThreadSuffix: '_ptds',
	args: ['dst', 'stream', 'bytes'],
	places: [1, 'defaultStream', options.bytes ?? 3],
	stream: 'defaultStream',
	bytes: options.bytes ?? 3,
});

/**
 * A copy that a structure describes: CUDA_MEMCPY2D or CUDA_MEMCPY3D (cuda.h). Its program reads direction and size from
 * there; the first place says how many dimensions the structure has.
 */
const describedCopy = (name: string, code: number, dimensions: 2 | 3): DriverFunction => {
	const isAsync = name.includes('Async');
	const stream = isAsync ? 2 : 'defaultStream';
	return {
		name,
		code,
		program: 'described_copy_entered',
		kind: isAsync ? OperationKind.describedCopy : OperationKind.describedCopyBlocking,
		perThreadSuffix: isAsync ? '_ptsz' : '_ptds',
		args: ['memcpy_kind', 'stream', 'bytes'],
		places: [dimensions, stream],
		stream,
	};
};

const asyncMemset = (name: string, code: number): DriverFunction => ({
	name,
	code,
	program: 'call_entered',
	kind: OperationKind.memset,
	perThreadSuffix: '_ptsz',
	args: ['dst', 'stream', 'count'],
	places: [1, 4, 3],
	stream: 4,
});

/** A call that blocks until the GPU has come to some point, or asks whether it has. */
const wait = (name: string, code: number, kind: OperationKind, on: 'stream' | 'event' | '-'): DriverFunction => ({
	name,
	code,
	program: 'timed_call_entered',
	kind,
	...(on === 'stream' ? { perThreadSuffix: '_ptsz' as const, stream: 1 as const } : {}),
	args: [on, '-', 'return_code'],
	places: on === '-' ? [] : [1],
});

const FUNCTIONS: readonly DriverFunction[] = [
	launch('cuLaunchCooperativeKernel', 2, 'launch_kernel'),
	launch('cuLaunchKernel', 3, 'launch_kernel'),
	launch('cuLaunchKernelEx', 4, 'launch_kernel_ex'),
	{
		name: 'cuGraphLaunch',
		code: 5,
		program: 'call_entered',
		kind: OperationKind.graphLaunch,
		perThreadSuffix: '_ptsz',
		args: ['graph_exec', 'stream', '-'],
		places: [1, 2],
		stream: 2,
	},
	wait('cuStreamSynchronize', 6, OperationKind.waitStream, 'stream'),
	wait('cuCtxSynchronize', 7, OperationKind.waitContext, '-'),
	wait('cuCtxSynchronize_v2', 120, OperationKind.waitContext, '-'),
	wait('cuEventSynchronize', 8, OperationKind.waitEvent, 'event'),
	wait('cuStreamQuery', 9, OperationKind.queryStream, 'stream'),
	asyncCopy('cuMemcpyHtoDAsync_v2', 20, OperationKind.copyHostToDevice),
	asyncCopy('cuMemcpyDtoHAsync_v2', 21, OperationKind.copyDeviceToHost),
	asyncCopy('cuMemcpyDtoDAsync_v2', 22, OperationKind.copyDeviceToDevice),
	blockingCopy('cuMemcpyHtoD_v2', 23, OperationKind.copyHostToDevice),
	blockingCopy('cuMemcpyDtoH_v2', 24, OperationKind.copyDeviceToHostBlocking, { program: 'timed_call_entered' }),
	asyncCopy('cuMemcpyAsync', 25, OperationKind.copyUnknown),
	asyncMemset('cuMemsetD8Async', 26),
	{
		name: 'cuLaunchHostFunc',
		code: 54,
		program: 'call_entered',
		kind: OperationKind.hostFunction,
		perThreadSuffix: '_ptsz',
		args: ['stream', 'fn', 'user_data'],
		places: [1, 2, 3],
		stream: 1,
	},
	{
		name: 'cuEventRecord',
		code: 55,
		program: 'call_entered',
		kind: OperationKind.eventRecord,
		perThreadSuffix: '_ptsz',
		args: ['event', 'stream', '-'],
		places: [1, 2],
		stream: 2,
	},
	{
		name: 'cuEventRecordWithFlags',
		code: 57,
		program: 'call_entered',
		kind: OperationKind.eventRecord,
		perThreadSuffix: '_ptsz',
		args: ['event', 'stream', 'flags'],
		places: [1, 2, 3],
		lastArgIsInt: true,
		stream: 2,
	},
	wait('cuEventQuery', 58, OperationKind.queryEvent, 'event'),
	{
		name: 'cuStreamWaitEvent',
		code: 59,
		program: 'call_entered',
		kind: OperationKind.streamWaitEvent,
		perThreadSuffix: '_ptsz',
		args: ['stream', 'event', 'flags'],
		places: [1, 2, 3],
		lastArgIsInt: true,
		stream: 1,
	},
	blockingCopy('cuMemcpy', 100, OperationKind.copyUnknown),
	blockingCopy('cuMemcpyDtoD_v2', 101, OperationKind.copyDeviceToDevice),
	blockingCopy('cuMemcpyPeer', 102, OperationKind.copyDeviceToDevice, { bytes: 5 }),
	asyncCopy('cuMemcpyPeerAsync', 103, OperationKind.copyDeviceToDevice, { bytes: 5, stream: 6 }),
	describedCopy('cuMemcpy2D_v2', 104, 2),
	describedCopy('cuMemcpy2DUnaligned_v2', 105, 2),
	describedCopy('cuMemcpy2DAsync_v2', 106, 2),
	describedCopy('cuMemcpy3D_v2', 107, 3),
	describedCopy('cuMemcpy3DAsync_v2', 108, 3),
	asyncMemset('cuMemsetD16Async', 109),
	asyncMemset('cuMemsetD32Async', 110),
	{
		name: 'cuMemsetD8_v2',
		code: 111,
		program: 'call_entered',
		kind: OperationKind.memset,
		perThreadSuffix: '_ptds',
		args: ['dst', 'stream', 'count'],
		places: [1, 'defaultStream', 3],
		stream: 'defaultStream',
	},
	{
		name: 'cuEventDestroy_v2',
		code: 112,
		program: 'call_entered',
		kind: OperationKind.eventDestroy,
		args: ['event', '-', '-'],
		places: [1],
	},
];

/**
 * What is probed in libcuda: everything that enqueues work, orders it or waits for it. Signatures are those of cuda.h;
 * codes and argument names those of the recordings, with the stream of a copy in place of its source.
 */
export const DRIVER_FUNCTIONS: readonly ProbedFunction[] = FUNCTIONS.map((probed) => ({ ...probed, family: 'driver' }));
