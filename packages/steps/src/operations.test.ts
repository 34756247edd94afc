import { describe, expect, test } from 'vitest';
import { type OperationDescription, OperationKind, OperationTable } from './operations';

const table = (rows: Record<number, OperationDescription>) =>
	new OperationTable(new Map(Object.entries(rows).map(([code, row]) => [Number(code), row])));

const places = (operations: OperationTable, code: number) => ({
	stream: operations.streamArgument(code),
	bytes: operations.bytesArgument(code),
	event: operations.eventArgument(code),
	result: operations.resultArgument(code),
});

describe('OperationTable', () => {
	test('finds arguments where the table has them', () => {
		const operations = table({
			1: { name: 'cuMemcpyDtoHAsync_v2', args: ['dst', 'src', 'bytes'] },
			2: { name: 'cuMemcpyDtoHAsync_v2', args: ['stream', 'bytes', '-'] },
			3: { name: 'cuStreamWaitEvent', args: ['stream', 'event', 'flags'] },
			4: { name: 'cuMemsetD8Async', args: ['dst', 'count'] },
			5: { name: 'cuEventQuery', args: ['event', '-', 'return_code'] },
			6: { name: 'cuCtxSynchronize', args: [] },
		});
		expect(places(operations, 1)).toEqual({ stream: -1, bytes: 2, event: -1, result: -1 });
		expect(places(operations, 2)).toEqual({ stream: 0, bytes: 1, event: -1, result: -1 });
		expect(places(operations, 3)).toEqual({ stream: 0, bytes: -1, event: 1, result: -1 });
		expect(places(operations, 4)).toEqual({ stream: -1, bytes: 1, event: -1, result: -1 });
		expect(places(operations, 5)).toEqual({ stream: -1, bytes: -1, event: 0, result: 2 });
		expect(places(operations, 6)).toEqual({ stream: -1, bytes: -1, event: -1, result: -1 });
	});

	test('tells whether threads that use no CUDA are recorded', () => {
		const known = table({ 1: { name: 'sched_switch_in', args: ['tid', 'uses_cuda|was_locked<<1', 'prev_tid'] } });
		const unknown = table({ 1: { name: 'sched_switch_in', args: ['tid', '-', 'prev_tid'] } });
		expect([known.seesAllThreads, known.tellsLocks]).toEqual([true, true]);
		expect([unknown.seesAllThreads, unknown.tellsLocks]).toEqual([false, false]);
		const older = table({ 1: { name: 'sched_switch_in', args: ['tid', 'uses_cuda', 'prev_tid'] } });
		expect([older.seesAllThreads, older.tellsLocks, older.tellsCalls]).toEqual([true, false, false]);
		const leaves = table({ 1: { name: 'sched_switch_out', args: ['tid', 'prev_state|in_call<<31', 'next_tid'] } });
		expect(leaves.tellsCalls).toBe(true);
	});

	test('knows functions by name, at any code', () => {
		const operations = table({
			0: { name: 'cuLaunchKernelEx', args: [] },
			700: { name: 'process_exit', args: [] },
			65535: { name: 'sched_switch_in', args: [] },
		});
		expect(operations.kindOf(0)).toBe(OperationKind.launch);
		expect(operations.kindOf(700)).toBe(OperationKind.processExit);
		expect(operations.kindOf(65_535)).toBe(OperationKind.switchIn);
		expect(operations.kindOf(1)).toBeUndefined();
	});

	test('takes the per-thread default stream variants for what they are', () => {
		const operations = table({
			1: { name: 'cuLaunchKernel_ptsz', args: [] },
			2: { name: 'cuMemcpyDtoH_v2_ptds', args: [] },
		});
		expect(operations.kindOf(1)).toBe(OperationKind.launch);
		expect(operations.kindOf(2)).toBe(OperationKind.copyDeviceToHostBlocking);
	});

	test.for(['cuMadeUp', '', 'constructor', 'toString', '__proto__', '_ptsz', 'xcuLaunchKernel'])(
		'does not explain "%s"',
		(name) => {
			expect(table({ 1: { name, args: ['stream'] } }).kindOf(1)).toBeUndefined();
		},
	);

	test('does not believe in a fourth argument, which a record has no room for', () => {
		const operations = table({ 1: { name: 'cuGraphLaunch', args: ['-', '-', '-', 'stream'] } });
		expect(operations.streamArgument(1)).toBe(-1);
	});

	test('answers for any code, and is not made large by a wild one', () => {
		const operations = table({ 4294967295: { name: 'cuGraphLaunch', args: ['stream'] } });
		for (const code of [0, 1, 65_536, 4_294_967_295]) {
			expect(operations.kindOf(code)).toBeUndefined();
			expect(places(operations, code)).toEqual({ stream: -1, bytes: -1, event: -1, result: -1 });
		}
		expect(new OperationTable(new Map()).kindOf(0)).toBeUndefined();
	});

	test('sees every event record only when both functions that record one are in it', () => {
		const plain = { name: 'cuEventRecord', args: [] };
		const withFlags = { name: 'cuEventRecordWithFlags', args: [] };
		expect(table({ 1: plain, 2: withFlags }).seesEveryEventRecord).toBe(true);
		expect(table({ 1: plain }).seesEveryEventRecord).toBe(false);
		expect(table({ 2: withFlags }).seesEveryEventRecord).toBe(false);
	});
});
