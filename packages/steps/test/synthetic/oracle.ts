import type { CompletedLedger } from '../../src/index';
import type { Call, Operations } from './call';

const MASK = 0xffff_ffffn;

/** A step with its calls as they were played. */
export interface PlayedStep {
	readonly pid: number;
	readonly reader: number;
	readonly calls: readonly Call[];
	readonly lastCopy: Call;
	readonly completedBy: Call;
}

/** What a step's ledger must be, straight from its calls. */
export function expectedLedger(
	step: PlayedStep,
	operations: Operations,
	steps: readonly PlayedStep[],
): CompletedLedger {
	const { pid, reader, calls, lastCopy, completedBy } = step;
	const named = (name: string) => calls.filter((call) => call.name === name);
	const bytes = (...names: string[]) => names.flatMap(named).reduce((sum, call) => sum + (call.bytes ?? 0), 0);
	const launches = named('cuLaunchKernel');
	const ordered = touchedStreams(calls, reader, operations).flatMap((stream) =>
		launches.filter((call) => call.stream === stream),
	);
	const mixed = ordered.map((call) => mix(BigInt(call.function as number)));
	const hostToDeviceBytes = bytes('cuMemcpyHtoDAsync_v2');
	const deviceToHostBytes = bytes('cuMemcpyDtoHAsync_v2', 'cuMemcpyDtoH_v2');
	const ahead = steps.filter(
		(other) =>
			other.pid === pid &&
			other.reader === reader &&
			other.lastCopy.tNs > lastCopy.tNs &&
			other.lastCopy.tNs < completedBy.tNs,
	);
	const work = calls.filter(({ name }) => /^(cuLaunch|cuGraph|cuMemcpy|cuMemset|nccl)/.test(name));
	return {
		pid,
		tid: reader,
		streamHandle: busiestStream(calls),
		firstWorkNs: Math.min(...work.map((call) => call.tNs)),
		enqueuedNs: lastCopy.tNs,
		completedNs: completedBy.tNs,
		launches: launches.length,
		graphLaunches: named('cuGraphLaunch').length,
		gridBlocks: launches.reduce((sum, call) => sum + (call.blocks as number), 0),
		memcpyBytes: hostToDeviceBytes + deviceToHostBytes + bytes('cuMemcpyDtoDAsync_v2', 'cuMemcpyAsync'),
		hostToDeviceBytes,
		deviceToHostBytes,
		ncclCalls: named('ncclAllReduce').length,
		allocs: named('cuMemAlloc_v2').length,
		allocBytes: bytes('cuMemAlloc_v2'),
		frees: named('cuMemFree_v2').length,
		kernelFingerprint: (polynomial(mixed, 0xc2b2ae3dn) << 32n) | polynomial(mixed, 0x85ebca77n),
		lastFunction: Number(lastFunction(touchedStreams(calls, reader, operations), calls)),
		functionSketch: sketch([
			...launches.map(({ function: handle, blocks }) => launchBit(BigInt(handle as number), BigInt(blocks as number))),
			...named('cuGraphLaunch').map((call) => graphBit(BigInt(call.function as number))),
		]),
		launchesAhead: ahead
			.flatMap((other) => other.calls)
			.filter(({ name }) => name === 'cuLaunchKernel' || name === 'cuGraphLaunch').length,
		launchesUnseen: false,
		lossy: false,
	};
}

/** Streams in the order in which the reader came to them: that is the order in which the parts are put together. */
function touchedStreams(calls: readonly Call[], reader: number, operations: Operations): number[] {
	const naming = [...operations.values()].filter(({ args }) => args.includes('stream')).map(({ name }) => name);
	const events = new Map<number | undefined, number | undefined>();
	const touched = new Set<number>();
	for (const call of calls) {
		if (call.name === 'cuEventRecord') events.set(call.event, call.stream);
		if (call.tid !== reader) continue;
		const stream = call.name === 'cuStreamWaitEvent' ? events.get(call.event) : call.stream;
		if (stream !== undefined && naming.includes(call.name)) touched.add(stream);
	}
	return [...touched];
}

/** The streams are put together in the order in which the reader came to them: the last of the last one is last. */
function lastFunction(streams: readonly number[], calls: readonly Call[]): bigint {
	const ordered = streams.flatMap((stream) =>
		calls.filter((call) => call.stream === stream && /^cu(LaunchKernel|GraphLaunch)$/.test(call.name)),
	);
	const last = ordered.at(-1);
	if (last === undefined) return 0n;
	const handle = BigInt(last.function as number);
	return last.name === 'cuGraphLaunch' ? mixGraph(handle) : mix(handle);
}

function busiestStream(calls: readonly Call[]): bigint {
	const work = new Map<number, number>();
	for (const { name, stream } of calls) {
		if (stream === undefined || (name !== 'cuLaunchKernel' && name !== 'cuGraphLaunch')) continue;
		work.set(stream, (work.get(stream) ?? 0) + 1);
	}
	const most = Math.max(...work.values());
	return BigInt(Math.min(...[...work].filter(([, count]) => count === most).map(([stream]) => stream)));
}

/** Of fingerprint.ts, in exact arithmetic. */
export function mix(handle: bigint): bigint {
	let mixed = (handle & MASK) ^ (((handle >> 32n) * 0x9e3779b1n) & MASK);
	mixed = ((mixed ^ (mixed >> 15n)) * 0x85ebca77n) & MASK;
	return mixed ^ (mixed >> 13n);
}

/** Σ mixed[i] · base^(n-1-i) mod 2^32 */
export function polynomial(mixed: readonly bigint[], base: bigint): bigint {
	return mixed.reduce((sum, value, place) => (sum + value * base ** BigInt(mixed.length - 1 - place)) & MASK, 0n);
}

/** Of function-sketch.ts, in exact arithmetic. */
export function launchBit(handle: bigint, blocks: bigint): number {
	const magnitude = 2n ** BigInt((blocks === 0n ? 1n : blocks).toString(2).length) - 1n;
	return Number((((mix(handle) ^ magnitude) * 0x9e3779b1n) & MASK) >> 24n);
}

export function graphBit(handle: bigint): number {
	return Number(mixGraph(handle) >> 24n);
}

function mixGraph(handle: bigint): bigint {
	return (mix(handle) * 0x27d4eb2fn) & MASK;
}

export function sketch(bits: readonly number[]): Uint32Array {
	const words = new Uint32Array(8);
	for (const bit of bits) {
		words[Math.floor(bit / 32)] = ((words[Math.floor(bit / 32)] as number) | (1 << (bit % 32))) >>> 0;
	}
	return words;
}
