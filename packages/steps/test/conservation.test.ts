import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Call, COPIES_NAME_NO_STREAM, COPIES_NAME_STREAM, type Operations, without } from './synthetic/call';
import { replay } from './synthetic/replay';

/** Any call by any thread on any stream, in no order that makes sense. */
const anyCall = fc.record({
	name: fc.constantFrom(
		...[...COPIES_NAME_STREAM.values()].map(({ name }) => name).filter((name) => name !== 'process_exit'),
	),
	pid: fc.constantFrom(1, 2),
	tid: fc.constantFrom(10, 11, 12),
	stream: fc.constantFrom(0, 5, 6, 7),
	event: fc.constantFrom(1, 2, 3),
	function: fc.nat(3),
	blocks: fc.integer({ min: 1, max: 2 ** 20 }),
	bytes: fc.nat(2 ** 20),
	result: fc.constantFrom(0, 0, 600),
});

const tables: Operations[] = [
	COPIES_NAME_STREAM,
	COPIES_NAME_NO_STREAM,
	without(COPIES_NAME_STREAM, 'cuEventRecordWithFlags'),
	without(COPIES_NAME_NO_STREAM, 'cuEventRecord', 'cuEventRecordWithFlags'),
];

const DRAINER = 99;

/** Reads back what is left on every stream, and waits for it. */
function drain(pid: number): Omit<Call, 'tNs'>[] {
	return [0, 5, 6, 7].flatMap((stream) => [
		{ name: 'cuLaunchHostFunc', pid, tid: DRAINER, stream },
		{ name: 'cuMemcpyDtoHAsync_v2', pid, tid: DRAINER, stream },
		{ name: 'cuCtxSynchronize', pid, tid: DRAINER },
	]);
}

test('every launch is in one step, or was abandoned, in whatever way threads, streams, events and waits are mixed', () => {
	fc.assert(
		fc.property(fc.array(anyCall, { maxLength: 120 }), fc.constantFrom(...tables), (chaos, operations) => {
			const calls = [...chaos, ...drain(1), ...drain(2)].map((call, i) => ({ ...call, tNs: 10 * (i + 1) }));
			const { completed, counters } = replay(calls, operations);
			for (const pid of [1, 2]) {
				const made = (name: string) => calls.filter((call) => call.pid === pid && call.name === name);
				const seen = completed.filter((ledger) => ledger.pid === pid);
				const sum = (field: 'launches' | 'graphLaunches' | 'ncclCalls' | 'gridBlocks') =>
					seen.reduce((total, ledger) => total + ledger[field], 0);
				const blocks = made('cuLaunchKernel').reduce((total, call) => total + (call.blocks ?? 0), 0);
				// What was abandoned is missing; nothing may be counted twice.
				const isAll = counters.abandoned === 0;
				for (const [counted, there] of [
					[sum('launches'), made('cuLaunchKernel').length],
					[sum('graphLaunches'), made('cuGraphLaunch').length],
					[sum('ncclCalls'), made('ncclAllReduce').length],
					[sum('gridBlocks'), blocks],
				] as const) {
					expect(counted).toBeLessThanOrEqual(there);
					if (isAll) expect(counted).toBe(there);
				}
			}
		}),
		{ numRuns: 500 },
	);
});

test('and without the final reading, launches are completed, pending or never read back: none is made up', () => {
	fc.assert(
		fc.property(fc.array(anyCall, { maxLength: 120 }), fc.constantFrom(...tables), (chaos, operations) => {
			const calls = chaos.map((call, i) => ({ ...call, tNs: 10 * (i + 1) }));
			const { completed } = replay(calls, operations);
			for (const { launches, firstWorkNs, enqueuedNs, completedNs } of completed) {
				expect(launches).toBeGreaterThanOrEqual(0);
				expect(firstWorkNs).toBeGreaterThan(0);
				expect(firstWorkNs).toBeLessThanOrEqual(enqueuedNs);
				expect(enqueuedNs).toBeLessThanOrEqual(completedNs);
			}
			const times = completed.map(({ completedNs }) => completedNs);
			expect(times).toEqual(times.toSorted((a, b) => a - b));
			const made = calls.filter(({ name }) => name === 'cuLaunchKernel').length;
			expect(completed.reduce((sum, { launches }) => sum + launches, 0)).toBeLessThanOrEqual(made);
		}),
	);
});
