import { OperationKind } from '@ingero/steps';

/** The eBPF program (bpf/programs/cuda_driver.c) that serves a function. */
export type EntryProgram = 'launch_kernel' | 'launch_kernel_ex' | 'call_entered' | 'timed_call_entered';

/** A parameter by its place in the C signature, 1 to 6; `defaultStream` where a call has none and uses stream 0. */
export type ParameterPlace = 1 | 2 | 3 | 4 | 5 | 6 | 'defaultStream';

/** One function of libcuda, and what its call means. */
export interface ProbedFunction {
	readonly name: string;
	/** Operation code in recordings. */
	readonly code: number;
	readonly program: EntryProgram;
	readonly kind: OperationKind;
	/** The per-thread default stream variant, a symbol of its own: `_ptsz`, or `_ptds` for blocking calls. */
	readonly perThreadSuffix?: '_ptsz' | '_ptds';
	/** Names of the three recorded arguments, `-` where unused. */
	readonly args: readonly [string, string, string];
	/** Where the recorded arguments are found; unused for launches, whose programs know. */
	readonly places: readonly (ParameterPlace | undefined)[];
	/** The third is an `unsigned int`, which leaves the upper half of its register undefined. */
	readonly lastArgIsInt?: true;
	readonly stream?: ParameterPlace;
	readonly bytes?: ParameterPlace;
	/** Its calls also go among the ledgers, whatever the admission: somebody follows the memory of processes. */
	readonly tellsMemory?: true;
	/** The second argument says whether this is the first call seen of its process: 1, else 0. */
	readonly asksFirst?: true;
}

const copy = (name: string, code: number, kind: OperationKind): ProbedFunction => ({
	name,
	code,
	program: 'call_entered',
	kind,
	perThreadSuffix: '_ptsz',
	args: ['dst', 'stream', 'bytes'],
	places: [1, 4, 3],
	stream: 4,
	bytes: 3,
});

const launch = (name: string, code: number, program: EntryProgram): ProbedFunction => ({
	name,
	code,
	program,
	kind: OperationKind.launch,
	perThreadSuffix: '_ptsz',
	args: ['function', 'stream', 'grid_blocks<<12|min(block_threads,4095)'],
	places: [],
});

/**
 * What is probed in libcuda: everything that enqueues work, orders it, waits for it or allocates. Signatures are those
 * of cuda.h; codes and argument names those of the recordings, with the stream of a copy in place of its source.
 */
export const PROBED_FUNCTIONS: readonly ProbedFunction[] = [
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
	{
		name: 'cuStreamSynchronize',
		code: 6,
		program: 'timed_call_entered',
		kind: OperationKind.waitStream,
		perThreadSuffix: '_ptsz',
		args: ['stream', '-', 'return_code'],
		places: [1],
		stream: 1,
	},
	{
		name: 'cuCtxSynchronize',
		code: 7,
		program: 'timed_call_entered',
		kind: OperationKind.waitContext,
		args: ['-', '-', 'return_code'],
		places: [],
	},
	{
		name: 'cuEventSynchronize',
		code: 8,
		program: 'timed_call_entered',
		kind: OperationKind.waitEvent,
		args: ['event', '-', 'return_code'],
		places: [1],
	},
	{
		name: 'cuStreamQuery',
		code: 9,
		program: 'timed_call_entered',
		kind: OperationKind.queryStream,
		perThreadSuffix: '_ptsz',
		args: ['stream', '-', 'return_code'],
		places: [1],
		stream: 1,
	},
	copy('cuMemcpyHtoDAsync_v2', 20, OperationKind.copyHostToDevice),
	copy('cuMemcpyDtoHAsync_v2', 21, OperationKind.copyDeviceToHost),
	copy('cuMemcpyDtoDAsync_v2', 22, OperationKind.copyDeviceToDevice),
	{
		name: 'cuMemcpyHtoD_v2',
		code: 23,
		program: 'call_entered',
		kind: OperationKind.copyHostToDevice,
		perThreadSuffix: '_ptds',
		args: ['dst', 'stream', 'bytes'],
		places: [1, 'defaultStream', 3],
		stream: 'defaultStream',
		bytes: 3,
	},
	{
		name: 'cuMemcpyDtoH_v2',
		code: 24,
		program: 'timed_call_entered',
		kind: OperationKind.copyDeviceToHostBlocking,
		perThreadSuffix: '_ptds',
		args: ['dst', 'stream', 'bytes'],
		places: [1, 'defaultStream', 3],
		stream: 'defaultStream',
		bytes: 3,
	},
	copy('cuMemcpyAsync', 25, OperationKind.copyUnknown),
	{
		name: 'cuMemsetD8Async',
		code: 26,
		program: 'call_entered',
		kind: OperationKind.memset,
		perThreadSuffix: '_ptsz',
		args: ['dst', 'stream', 'count'],
		places: [1, 4, 3],
		stream: 4,
	},
	{
		name: 'cuMemAlloc_v2',
		code: 50,
		program: 'timed_call_entered',
		kind: OperationKind.alloc,
		args: ['bytes', 'device_pointer', 'return_code'],
		places: [2],
	},
	{
		name: 'cuMemFree_v2',
		code: 51,
		program: 'call_entered',
		kind: OperationKind.free,
		args: ['device_pointer', '-', '-'],
		places: [1],
	},
	{
		name: 'cuMemCreate',
		code: 52,
		program: 'call_entered',
		kind: OperationKind.alloc,
		args: ['handle_out', 'bytes', '-'],
		places: [1, 2],
		bytes: 2,
	},
	{
		name: 'cuMemMap',
		code: 53,
		program: 'call_entered',
		kind: OperationKind.none,
		args: ['pointer', 'bytes', '-'],
		places: [1, 2],
	},
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
		name: 'cuMemAllocAsync',
		code: 56,
		program: 'call_entered',
		kind: OperationKind.alloc,
		perThreadSuffix: '_ptsz',
		args: ['pointer_out', 'bytes', 'stream'],
		places: [1, 2, 3],
		stream: 3,
		bytes: 2,
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
	{
		name: 'cuEventQuery',
		code: 58,
		program: 'timed_call_entered',
		kind: OperationKind.queryEvent,
		args: ['event', '-', 'return_code'],
		places: [1],
	},
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
];

/** Operation codes that are no function: scheduler events of traced processes and the end of one. */
const OTHER_OPERATIONS: readonly [number, { name: string; args: readonly string[] }][] = [
	[60, { name: 'sched_switch_out', args: ['tid', 'prev_state|in_call<<31', 'next_tid'] }],
	[61, { name: 'sched_switch_in', args: ['tid', 'uses_cuda|was_locked<<1', 'prev_tid'] }],
	[62, { name: 'sched_wakeup', args: ['tid', '-', '-'] }],
	[63, { name: 'process_exit', args: ['-', '-', '-'] }],
];

/** The table of operations that goes with every event these probes deliver, and into the header of a recording. */
export const PROBED_OPERATIONS: ReadonlyMap<number, { readonly name: string; readonly args: readonly string[] }> =
	new Map([...PROBED_FUNCTIONS.map(operationOf), ...OTHER_OPERATIONS]);

/** The row of such a table that says what a function's events mean. */
export function operationOf({ code, name, args }: ProbedFunction): [number, { name: string; args: readonly string[] }] {
	return [code, { name, args: [...args] }];
}
