import type { OperationDescription } from '../../src/index';

/** A driver call (or the end of a process) as a test writes it down; what a function does not have stays away. */
export interface Call {
	readonly name: string;
	readonly pid: number;
	readonly tid: number;
	/** ns since the base, given when the program is played. */
	readonly tNs: number;
	/** A kernel, or a graph. */
	readonly function?: number;
	readonly blocks?: number;
	readonly stream?: number;
	readonly bytes?: number;
	readonly event?: number;
	readonly result?: number;
	/** A `cudaMemcpyKind`, of a copy that a structure describes. */
	readonly kind?: number;
	/** The address that an allocation gave. */
	readonly pointer?: number;
}

export type Operations = ReadonlyMap<number, OperationDescription>;

const GRID = 'grid_blocks<<12|min(block_threads,4095)';
const BLOCK_THREADS = 128;

/** As today's probes record it: a copy names its stream. */
export const COPIES_NAME_STREAM: Operations = table({
	cuLaunchKernel: ['function', 'stream', GRID],
	cuGraphLaunch: ['graph_exec', 'stream', '-'],
	cuMemcpyHtoDAsync_v2: ['dst', 'stream', 'bytes'],
	cuMemcpyDtoHAsync_v2: ['dst', 'stream', 'bytes'],
	cuMemcpyDtoDAsync_v2: ['dst', 'stream', 'bytes'],
	cuMemcpyDtoH_v2: ['dst', 'stream', 'bytes'],
	cuMemcpyAsync: ['dst', 'stream', 'bytes'],
	cuMemsetD8Async: ['dst', 'stream', 'count'],
	cuMemAlloc_v2: ['bytes', 'device_pointer', 'return_code'],
	cuMemFree_v2: ['device_pointer', '-', '-'],
	cuLaunchHostFunc: ['stream', 'fn', 'user_data'],
	ncclAllReduce: ['count<<16|datatype<<8|op', 'comm', 'stream'],
	cuEventRecord: ['event', 'stream', '-'],
	cuEventRecordWithFlags: ['event', 'stream', 'flags'],
	cuStreamWaitEvent: ['stream', 'event', 'flags'],
	cuStreamSynchronize: ['stream', '-', 'return_code'],
	cuCtxSynchronize: ['-', '-', 'return_code'],
	cuEventSynchronize: ['event', '-', 'return_code'],
	cuEventQuery: ['event', '-', 'return_code'],
	cuStreamQuery: ['stream', '-', 'return_code'],
	sched_switch_out: ['tid', 'prev_state', 'next_tid'],
	process_exit: ['-', '-', '-'],
});

/** As older recordings have it: a copy gives its source instead. */
export const COPIES_NAME_NO_STREAM: Operations = new Map(
	[...COPIES_NAME_STREAM].map(([code, { name, args }]) => {
		const isCopy = /^cuMem(cpy|set)/.test(name);
		return [code, { name, args: isCopy ? args.map((arg) => (arg === 'stream' ? 'src' : arg)) : args }];
	}),
);

/** The same operations without some. */
export function without(operations: Operations, ...names: string[]): Operations {
	return new Map([...operations].filter(([, { name }]) => !names.includes(name)));
}

function table(rows: Record<string, readonly string[]>): Operations {
	return new Map(Object.entries(rows).map(([name, args], place) => [place + 1, { name, args }]));
}

/** Records of these calls, as a source that knows these operations would make them; other calls leave none. */
export function encode(calls: readonly Call[], operations: Operations, baseNs: bigint): Uint32Array {
	const codes = new Map([...operations].map(([code, { name }]) => [name, code]));
	const seen = calls.filter(({ name }) => codes.has(name));
	const words = new BigUint64Array(6 * seen.length);
	for (const [place, call] of seen.entries()) {
		const code = codes.get(call.name) as number;
		const { args } = operations.get(code) as OperationDescription;
		words.set(
			[
				baseNs + BigInt(call.tNs),
				BigInt(call.pid) << 32n,
				(BigInt(code) << 32n) | BigInt(call.tid),
				...args.map((arg) => BigInt(argument(call, arg))),
			],
			6 * place,
		);
	}
	return new Uint32Array(words.buffer);
}

function argument(call: Call, name: string): number {
	switch (name) {
		case 'function':
		case 'graph_exec':
			return call.function ?? 0;
		case GRID:
			return (call.blocks ?? 0) * 4096 + BLOCK_THREADS;
		case 'stream':
			return call.stream ?? 0;
		case 'bytes':
		case 'count':
			return call.bytes ?? 0;
		case 'event':
			return call.event ?? 0;
		case 'return_code':
			return call.result ?? 0;
		case 'memcpy_kind':
			return call.kind ?? 0;
		case 'device_pointer':
			return call.pointer ?? 0xdead;
		case '-':
			return 0;
		default:
			// An argument nobody reads must not matter.
			return 0xdead;
	}
}
