/** One line of the stand-in's STANDIN_TRACE. */
export interface TracedCall {
	readonly tid: number;
	readonly ns: bigint;
	readonly function: string;
	readonly values: Readonly<Record<string, string>>;
}

/** Reads a trace: `<tid> <ns> <function> name=value ...`, a line a call. */
export function parseTrace(text: string): TracedCall[] {
	return text
		.trimEnd()
		.split('\n')
		.map((line) => {
			const [tid = '', ns = '', name = '', ...pairs] = line.trimEnd().split(' ');
			const values = Object.fromEntries(pairs.map((pair) => pair.split('=', 2) as [string, string]));
			return { tid: Number(tid), ns: BigInt(ns), function: name, values };
		});
}

const PER_THREAD = /_pt[sd][zs]$/;
/** An argument that the trace does not tell. */
export const UNTOLD: unique symbol = Symbol('untold');

/**
 * What the three arguments of the call's raw event must be, from cuda.h's signatures and the table of operations.
 *
 * @param memory whether the session follows the memory of processes
 */
export function expectedArguments(call: TracedCall, memory: boolean): (bigint | typeof UNTOLD)[] {
	const { values } = call;
	const value = (name: string) => BigInt(values[name] ?? Number.NaN);
	const stream = () => streamName(call, values.stream === undefined ? 0n : BigInt(values.stream));
	const name = plainName(call.function);
	switch (name) {
		case 'cuLaunchKernel':
		case 'cuLaunchKernelEx':
		case 'cuLaunchCooperativeKernel': {
			const blocks = product(values.grid);
			const threads = product(values.block);
			return [value('function'), stream(), (blocks << 12n) | (threads > 4095n ? 4095n : threads)];
		}
		case 'cuInit':
			return [value('flags'), 1n, 0n];
		case 'cuGraphLaunch':
			return [value('exec'), stream(), 0n];
		case 'cuLaunchHostFunc':
			return [stream(), value('function'), value('data')];
		case 'cuStreamSynchronize':
			return [stream(), 0n, 0n];
		case 'cuStreamQuery':
			return [stream(), 0n, UNTOLD];
		case 'cuCtxSynchronize':
			return [0n, 0n, 0n];
		case 'cuEventSynchronize':
			return [value('event'), 0n, 0n];
		case 'cuEventQuery':
			return [value('event'), 0n, UNTOLD];
		case 'cuEventRecord':
			return [value('event'), stream(), 0n];
		case 'cuEventRecordWithFlags':
			return [value('event'), stream(), value('flags')];
		case 'cuStreamWaitEvent':
			return [stream(), value('event'), value('flags')];
		case 'cuMemAlloc_v2':
			return [value('bytes'), UNTOLD, values.bytes === '0' ? 1n : 0n];
		case 'cuMemAllocManaged':
			return [value('bytes'), UNTOLD, 0n];
		case 'cuMemAllocAsync':
			return memory ? [value('bytes'), UNTOLD, stream()] : [value('out'), value('bytes'), stream()];
		case 'cuMemAllocFromPoolAsync':
			return [value('bytes'), UNTOLD, stream()];
		case 'cuMemCreate':
			return memory ? [value('bytes'), UNTOLD, values.bytes === '1' ? 1n : 0n] : [value('out'), value('bytes'), 0n];
		case 'cuMemMap':
			return [value('pointer'), value('bytes'), memory && values.handle === '0x0' ? 1n : 0n];
		case 'cuMemUnmap':
			return [value('pointer'), value('bytes'), 0n];
		case 'cuMemFree_v2':
			return [value('pointer'), 0n, 0n];
		case 'cuMemFreeAsync':
			return [value('pointer'), stream(), 0n];
		default:
			// Copies and memsets, blocking or not.
			return [value('dst'), stream(), value('bytes')];
	}
}

export function plainName(name: string): string {
	return name.replace(PER_THREAD, '');
}

/** Handle 1 is the legacy default stream, 2 the thread's own; 0 is either, by the variant called. */
function streamName(call: TracedCall, handle: bigint): bigint {
	if (handle === 2n || (handle === 0n && PER_THREAD.test(call.function))) return (BigInt(call.tid) << 32n) | 2n;
	return handle === 1n ? 0n : handle;
}

function product(dimensions = ''): bigint {
	return dimensions.split(',').reduce((size, dimension) => size * BigInt(dimension), 1n);
}
