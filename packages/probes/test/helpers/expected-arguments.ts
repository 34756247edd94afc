import { isPerThread, plainName, type TracedCall } from './trace';
import { hashUniqueId } from './unique-id';

/** An argument that the trace does not tell. */
export const UNTOLD: unique symbol = Symbol('untold');
type Argument = bigint | typeof UNTOLD;

/** A handle of nothing: BAD_HANDLE in target/target.h. */
const BAD_HANDLE = 0xbadn;
const INVALID_VALUE = 1n;
const INVALID_HANDLE = 400n;
const CAPTURE_UNSUPPORTED = 900n;
/** CU_MEMORYTYPE_HOST, _DEVICE, _ARRAY, _UNIFIED in cuda.h. */
const HOST = 1n;
const UNIFIED = 4n;
/** `cudaMemcpyKind` in driver_types.h. */
const MEMCPY = { hostToHost: 0n, hostToDevice: 1n, deviceToHost: 2n, deviceToDevice: 3n, default: 4n };
const NO_REDUCTION = 15n;
const NO_PEER = 65_535n;

/** Reads what the trace says of a call. */
class Call {
	constructor(readonly traced: TracedCall) {}

	value(name: string): bigint {
		return BigInt(this.traced.values[name] ?? Number.NaN);
	}

	has(name: string): boolean {
		return this.traced.values[name] !== undefined;
	}

	/** What the call wrote where a parameter points to. */
	given(name: string): bigint {
		return BigInt(this.traced.returned?.values[name] ?? Number.NaN);
	}

	get result(): bigint {
		return this.given('result');
	}

	/** 0 unless what the call names is made up. */
	resultFor(name: string, error: bigint): bigint {
		return this.value(name) === BAD_HANDLE ? error : 0n;
	}

	/** Handle 1 is the legacy default stream, 2 the thread's own; 0 is either, by the variant called. */
	get stream(): bigint {
		const handle = this.has('stream') ? this.value('stream') : 0n;
		if (handle === 2n || (handle === 0n && isPerThread(this.traced.function))) {
			return (BigInt(this.traced.tid) << 32n) | 2n;
		}
		return handle === 1n ? 0n : handle;
	}

	product(name: string): bigint {
		return (this.traced.values[name] ?? '').split(',').reduce((size, dimension) => size * BigInt(dimension), 1n);
	}
}

type Expectation = (call: Call) => readonly [Argument, Argument, Argument];

const launch: Expectation = (call) => {
	const threads = call.product('block');
	return [call.value('function'), call.stream, (call.product('grid') << 12n) | (threads > 4095n ? 4095n : threads)];
};
const copy: Expectation = (call) => [call.value('dst'), call.stream, call.value('bytes')];
const countedMemset: Expectation = (call) => [call.value('dst'), call.stream, call.value('count')];
const describedCopy: Expectation = (call) => {
	const depth = call.has('depth') ? call.value('depth') : 1n;
	const kind = memcpyKind(call.value('src_type'), call.value('dst_type'));
	return [kind, call.stream, call.value('width') * call.value('height') * depth];
};
const waitStream: Expectation = (call) => [call.stream, 0n, call.resultFor('stream', INVALID_HANDLE)];
const waitEvent: Expectation = (call) => [call.value('event'), 0n, call.resultFor('event', INVALID_HANDLE)];
const waitDevice: Expectation = () => [0n, 0n, 0n];
// Whether the work was done by then, the trace does not know.
const queryStream: Expectation = (call) => [call.stream, 0n, UNTOLD];
const queryEvent: Expectation = (call) => [call.value('event'), 0n, UNTOLD];
const allocation: Expectation = (call) => [call.value('bytes'), call.given('pointer'), call.result];
const streamAllocation: Expectation = (call) => [call.value('bytes'), call.given('pointer'), call.stream];
const hostFunction: Expectation = (call) => [call.stream, call.value('function'), call.value('data')];
const beginCapture: Expectation = (call) => [
	call.stream,
	call.value('mode'),
	call.stream === 0n ? CAPTURE_UNSUPPORTED : 0n,
];
const endCapture: Expectation = (call) => [call.stream, call.given('graph'), call.result];
const instantiate: Expectation = (call) => [call.value('graph'), call.given('exec'), call.result];

const DRIVER: Readonly<Record<string, Expectation>> = {
	cuInit: (call) => [call.value('flags'), 1n, 0n],
	cuLaunchKernel: launch,
	cuLaunchKernelEx: launch,
	cuLaunchCooperativeKernel: launch,
	cuGraphLaunch: (call) => [call.value('exec'), call.stream, 0n],
	cuLaunchHostFunc: hostFunction,
	cuStreamSynchronize: waitStream,
	cuStreamQuery: queryStream,
	cuCtxSynchronize: waitDevice,
	cuCtxSynchronize_v2: waitDevice,
	cuEventSynchronize: waitEvent,
	cuEventQuery: queryEvent,
	cuEventRecord: (call) => [call.value('event'), call.stream, 0n],
	cuEventRecordWithFlags: (call) => [call.value('event'), call.stream, call.value('flags')],
	cuEventDestroy_v2: (call) => [call.value('event'), 0n, 0n],
	cuStreamWaitEvent: (call) => [call.stream, call.value('event'), call.value('flags')],
	cuMemcpy2D_v2: describedCopy,
	cuMemcpy2DUnaligned_v2: describedCopy,
	cuMemcpy2DAsync_v2: describedCopy,
	cuMemcpy3D_v2: describedCopy,
	cuMemcpy3DAsync_v2: describedCopy,
	cuMemsetD8_v2: (call) => [call.value('dst'), call.stream, call.value('bytes')],
	cuMemsetD16Async: countedMemset,
	cuMemsetD32Async: countedMemset,
	cuMemAlloc_v2: allocation,
	cuMemAllocManaged: allocation,
	cuMemAllocAsync: streamAllocation,
	cuMemAllocFromPoolAsync: streamAllocation,
	cuMemCreate: (call) => [call.value('bytes'), call.given('handle'), call.result],
	cuMemMap: (call) => [call.value('pointer'), call.value('bytes'), call.value('handle') === 0n ? INVALID_VALUE : 0n],
	cuMemUnmap: (call) => [call.value('pointer'), call.value('bytes'), 0n],
	cuMemFree_v2: (call) => [call.value('pointer'), 0n, 0n],
	cuMemFreeAsync: (call) => [call.value('pointer'), call.stream, 0n],
	cuStreamBeginCapture_v2: beginCapture,
	cuStreamBeginCaptureToGraph: beginCapture,
	cuStreamEndCapture: endCapture,
	cuGraphInstantiateWithFlags: instantiate,
	cuGraphInstantiateWithParams: instantiate,
	cuGraphExecDestroy: (call) => [call.value('exec'), 0n, 0n],
	cuGraphDestroy: (call) => [call.value('graph'), 0n, 0n],
};

const runtimeCopy: Expectation = (call) => [call.value('bytes'), call.stream, call.value('kind')];
const runtimeCopy2D: Expectation = (call) => [
	call.value('width') * call.value('height'),
	call.stream,
	call.value('kind'),
];
const peerCopy: Expectation = (call) => [call.value('bytes'), call.stream, 0n];
const runtimeRecord: Expectation = (call) => [call.value('event'), call.stream, 0n];

const RUNTIME: Readonly<Record<string, Expectation>> = {
	cudaLaunchKernel: launch,
	cudaLaunchCooperativeKernel: launch,
	cudaLaunchKernelExC: launch,
	cudaLaunchHostFunc: hostFunction,
	cudaMalloc: allocation,
	cudaMallocManaged: allocation,
	cudaMallocAsync: streamAllocation,
	cudaMallocFromPoolAsync: streamAllocation,
	cudaFree: (call) => [call.value('pointer'), 0n, call.resultFor('pointer', INVALID_VALUE)],
	cudaFreeAsync: (call) => [call.value('pointer'), call.stream, 0n],
	cudaMemcpy: runtimeCopy,
	cudaMemcpyAsync: runtimeCopy,
	cudaMemcpy2D: runtimeCopy2D,
	cudaMemcpy2DAsync: runtimeCopy2D,
	cudaMemcpyPeer: peerCopy,
	cudaMemcpyPeerAsync: peerCopy,
	cudaStreamSynchronize: waitStream,
	cudaDeviceSynchronize: waitDevice,
	cudaEventSynchronize: waitEvent,
	cudaEventRecord: runtimeRecord,
	cudaEventRecordWithFlags: runtimeRecord,
	cudaEventQuery: queryEvent,
	cudaStreamQuery: queryStream,
	cudaStreamWaitEvent: (call) => [call.stream, call.value('event'), 0n],
	cudaStreamBeginCapture: beginCapture,
	cudaStreamBeginCaptureToGraph: beginCapture,
	cudaStreamEndCapture: endCapture,
	cudaGraphInstantiate: instantiate,
	cudaGraphInstantiateWithFlags: instantiate,
	cudaGraphInstantiateWithParams: instantiate,
	cudaGraphLaunch: (call) => [call.value('exec'), call.stream, 0n],
};

const collective: Expectation = (call) => {
	const op = call.has('op') ? call.value('op') : NO_REDUCTION;
	const peer = call.has('peer') ? call.value('peer') : call.has('root') ? call.value('root') : NO_PEER;
	const what = (call.value('count') << 24n) | (call.value('datatype') << 20n) | (op << 16n) | peer;
	return [what, call.value('comm'), call.stream];
};
const initRank: Expectation = (call) => [
	(call.value('nranks') << 32n) | call.value('rank'),
	call.given('comm'),
	hashUniqueId(Buffer.from(call.traced.values.id ?? '', 'hex')),
];
const group: Expectation = () => [0n, 0n, 0n];
const end: Expectation = (call) => [0n, call.value('comm'), 0n];

const NCCL: Readonly<Record<string, Expectation>> = {
	ncclGroupStart: group,
	ncclGroupEnd: group,
	ncclCommInitRank: initRank,
	ncclCommInitRankConfig: initRank,
	ncclCommInitRankScalable: initRank,
	ncclCommSplit: (call) => [0n, call.given('comm'), 0n],
	ncclCommCount: (call) => [call.given('nranks'), call.value('comm'), 0n],
	ncclCommUserRank: (call) => [call.given('rank'), call.value('comm'), 0n],
	ncclCommFinalize: end,
	ncclCommDestroy: end,
	ncclCommAbort: end,
};

/** What the three arguments of the call's raw event must be, from the headers' signatures and the table of operations. */
export function expectedArguments(traced: TracedCall): readonly Argument[] {
	const name = plainName(traced.function);
	const expectation = DRIVER[name] ?? RUNTIME[name] ?? NCCL[name] ?? (name.startsWith('nccl') ? collective : copy);
	return expectation(new Call(traced));
}

/** `cudaMemcpyKind` of a copy between two types of memory. */
export function memcpyKind(from: bigint, to: bigint): bigint {
	if (from < HOST || to < HOST || from >= UNIFIED || to >= UNIFIED) return MEMCPY.default;
	if (from === HOST) return to === HOST ? MEMCPY.hostToHost : MEMCPY.hostToDevice;
	return to === HOST ? MEMCPY.deviceToHost : MEMCPY.deviceToDevice;
}
