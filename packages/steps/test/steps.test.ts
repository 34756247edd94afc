import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventPipeline, OperationTable, SourceClock } from '../src/index';
import { type Call, COPIES_NAME_STREAM, type Operations, without } from './synthetic/call';
import { replay } from './synthetic/replay';

const STREAM = 0x7f3a_5c00_1e80;
const READER = 100;
const WORKER = 101;

type Line = Partial<Call> & { readonly name: string };

const launch = (facts: Partial<Call> = {}): Line => ({ name: 'cuLaunchKernel', function: 1, stream: STREAM, ...facts });
const copyBack = (facts: Partial<Call> = {}): Line => ({ name: 'cuMemcpyDtoHAsync_v2', stream: STREAM, ...facts });
const record = (event: number, stream = STREAM): Line => ({ name: 'cuEventRecordWithFlags', event, stream });
const waitEvent = (event: number): Line => ({ name: 'cuEventSynchronize', event });
const waitStream = (stream = STREAM): Line => ({ name: 'cuStreamSynchronize', stream });

/** Plays lines 1 µs apart; all of the reader's, unless a line says otherwise. */
function play(lines: readonly Line[], operations: Operations = COPIES_NAME_STREAM) {
	return replay(
		lines.map((line, i) => ({ pid: 42, tid: READER, ...line, tNs: 1000 * (i + 1) })),
		operations,
	);
}

describe('one step', () => {
	test('is one copy, though nine syncs follow it', () => {
		const { completed } = play([launch(), launch(), copyBack(), ...Array.from({ length: 9 }, () => waitStream())]);
		expect(completed).toMatchObject([{ launches: 2, enqueuedNs: 3000, completedNs: 4000 }]);
	});

	test('is a group of copies with no work between them', () => {
		const copies = [1, 20, 300].map((bytes) => copyBack({ bytes }));
		const { completed, counters } = play([launch(), ...copies, waitStream()]);
		expect(completed).toMatchObject([{ launches: 1, deviceToHostBytes: 321, enqueuedNs: 4000, completedNs: 5000 }]);
		expect(counters.joined).toBe(2);
	});

	test('is several copies with work between them, when one wait completes them all', () => {
		const { completed } = play([launch(), copyBack(), launch(), copyBack(), launch(), copyBack(), waitStream()]);
		expect(completed).toMatchObject([{ launches: 3, firstWorkNs: 1000, enqueuedNs: 6000, completedNs: 7000 }]);
	});

	test('is not made by a wait without a copy, nor by a copy without work', () => {
		expect(play([launch(), waitStream(), { name: 'cuCtxSynchronize' }]).completed).toEqual([]);
		expect(play([copyBack(), waitStream()]).completed).toEqual([]);
	});

	test('keeps the work of waits without a copy before it', () => {
		const { completed } = play([launch(), waitStream(), launch(), copyBack(), waitStream()]);
		expect(completed).toMatchObject([{ launches: 2, firstWorkNs: 1000 }]);
	});
});

describe('a stream that waits for others', () => {
	const NETWORK = STREAM + 0x100;
	const SIDE = STREAM + 0x200;
	const waits = (from: number, to: number, tid: number): Line[] => [
		{ ...record(from, from), tid },
		{ name: 'cuStreamWaitEvent', event: from, stream: to, tid },
	];

	test('is read back with their work, whoever made it wait, and with what they in turn wait for', () => {
		const lines = [
			...[launch({ stream: SIDE, tid: WORKER }), ...waits(SIDE, NETWORK, WORKER)],
			...[launch({ stream: NETWORK, tid: WORKER }), ...waits(NETWORK, STREAM, WORKER)],
			...[launch(), copyBack(), waitStream()],
		];
		expect(play([...lines, ...lines]).completed.map(({ launches }) => launches)).toEqual([3, 3]);
	});

	test('does not take what is enqueued on them after it was read back', () => {
		const lines = [...waits(NETWORK, STREAM, WORKER), launch(), copyBack(), waitStream()];
		const after = launch({ stream: NETWORK, tid: WORKER });
		const completed = play([...lines, after, after, launch(), copyBack(), waitStream()]).completed;
		expect(completed.map(({ launches }) => launches)).toEqual([1, 1]);
	});

	test('follows four of them, and says so when there are more', () => {
		const others = [1, 2, 3, 4, 5].map((n) => STREAM + n * 0x100);
		const lines = others.flatMap((stream) => [launch({ stream, tid: WORKER }), ...waits(stream, STREAM, WORKER)]);
		const { completed, counters } = play([...lines, launch(), copyBack(), waitStream()]);
		expect(completed.map(({ launches }) => launches)).toEqual([5]);
		expect(counters.touchedOverflows).toBe(1);
	});
});

describe('an engine that schedules ahead', () => {
	test('has the next step enqueued before it waits, and each gets its own work and time', () => {
		const step = (launches: number, event: number) => [
			...Array.from({ length: launches }, () => launch()),
			copyBack(),
			record(event),
		];
		const { completed } = play([...step(5, 1), ...step(1, 2), waitEvent(1), ...step(2, 1), waitEvent(2), waitEvent(1)]);
		expect(completed.map(({ launches }) => launches)).toEqual([5, 1, 2]);
		expect(completed.map(({ completedNs }) => completedNs)).toEqual([11_000, 16_000, 17_000]);
	});
});

describe('several streams', () => {
	const SIDE = STREAM - 0x100;

	test('joined by an event are one step, named after the busiest', () => {
		const joined = [record(9, SIDE), { name: 'cuStreamWaitEvent', stream: STREAM, event: 9 }];
		const side = launch({ stream: SIDE, tid: WORKER });
		const { completed } = play([launch(), side, side, ...joined, copyBack(), waitStream()]);
		expect(completed).toMatchObject([{ launches: 3, streamHandle: BigInt(SIDE), tid: READER }]);
	});

	test('that are not joined stay out of it', () => {
		const { completed } = play([launch(), launch({ stream: SIDE, tid: WORKER }), copyBack(), waitStream()]);
		expect(completed).toMatchObject([{ launches: 1, streamHandle: BigInt(STREAM) }]);
	});

	test('with equal work are named after the lowest handle', () => {
		const { completed } = play([launch(), launch({ stream: SIDE }), copyBack(), waitStream()]);
		expect(completed).toMatchObject([{ launches: 2, streamHandle: BigInt(SIDE) }]);
	});

	test('are followed up to eight a step; what is on others waits for its reader', () => {
		const nine = Array.from({ length: 9 }, (_, i) => launch({ stream: STREAM + i }));
		const last = STREAM + 8;
		const { completed, counters } = play([
			...nine,
			copyBack(),
			waitStream(),
			copyBack({ stream: last, tid: WORKER }),
			waitStream(last),
		]);
		expect(completed).toMatchObject([
			{ launches: 8, tid: READER },
			{ launches: 1, tid: WORKER, streamHandle: BigInt(last) },
		]);
		expect(counters.touchedOverflows).toBe(1);
	});

	test('that differ in the high word of their handles only are two', () => {
		const other = launch({ stream: STREAM + 2 ** 32 });
		const { completed } = play([launch(), other, other, copyBack(), waitStream()]);
		expect(completed).toMatchObject([{ launches: 3, streamHandle: BigInt(STREAM + 2 ** 32) }]);
	});

	test('of the highest threads, default ones, are told apart to the last bit', () => {
		const own = (tid: number) => tid * 2 ** 32 + 2;
		const tids = [4_194_302, 4_194_303];
		const { completed } = play([
			...tids.flatMap((tid) => [launch({ stream: own(tid), tid }), copyBack({ stream: own(tid), tid })]),
			...tids.map((tid) => ({ ...waitStream(own(tid)), tid })),
		]);
		expect(completed.map(({ streamHandle }) => streamHandle)).toEqual(tids.map((tid) => BigInt(own(tid))));
	});
});

describe('several threads', () => {
	test('may launch on a stream that another one reads back', () => {
		const byWorker = launch({ tid: WORKER });
		const { completed } = play([byWorker, byWorker, copyBack(), waitStream(), byWorker, copyBack(), waitStream()]);
		expect(completed.map(({ launches, tid }) => [launches, tid])).toEqual([
			[2, READER],
			[1, READER],
		]);
	});
});

describe('a program that never reads back', () => {
	const steps = (count: number): Line[] => Array.from({ length: count }, () => [launch(), waitStream()]).flat();

	test('has its steps end with its waits, once there were 64 of them', () => {
		const { completed, counters } = play(steps(70));
		expect(completed.map(({ launches }) => launches)).toEqual([1, 1, 1, 1, 1, 1]);
		// What came before was many steps.
		expect(counters.abandoned).toBe(1);
		expect(completed.at(-1)).toMatchObject({ firstWorkNs: 139_000, enqueuedNs: 140_000, completedNs: 140_000 });
	});

	test('and with any kind of wait, but not with those that had nothing to wait for', () => {
		const { completed } = play([
			...steps(64),
			...[launch(), { name: 'cuCtxSynchronize' }, { name: 'cuCtxSynchronize' }, waitStream()],
			...[launch(), record(1), waitEvent(1), waitEvent(1)],
		]);
		expect(completed.map(({ launches }) => launches)).toEqual([1, 1]);
	});

	test('until it does', () => {
		const { completed } = play([...steps(66), launch(), copyBack(), waitStream(), ...steps(63)]);
		expect(completed.map(({ launches }) => launches)).toEqual([1, 1, 1]);
	});
});

describe('a query', () => {
	test('completes a step only when it succeeded', () => {
		const query = (result: number) => ({ name: 'cuEventQuery', event: 1, result });
		const { completed } = play([launch(), copyBack(), record(1), query(600), query(600), query(0)]);
		expect(completed).toMatchObject([{ completedNs: 6000 }]);
	});

	test('whose result was not recorded tells nothing', () => {
		const blind: Operations = new Map(
			[...COPIES_NAME_STREAM].map(([code, { name, args }]) => [
				code,
				{ name, args: args.map((arg) => (arg === 'return_code' ? '-' : arg)) },
			]),
		);
		const lines = [launch(), copyBack(), record(1)];
		const queries = [
			{ name: 'cuEventQuery', event: 1 },
			{ name: 'cuStreamQuery', stream: STREAM },
		];
		expect(play([...lines, ...queries], blind).completed).toEqual([]);
		expect(play([...lines, waitEvent(1)], blind).completed).toHaveLength(1);
	});
});

describe('a table of operations', () => {
	test('says where arguments are: another order means the same', () => {
		const lines = [
			launch(),
			{ name: 'cuMemcpyHtoDAsync_v2', stream: STREAM, bytes: 5 },
			copyBack({ bytes: 7 }),
			record(3),
			launch(),
			waitEvent(3),
			copyBack(),
			waitStream(),
		];
		const turned: Operations = new Map(
			[...COPIES_NAME_STREAM].map(([code, { name, args }]) => [
				1000 - code,
				{ name, args: name === 'cuLaunchKernel' ? args : args.toReversed() },
			]),
		);
		const { completed } = play(lines, turned);
		expect(completed).toHaveLength(2);
		expect(completed).toEqual(play(lines).completed);
	});

	test('that lacks a function makes its calls unknown, and counts them', () => {
		const seen = without(COPIES_NAME_STREAM, 'cuGraphLaunch');
		const unknown = [{ name: 'cuMystery' }, launch(), copyBack(), waitStream()];
		const mystery: Operations = new Map([...seen, [500, { name: 'cuMystery', args: [] }]]);
		const { completed, counters } = play(unknown, mystery);
		expect(completed).toHaveLength(1);
		expect(counters).toMatchObject({ events: 4, unknownOperations: 1 });
	});
});

describe('the pipeline', () => {
	const open = () =>
		new EventPipeline({
			table: new OperationTable(COPIES_NAME_STREAM),
			clock: new SourceClock(0n),
			onCompleted: () => {},
		});

	test('refuses a batch shorter than it says, naming it', () => {
		expect(() => open().push(new Uint32Array(23), 2)).toThrow(/words: 23 words are fewer than count 2/);
	});

	test('takes any words at all', () => {
		const word = fc.oneof(fc.nat(30), fc.integer({ min: 0, max: 0xffff_ffff }));
		fc.assert(
			fc.property(fc.array(fc.array(word, { minLength: 12, maxLength: 12 }), { maxLength: 100 }), (records) => {
				const pipeline = open();
				pipeline.push(Uint32Array.from(records.flat()), records.length);
				pipeline.end();
				expect(pipeline.counters.events).toBe(records.length);
			}),
		);
	});
});
