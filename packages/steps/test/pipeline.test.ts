import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Call, COPIES_NAME_STREAM, type Operations, without } from './synthetic/call';
import { expectedLedger } from './synthetic/oracle';
import { type Program, programs } from './synthetic/program';
import { replay } from './synthetic/replay';

const truth = ({ steps, operations }: Program) => steps.map((step) => expectedLedger(step, operations, steps));

describe('engines of every kind, side by side', () => {
	test('each step comes once, at its wait, with its own work and no other', () => {
		fc.assert(
			fc.property(programs(), (program) => {
				const { completed, counters } = replay(program.calls, program.operations);
				expect(completed).toEqual(truth(program));
				expect(counters).toMatchObject({ abandoned: 0, late: 0, unknownOperations: 0, touchedOverflows: 0 });
			}),
			{ numRuns: 300 },
		);
	});

	test('even when no event record is seen: first in, first out', () => {
		fc.assert(
			fc.property(programs({ extraWaits: false, sideStreams: false, equalGroups: true }), (program) => {
				const seen = without(program.operations, 'cuEventRecord', 'cuEventRecordWithFlags');
				expect(replay(program.calls, seen).completed).toEqual(truth(program));
			}),
		);
	});

	test('even when only some event records are seen, so that the last one known may be stale', () => {
		fc.assert(
			fc.property(programs({ extraWaits: false, equalGroups: true }), (program) => {
				const seen = without(program.operations, 'cuEventRecordWithFlags');
				expect(replay(program.calls, seen).completed).toEqual(truth(program));
			}),
		);
	});

	test('even when records come as late as the window allows', () => {
		const gapNs = 400_000;
		const delays = fc.array(fc.nat(10_000_000), { minLength: 1, maxLength: 40 });
		fc.assert(
			fc.property(programs({ gapNs }), delays, fc.integer({ min: 1, max: 50 }), (program, delaysNs, batch) => {
				const arrivals = program.calls.map((call, i) => ({
					call,
					arrivalNs: call.tNs + (delaysNs[i % delaysNs.length] as number),
				}));
				const calls = arrivals.sort((a, b) => a.arrivalNs - b.arrivalNs).map(({ call }) => call);
				const { completed, counters } = replay(calls, program.operations, { batch });
				expect(completed).toEqual(truth(program));
				expect(counters.late).toBe(0);
			}),
		);
	});
});

describe('what must not matter', () => {
	test('names: other processes, threads and handles change nothing but themselves', () => {
		fc.assert(
			fc.property(programs(), fc.nat(10_000), fc.nat(2 ** 40), fc.nat(2 ** 40), (program, pids, streams, events) => {
				const renamed = program.calls.map((call) => ({
					...call,
					pid: 100_000 + pids - call.pid,
					tid: 7 * call.tid,
					...(call.stream ? { stream: call.stream + streams } : {}),
					...(call.event === undefined ? {} : { event: 2 ** 52 - events - call.event }),
				}));
				expect(replay(renamed, program.operations).completed).toEqual(
					truth(program).map((ledger) => ({
						...ledger,
						pid: 100_000 + pids - ledger.pid,
						tid: 7 * ledger.tid,
						streamHandle: ledger.streamHandle + BigInt(streams),
					})),
				);
			}),
		);
	});

	test('when: later by a constant is later by a constant, and the base changes nothing at all', () => {
		fc.assert(
			fc.property(programs(), fc.nat(2 ** 50), fc.bigInt(0n, 2n ** 63n), (program, shiftNs, baseNs) => {
				const later = program.calls.map((call) => ({ ...call, tNs: call.tNs + shiftNs }));
				expect(replay(later, program.operations, { baseNs }).completed).toEqual(
					truth(program).map((ledger) => ({
						...ledger,
						firstWorkNs: ledger.firstWorkNs + shiftNs,
						enqueuedNs: ledger.enqueuedNs + shiftNs,
						completedNs: ledger.completedNs + shiftNs,
					})),
				);
			}),
		);
	});

	test('who else is there: processes together are the processes apart', () => {
		fc.assert(
			fc.property(programs(), ({ calls, operations }) => {
				const apart = [...new Set(calls.map(({ pid }) => pid))].flatMap(
					(pid) => replay(calls.filter(ofProcess(pid)), operations).completed,
				);
				const together = replay(calls, operations).completed;
				expect(together).toEqual(apart.sort((a, b) => a.completedNs - b.completedNs));
			}),
		);
	});

	test('how records are batched', () => {
		fc.assert(
			fc.property(programs(), fc.integer({ min: 1, max: 30 }), ({ calls, operations }, batch) => {
				expect(replay(calls, operations, { batch })).toEqual(replay(calls, operations, { batch: calls.length + 1 }));
			}),
		);
	});

	test('what has nothing to do with steps: scheduler events, and operations nobody knows', () => {
		const noise: Operations = new Map([
			...COPIES_NAME_STREAM,
			[77, { name: 'cuFutureCall', args: ['stream', '-', '-'] }],
		]);
		fc.assert(
			fc.property(programs({ operations: fc.constant(noise) }), (program) => {
				const noisy = program.calls.flatMap((call) => [
					call,
					{ ...call, name: 'sched_switch_out' },
					{ ...call, name: 'cuFutureCall' },
				]);
				const { completed, counters } = replay(noisy, noise);
				expect(completed).toEqual(truth(program));
				expect(counters).toMatchObject({ events: noisy.length, unknownOperations: program.calls.length });
			}),
		);
	});
});

describe('the end of a process', () => {
	test('forgets it: what comes after under the same id starts anew', () => {
		fc.assert(
			fc.property(programs({ maxProcesses: 2 }), fc.nat(), ({ calls, operations }, at) => {
				const pid = 4000;
				const cut = at % (calls.length + 1);
				const exit: Call = { name: 'process_exit', pid, tid: pid, tNs: cut * 7_919 + 1 };
				const { completed, exited } = replay([...calls.slice(0, cut), exit, ...calls.slice(cut)], operations);
				expect(exited).toEqual([pid]);
				expect(completed).toEqual(
					[
						...replay(calls.slice(0, cut).filter(ofProcess(pid)), operations).completed,
						...replay(calls.slice(cut).filter(ofProcess(pid)), operations).completed,
						...replay(calls.filter(ofProcess(pid + 1)), operations).completed,
					].sort((a, b) => a.completedNs - b.completedNs),
				);
			}),
		);
	});
});

function ofProcess(pid: number): (call: Call) => boolean {
	return (call) => call.pid === pid;
}
