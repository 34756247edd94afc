import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventWords } from '../../test/synthetic/event';
import { Communicators } from './communicators';

const OPERATIONS = new Map(
	[
		{ name: 'ncclCommInitRank', args: ['nranks<<32|rank', 'comm', 'id_hash'] },
		{ name: 'ncclCommInitAll', args: ['nranks<<32|rank', 'comm', 'id_hash'] },
		{ name: 'ncclCommSplit', args: ['nranks<<32|rank', 'comm', 'id_hash'] },
		{ name: 'ncclCommCount', args: ['nranks', 'comm', 'return_code'] },
		{ name: 'ncclCommUserRank', args: ['rank', 'comm', 'return_code'] },
		{ name: 'ncclCommFinalize', args: ['-', 'comm', '-'] },
		{ name: 'ncclCommDestroy', args: ['-', 'comm', '-'] },
		{ name: 'ncclCommAbort', args: ['-', 'comm', '-'] },
		{ name: 'ncclAllReduce', args: ['count<<24|datatype<<20|op<<16|peer', 'comm', 'stream'] },
		{ name: 'cuLaunchKernel', args: ['function', 'stream', 'grid'] },
	].map((operation, i) => [400 + i, operation] as const),
);
const PID = 10;
const COMM = 0x7f00_0000_1000n;
const HASH = 0xfedc_ba98_7654_3210n;
const UNSEEN = { idHash: 0n, ranks: undefined, rank: undefined, isInitSeen: false };

type Call = readonly [name: string, args: readonly (bigint | number)[], pid?: number];

function observed(calls: readonly Call[], capacity?: number): Communicators {
	const communicators = new Communicators(OPERATIONS, capacity);
	for (const [name, args, pid = PID] of calls) communicators.observe(eventWords(OPERATIONS, name, pid, args), 0);
	return communicators;
}

const initRank = (ranks: number, rank: number, comm = COMM, pid = PID): Call => [
	'ncclCommInitRank',
	[(BigInt(ranks) << 32n) | BigInt(rank), comm, HASH],
	pid,
];

describe('Communicators', () => {
	test('knows one from the call that made it, exactly, in that process alone', () => {
		const known = observed([initRank(1000, 999)]);
		expect(known.of(PID, COMM)).toEqual({ idHash: HASH, ranks: 1000, rank: 999, isInitSeen: true });
		expect(known.of(PID + 1, COMM)).toEqual(UNSEEN);
		expect(known.of(PID, COMM + 1n)).toEqual(UNSEEN);
	});

	test('knows one for each device of ncclCommInitAll', () => {
		const calls = [0, 1, 2].map(
			(rank): Call => ['ncclCommInitAll', [(3n << 32n) | BigInt(rank), COMM + BigInt(rank), 0]],
		);
		const known = observed(calls);
		for (const rank of [0, 1, 2]) {
			expect(known.of(PID, COMM + BigInt(rank))).toEqual({ idHash: 0n, ranks: 3, rank, isInitSeen: true });
		}
	});

	test('learns size and rank of one that was made before, and of a part, when the program asks', () => {
		const answers: Call[] = [
			['ncclCommCount', [8, COMM, 0]],
			['ncclCommUserRank', [5, COMM, 0]],
		];
		expect(observed(answers).of(PID, COMM)).toEqual({ idHash: 0n, ranks: 8, rank: 5, isInitSeen: false });
		const part = observed([['ncclCommSplit', [0, COMM, 0]]]).of(PID, COMM);
		expect(part).toEqual({ ...UNSEEN, isInitSeen: true });
		const asked = observed([['ncclCommSplit', [0, COMM, 0]], ...answers]).of(PID, COMM);
		expect(asked).toEqual({ idHash: 0n, ranks: 8, rank: 5, isInitSeen: true });
	});

	test('is not misled by an answer that failed', () => {
		const refused: Call[] = [
			['ncclCommCount', [0, COMM, 4]],
			['ncclCommUserRank', [0, COMM, 4]],
		];
		expect(observed([initRank(8, 5), ...refused]).of(PID, COMM)).toMatchObject({ ranks: 8, rank: 5 });
	});

	test('makes nothing of a call that failed, nor of one that is about no communicator', () => {
		const failed = observed([
			['ncclCommInitRank', [(2n << 32n) | 1n, 0, HASH]],
			['ncclCommSplit', [0, 0, 0]],
			['ncclAllReduce', [0, COMM, 0]],
			['cuLaunchKernel', [0, COMM, 0]],
		]);
		expect(failed.of(PID, 0n)).toEqual(UNSEEN);
		expect(failed.of(PID, COMM)).toEqual(UNSEEN);
		const unknown = new Communicators(new Map());
		unknown.observe(eventWords(OPERATIONS, ...pidBeforeArgs(initRank(2, 1))), 0);
		expect(unknown.of(PID, COMM)).toEqual(UNSEEN);
	});

	test('forgets one that is destroyed or aborted, and not one that is only finalized', () => {
		expect(observed([initRank(2, 1), ['ncclCommFinalize', [0, COMM, 0]]]).of(PID, COMM).rank).toBe(1);
		for (const end of ['ncclCommDestroy', 'ncclCommAbort']) {
			expect(observed([initRank(2, 1), [end, [0, COMM, 0]]]).of(PID, COMM)).toEqual(UNSEEN);
			// Another one may get its address.
			expect(observed([initRank(2, 1), [end, [0, COMM, 0]], initRank(4, 3)]).of(PID, COMM).ranks).toBe(4);
		}
	});

	test('forgets a process, and no other', () => {
		const known = observed([initRank(2, 1), initRank(2, 0, COMM, PID + 1)]);
		known.forgetProcess(PID);
		expect(known.of(PID, COMM)).toEqual(UNSEEN);
		expect(known.of(PID + 1, COMM).rank).toBe(0);
	});

	test('holds the newest of a process that makes them without end, and all of the others', () => {
		const calls = Array.from({ length: 50 }, (_, i) => initRank(100, i, COMM + BigInt(i)));
		const known = observed([initRank(2, 1, COMM, PID + 1), ...calls], 10);
		const held = calls.map((_, i) => known.of(PID, COMM + BigInt(i)).isInitSeen);
		expect(held).toEqual(calls.map((_, i) => i >= 40));
		expect(known.of(PID + 1, COMM).rank).toBe(1);
	});

	test('knows of any calls what their order says', () => {
		const call = fc.record({
			name: fc.constantFrom('ncclCommInitRank', 'ncclCommDestroy', 'ncclCommFinalize', 'ncclCommAbort'),
			pid: fc.constantFrom(PID, PID + 1),
			comm: fc.integer({ min: 1, max: 4 }),
			rank: fc.nat(7),
		});
		fc.assert(
			fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
				const ranks = new Map<string, number>();
				for (const { name, pid, comm, rank } of calls) {
					if (name === 'ncclCommInitRank') ranks.set(`${pid} ${comm}`, rank);
					else if (name !== 'ncclCommFinalize') ranks.delete(`${pid} ${comm}`);
				}
				const known = observed(
					calls.map(({ name, pid, comm, rank }): Call => {
						const what = name === 'ncclCommInitRank' ? (8n << 32n) | BigInt(rank) : 0n;
						return [name, [what, comm, HASH], pid];
					}),
				);
				for (const pid of [PID, PID + 1]) {
					for (const comm of [1, 2, 3, 4]) {
						expect(known.of(pid, BigInt(comm)).rank).toBe(ranks.get(`${pid} ${comm}`));
					}
				}
			}),
		);
	});
});

function pidBeforeArgs([name, args, pid = PID]: Call): [string, number, readonly (bigint | number)[]] {
	return [name, pid, args];
}
