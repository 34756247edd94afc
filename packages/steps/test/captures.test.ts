import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Call, COPIES_NAME_STREAM, type Operations } from './synthetic/call';
import { replay } from './synthetic/replay';

const operations: Operations = new Map([
	...COPIES_NAME_STREAM,
	[101, { name: 'cuStreamBeginCapture_v2', args: ['stream', 'mode', 'return_code'] }],
	[102, { name: 'cuStreamEndCapture', args: ['stream', 'graph', 'return_code'] }],
	[103, { name: 'cuEventDestroy_v2', args: ['event', '-', '-'] }],
	[104, { name: 'cuMemcpy2DAsync_v2', args: ['memcpy_kind', 'stream', 'bytes'] }],
	[105, { name: 'cuMemcpy3D_v2', args: ['memcpy_kind', 'stream', 'bytes'] }],
	[106, { name: 'cudaLaunchKernel', args: ['function', 'stream', 'grid_blocks<<12|min(block_threads,4095)'] }],
	[107, { name: 'cudaStreamSynchronize', args: ['stream', '-', 'return_code'] }],
]);
const STREAM = 0x7f00_0000_0100;
const SIDE = 0x7f00_0000_0200;
const READER = 100;
const WORKER = 101;

type Line = Partial<Call> & { readonly name: string };

const launch = (stream = STREAM, facts: Partial<Call> = {}): Line => ({
	name: 'cuLaunchKernel',
	function: 1,
	blocks: 1,
	stream,
	...facts,
});
const copyBack = (stream = STREAM): Line => ({ name: 'cuMemcpyDtoHAsync_v2', stream, bytes: 4 });
const wait = (stream = STREAM): Line => ({ name: 'cuStreamSynchronize', stream });
const begin = (stream = STREAM, result = 0): Line => ({ name: 'cuStreamBeginCapture_v2', stream, result });
const end = (stream = STREAM, result = 0): Line => ({ name: 'cuStreamEndCapture', stream, result });
const joins = (from: number, to: number): Line[] => [
	{ name: 'cuEventRecord', event: 9, stream: from },
	{ name: 'cuStreamWaitEvent', event: 9, stream: to },
];
const step = (stream = STREAM): Line[] => [launch(stream), copyBack(stream), wait(stream)];
const repeated = (line: Line, times: number): Line[] => Array.from({ length: times }, () => line);

/** Plays lines 1 us apart; all of the reader's, unless a line says otherwise. */
function play(lines: readonly Line[]) {
	return replay(
		lines.map((line, i) => ({ pid: 42, tid: READER, ...line, tNs: 1000 * (i + 1) })),
		operations,
	).completed;
}

const launches = (lines: readonly Line[]) => play(lines).map((ledger) => ledger.launches);

describe('a stream that is captured', () => {
	test('has nothing on its ledger meanwhile, and no read-back of its ends a step', () => {
		const captured = [...repeated(launch(), 5), copyBack(), { name: 'cuMemcpyHtoDAsync_v2', stream: STREAM, bytes: 7 }];
		const completed = play([...repeated(launch(), 2), begin(), ...captured, end(), launch(), copyBack(), wait()]);
		expect(completed).toMatchObject([{ launches: 3, memcpyBytes: 4, deviceToHostBytes: 4 }]);
	});

	test('does not keep the streams beside it from what they do, of any thread', () => {
		const beside = launch(SIDE, { tid: WORKER });
		const lines = [begin(), launch(), beside, beside, ...step(SIDE), launch(), end(), ...step()];
		// Who reads a stream back takes what others have put there.
		expect(launches(lines)).toEqual([3, 1]);
	});

	test('is one from a begin that succeeded to any end', () => {
		expect(launches([begin(STREAM, 900), launch(), ...step()])).toEqual([2]);
		expect(launches([begin(), launch(), end(STREAM, 901), launch(), ...step()])).toEqual([2]);
		expect(launches([end(STREAM, 401), launch(), ...step()])).toEqual([2]);
	});

	test('takes those that join it with it, and theirs, until it ends', () => {
		const third = SIDE + 0x100;
		const lines = [
			...[launch(SIDE), begin(), ...joins(STREAM, SIDE), launch(SIDE), copyBack(SIDE)],
			...[...joins(SIDE, third), launch(third), ...joins(third, STREAM), launch(), end()],
			...[launch(SIDE), launch(third), ...joins(third, SIDE), copyBack(SIDE), wait(SIDE)],
		];
		expect(launches(lines)).toEqual([3]);
	});

	test('keeps nobody who joined an earlier capture of it, until it joins this one', () => {
		const joined = [begin(), ...joins(STREAM, SIDE), launch(SIDE), ...joins(SIDE, STREAM), end()];
		expect(launches([...joined, begin(), ...step(SIDE), end()])).toEqual([1]);
		expect(launches([...joined, begin(), ...joins(STREAM, SIDE), launch(SIDE), end(), ...step(SIDE)])).toEqual([1]);
		const other = SIDE + 0x100;
		const again = [begin(other), ...joins(other, SIDE), launch(SIDE), end(other)];
		expect(launches([...joined, ...again, ...step(SIDE)])).toEqual([1]);
	});

	test('is joined by nothing through an event that was destroyed, or recorded anew elsewhere', () => {
		const destroyed = [
			{ name: 'cuEventRecord', event: 9, stream: STREAM },
			{ name: 'cuEventDestroy_v2', event: 9 },
		];
		const [, waits] = joins(STREAM, SIDE) as [Line, Line];
		expect(launches([begin(), ...destroyed, waits, ...step(SIDE), end()])).toEqual([1]);
		const moved = { name: 'cuEventRecord', event: 9, stream: SIDE + 0x100 };
		expect(launches([begin(), ...joins(STREAM, SIDE).slice(0, 1), moved, waits, ...step(SIDE), end()])).toEqual([1]);
	});

	test('is forgotten with its process', () => {
		expect(launches([begin(), { name: 'process_exit' }, ...step()])).toEqual([1]);
	});

	test('leaves the same steps as if what it takes were not there', () => {
		const stream = fc.constantFrom(STREAM, SIDE, SIDE + 0x100);
		const line = fc.oneof(
			{ weight: 4, arbitrary: fc.record({ name: fc.constant('cuLaunchKernel'), stream, function: fc.nat(9) }) },
			{ weight: 2, arbitrary: fc.record({ name: fc.constant('cuMemcpyHtoDAsync_v2'), stream, bytes: fc.nat(99) }) },
			{ weight: 2, arbitrary: fc.record({ name: fc.constant('cuMemcpyDtoHAsync_v2'), stream, bytes: fc.nat(99) }) },
			{ weight: 2, arbitrary: stream.map(wait) },
			{ weight: 1, arbitrary: stream.map((own) => begin(own)) },
			{ weight: 1, arbitrary: stream.map((own) => end(own)) },
		);
		fc.assert(
			fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
				const capturing = new Set<number | undefined>();
				const executed = lines.map((call): Line => {
					if (call.name === 'cuStreamBeginCapture_v2') capturing.add(call.stream);
					else if (call.name === 'cuStreamEndCapture') capturing.delete(call.stream);
					else if (!capturing.has(call.stream) || call.name === 'cuStreamSynchronize') return call;
					return { name: 'cuMadeUp' };
				});
				expect(play(lines)).toEqual(play(executed));
			}),
		);
	});
});

describe('a copy that a structure describes', () => {
	const copy = (kind: number, facts: Partial<Call> = {}): Line => ({
		name: 'cuMemcpy2DAsync_v2',
		kind,
		stream: STREAM,
		bytes: 10,
		...facts,
	});

	test.each([
		{ kind: 0, to: { hostToDeviceBytes: 0, deviceToHostBytes: 4 } },
		{ kind: 1, to: { hostToDeviceBytes: 10, deviceToHostBytes: 4 } },
		{ kind: 3, to: { hostToDeviceBytes: 0, deviceToHostBytes: 4 } },
		{ kind: 4, to: { hostToDeviceBytes: 0, deviceToHostBytes: 4 } },
	])('of kind $kind goes where it says', ({ kind, to }) => {
		expect(play([launch(), copy(kind), copyBack(), wait()])).toMatchObject([{ ...to, memcpyBytes: 14 }]);
	});

	test('to the host ends a step once it is waited for, and a blocking one by itself', () => {
		const completed = play([launch(), copy(2), wait(), launch(), copy(2, { name: 'cuMemcpy3D_v2' })]);
		expect(completed).toMatchObject([
			{ deviceToHostBytes: 10, enqueuedNs: 2000, completedNs: 3000 },
			{ deviceToHostBytes: 10, enqueuedNs: 5000, completedNs: 5000 },
		]);
	});

	test('is captured like any other', () => {
		expect(play([launch(), begin(), copy(2), wait(), end(), ...step()])).toMatchObject([
			{ launches: 2, memcpyBytes: 4 },
		]);
	});
});

test('calls of the runtime change nothing: the driver sees what they do', () => {
	const driver = [launch(), copyBack(), wait(), launch(), launch(), copyBack(), wait()];
	const runtime = { name: 'cudaLaunchKernel', function: 7, blocks: 99, stream: SIDE };
	const both = driver.flatMap((line) => [
		line,
		{ ...runtime, tid: WORKER },
		{ name: 'cudaStreamSynchronize', stream: SIDE },
	]);
	const timesOf = (lines: readonly Line[], every: number) =>
		replay(
			lines.map((line, i) => ({ pid: 42, tid: READER, ...line, tNs: 3000 * Math.floor(i / every) + (i % every) + 1 })),
			operations,
		).completed;
	expect(timesOf(both, 3)).toEqual(timesOf(driver, 1));
});

describe('a process that uses streams and events without end', () => {
	test('has all its work counted, that beyond 512 streams on one ledger', () => {
		const streams = Array.from({ length: 700 }, (_, i) => 0x1000 + i);
		const steps = streams.flatMap((stream) => [launch(stream), launch(stream), copyBack(stream), wait(stream)]);
		const completed = play(steps);
		expect(completed.reduce((sum, ledger) => sum + ledger.launches, 0)).toBe(1400);
		const names = new Set(completed.map(({ streamHandle }) => streamHandle));
		expect(names.size).toBe(513);
		expect(names).toContain(0xffff_ffff_ffff_ffffn);
	});

	test('has events followed up to 8192, and new ones where old ones were destroyed', () => {
		const record = (event: number, stream = SIDE): Line => ({ name: 'cuEventRecord', event, stream });
		const many = Array.from({ length: 8192 }, (_, i) => record(i + 1));
		const joined = (event: number) => [
			...[launch(SIDE, { tid: WORKER }), record(event), { name: 'cuStreamWaitEvent', event, stream: STREAM }],
			...[launch(), copyBack(), wait()],
		];
		expect(launches([...many, ...joined(8192)])).toEqual([2]);
		expect(launches([...many, ...joined(8193)])).toEqual([1]);
		expect(launches([...many, { name: 'cuEventDestroy_v2', event: 5 }, ...joined(8193)])).toEqual([2]);
	});
});
