import { isHandleCall } from './handles/handle-calls';

/** One row of a recording's or a probe set's table of operations. */
export interface OperationDescription {
	readonly name: string;
	/** Meaning of arg0, arg1 and arg2, e.g. `stream`, `bytes`, `event`; `-` where unused. */
	readonly args: readonly string[];
}

/** What an operation does to the ledgers of its process. */
export const OperationKind = {
	/** Known and without effect on steps. */
	none: 0,
	launch: 1,
	graphLaunch: 2,
	copyHostToDevice: 3,
	copyDeviceToHost: 4,
	copyDeviceToDevice: 5,
	copyUnknown: 6,
	/** Device to host, and the call returns only when the bytes have arrived. */
	copyDeviceToHostBlocking: 7,
	memset: 8,
	alloc: 9,
	free: 10,
	hostFunction: 11,
	collective: 12,
	eventRecord: 13,
	streamWaitEvent: 14,
	waitStream: 15,
	waitContext: 16,
	waitEvent: 17,
	queryEvent: 18,
	queryStream: 19,
	processExit: 20,
	switchOut: 21,
	switchIn: 22,
	wakeup: 23,
	captureBegin: 24,
	captureEnd: 25,
	eventDestroy: 26,
	/** Its first argument says which way it goes, a `cudaMemcpyKind`. */
	describedCopy: 27,
	/** The same, and the call returns only when the bytes have arrived. */
	describedCopyBlocking: 28,
	/** Makes, asks or ends a NCCL communicator. */
	communicator: 29,
	/** A call of another layer than the driver, which sees its work too: without effect on steps and times. */
	observed: 30,
} as const;
export type OperationKind = (typeof OperationKind)[keyof typeof OperationKind];

/** Per-thread default stream variants (`_ptsz`, `_ptds`) mean the same as the plain function. */
const SUFFIX = /_pt[sd][zs]$/;

const KINDS: ReadonlyMap<string, OperationKind> = new Map(
	Object.entries({
		cuLaunchKernel: OperationKind.launch,
		cuLaunchKernelEx: OperationKind.launch,
		cuLaunchCooperativeKernel: OperationKind.launch,
		cuGraphLaunch: OperationKind.graphLaunch,
		cuMemcpyHtoDAsync_v2: OperationKind.copyHostToDevice,
		cuMemcpyHtoD_v2: OperationKind.copyHostToDevice,
		cuMemcpyDtoHAsync_v2: OperationKind.copyDeviceToHost,
		cuMemcpyDtoH_v2: OperationKind.copyDeviceToHostBlocking,
		cuMemcpyDtoDAsync_v2: OperationKind.copyDeviceToDevice,
		cuMemcpyDtoD_v2: OperationKind.copyDeviceToDevice,
		cuMemcpyAsync: OperationKind.copyUnknown,
		cuMemcpy: OperationKind.copyUnknown,
		cuMemcpyPeer: OperationKind.copyDeviceToDevice,
		cuMemcpyPeerAsync: OperationKind.copyDeviceToDevice,
		cuMemcpy2D_v2: OperationKind.describedCopyBlocking,
		cuMemcpy2DUnaligned_v2: OperationKind.describedCopyBlocking,
		cuMemcpy2DAsync_v2: OperationKind.describedCopy,
		cuMemcpy3D_v2: OperationKind.describedCopyBlocking,
		cuMemcpy3DAsync_v2: OperationKind.describedCopy,
		cuMemsetD8_v2: OperationKind.memset,
		cuMemsetD8Async: OperationKind.memset,
		cuMemsetD16Async: OperationKind.memset,
		cuMemsetD32Async: OperationKind.memset,
		cuMemAlloc_v2: OperationKind.alloc,
		cuMemAllocAsync: OperationKind.alloc,
		cuMemAllocFromPoolAsync: OperationKind.alloc,
		cuMemAllocManaged: OperationKind.alloc,
		cuMemCreate: OperationKind.alloc,
		cuMemMap: OperationKind.none,
		cuMemUnmap: OperationKind.none,
		cuMemFree_v2: OperationKind.free,
		cuMemFreeAsync: OperationKind.free,
		cuInit: OperationKind.none,
		cuLaunchHostFunc: OperationKind.hostFunction,
		cuEventRecord: OperationKind.eventRecord,
		cuEventRecordWithFlags: OperationKind.eventRecord,
		cuEventDestroy_v2: OperationKind.eventDestroy,
		cuStreamWaitEvent: OperationKind.streamWaitEvent,
		cuStreamSynchronize: OperationKind.waitStream,
		cuCtxSynchronize: OperationKind.waitContext,
		cuCtxSynchronize_v2: OperationKind.waitContext,
		cuEventSynchronize: OperationKind.waitEvent,
		cuEventQuery: OperationKind.queryEvent,
		cuStreamQuery: OperationKind.queryStream,
		cuStreamBeginCapture_v2: OperationKind.captureBegin,
		cuStreamBeginCaptureToGraph: OperationKind.captureBegin,
		cuStreamEndCapture: OperationKind.captureEnd,
		cuGraphInstantiateWithFlags: OperationKind.none,
		cuGraphInstantiateWithParams: OperationKind.none,
		cuGraphExecDestroy: OperationKind.none,
		cuGraphDestroy: OperationKind.none,
		ncclAllReduce: OperationKind.collective,
		ncclBroadcast: OperationKind.collective,
		ncclReduce: OperationKind.collective,
		ncclAllGather: OperationKind.collective,
		ncclReduceScatter: OperationKind.collective,
		ncclSend: OperationKind.collective,
		ncclRecv: OperationKind.collective,
		ncclBcast: OperationKind.observed,
		ncclAlltoAll: OperationKind.collective,
		ncclGather: OperationKind.collective,
		ncclScatter: OperationKind.collective,
		ncclGroupStart: OperationKind.observed,
		ncclGroupEnd: OperationKind.observed,
		ncclCommInitRank: OperationKind.communicator,
		ncclCommInitRankConfig: OperationKind.communicator,
		ncclCommInitRankScalable: OperationKind.communicator,
		ncclCommInitAll: OperationKind.communicator,
		ncclCommSplit: OperationKind.communicator,
		ncclCommCount: OperationKind.communicator,
		ncclCommUserRank: OperationKind.communicator,
		ncclCommFinalize: OperationKind.communicator,
		ncclCommDestroy: OperationKind.communicator,
		ncclCommAbort: OperationKind.communicator,
		call_stack: OperationKind.observed,
		sched_switch_out: OperationKind.switchOut,
		sched_switch_in: OperationKind.switchIn,
		sched_wakeup: OperationKind.wakeup,
		process_exit: OperationKind.processExit,
		process_exec: OperationKind.observed,
		process_fork: OperationKind.observed,
		oom_kill: OperationKind.observed,
		page_alloc: OperationKind.observed,
		block_read: OperationKind.observed,
		block_write: OperationKind.observed,
		block_flush: OperationKind.observed,
		block_discard: OperationKind.observed,
		block_other: OperationKind.observed,
		tcp_retransmit: OperationKind.observed,
		tcp_retransmit_ipv6: OperationKind.observed,
		nvidia_ioctl_alloc: OperationKind.observed,
		nvidia_ioctl_free: OperationKind.observed,
	}),
);

/** The CUDA runtime's functions, all of which reach the driver's. */
const RUNTIME_FUNCTION = /^cuda[A-Z]/;

/** Calls that take or give back device memory beside those of kind `alloc` and `free`, and the one before them all. */
const OTHER_MEMORY_CALLS: ReadonlySet<string> = new Set(['cuMemMap', 'cuMemUnmap', 'cuInit']);

/** Marks an operation code that the table does not explain. */
const UNKNOWN = 255;
/** Marks an argument that the operation does not record. */
const ABSENT = -1;
/** A record has room for these; a table that names more is not believed. */
const ARGUMENTS = 3;
/** Codes are small numbers; a wild one must not ask for a table of gigabytes. */
const MAX_CODES = 65_536;

/**
 * A table of operations made ready for the hot path: code → kind and the place of each argument.
 *
 * Built from the table that comes with the events, never from one of our own, so that a recording made by
 * another version, or with more or fewer arguments, still means what its writer meant.
 */
export class OperationTable {
	/** True when every function that records an event is among the operations. */
	readonly seesEveryEventRecord: boolean;
	/** True when the scheduler's wakeups are among them. */
	readonly seesWakeups: boolean;
	/** True when the scheduler's events of threads that use no CUDA are told, too: they are told apart. */
	readonly seesAllThreads: boolean;
	/** True when a switch-in says whether another thread of the process ran as its thread fell asleep and was woken. */
	readonly tellsLocks: boolean;
	/** True when a switch-out says whether its thread was in a call, of which there is no record yet. */
	readonly tellsCalls: boolean;
	readonly #kinds: Uint8Array;
	readonly #stream: Int8Array;
	readonly #bytes: Int8Array;
	readonly #event: Int8Array;
	readonly #result: Int8Array;
	readonly #pointer: Int8Array;
	readonly #tellsMemory: Uint8Array;
	readonly #tellsHandles: Uint8Array;

	constructor(operations: ReadonlyMap<number, OperationDescription>) {
		const names = new Set([...operations.values()].map(({ name }) => name));
		this.seesEveryEventRecord = names.has('cuEventRecord') && names.has('cuEventRecordWithFlags');
		this.seesWakeups = names.has('sched_wakeup');
		const argsOf = (wanted: string) => [...operations.values()].find(({ name }) => name === wanted)?.args ?? [];
		const switchIn = argsOf('sched_switch_in');
		this.seesAllThreads = switchIn.some((arg) => arg.startsWith('uses_cuda'));
		this.tellsLocks = switchIn.includes('uses_cuda|was_locked<<1');
		this.tellsCalls = argsOf('sched_switch_out').includes('prev_state|in_call<<31');
		let size = 0;
		for (const code of operations.keys()) if (code < MAX_CODES) size = Math.max(size, code + 1);
		this.#kinds = new Uint8Array(size).fill(UNKNOWN);
		this.#stream = new Int8Array(size).fill(ABSENT);
		this.#bytes = new Int8Array(size).fill(ABSENT);
		this.#event = new Int8Array(size).fill(ABSENT);
		this.#result = new Int8Array(size).fill(ABSENT);
		this.#pointer = new Int8Array(size).fill(ABSENT);
		this.#tellsMemory = new Uint8Array(size);
		this.#tellsHandles = new Uint8Array(size);
		for (const [code, { name, args: allArgs }] of operations) {
			if (code >= size) continue;
			const args = allArgs.slice(0, ARGUMENTS);
			const plainName = name.replace(SUFFIX, '');
			const kind = KINDS.get(plainName) ?? (RUNTIME_FUNCTION.test(plainName) ? OperationKind.observed : undefined);
			if (kind === undefined) continue;
			this.#kinds[code] = kind;
			this.#stream[code] = args.indexOf('stream');
			this.#bytes[code] = Math.max(args.indexOf('bytes'), args.indexOf('count'));
			this.#event[code] = args.indexOf('event');
			this.#result[code] = args.indexOf('return_code');
			this.#pointer[code] = args.indexOf('device_pointer');
			const allocates = kind === OperationKind.alloc || kind === OperationKind.free;
			if (allocates || OTHER_MEMORY_CALLS.has(plainName)) this.#tellsMemory[code] = 1;
			if (isHandleCall(plainName)) this.#tellsHandles[code] = 1;
		}
	}

	/** @returns `undefined` for a code that the table does not explain */
	kindOf(code: number): OperationKind | undefined {
		const kind = this.#kinds[code];
		return kind === undefined || kind === UNKNOWN ? undefined : (kind as OperationKind);
	}

	/** Place (0 to 2) of the stream among the arguments, -1 if it is not recorded; likewise the others. */
	streamArgument(code: number): number {
		return this.#stream[code] ?? ABSENT;
	}

	bytesArgument(code: number): number {
		return this.#bytes[code] ?? ABSENT;
	}

	eventArgument(code: number): number {
		return this.#event[code] ?? ABSENT;
	}

	resultArgument(code: number): number {
		return this.#result[code] ?? ABSENT;
	}

	pointerArgument(code: number): number {
		return this.#pointer[code] ?? ABSENT;
	}

	/** Whether the call says something of the device memory that its process has. */
	tellsMemory(code: number): boolean {
		return this.#tellsMemory[code] === 1;
	}

	/** Whether the call makes, describes or ends a communicator or a graph. */
	tellsHandles(code: number): boolean {
		return this.#tellsHandles[code] === 1;
	}
}
