import { describe, expect, test } from 'vitest';
import { type CompletedLedger, EventPipeline, OperationTable, SourceClock } from '../src/index';
import { type Call, COPIES_NAME_STREAM, encode, type Operations } from './synthetic/call';

/** As probes record it that follow memory: a stream in the place of the result, address 0 where CUDA refused. */
const operations: Operations = new Map([
	...COPIES_NAME_STREAM,
	[101, { name: 'cuMemAllocAsync', args: ['bytes', 'device_pointer', 'stream'] }],
	[102, { name: 'cuMemFreeAsync', args: ['device_pointer', 'stream', '-'] }],
	[103, { name: 'cuMemMap', args: ['pointer', 'bytes', 'return_code'] }],
	[104, { name: 'cuMemUnmap', args: ['pointer', 'bytes', '-'] }],
	[105, { name: 'cuInit', args: ['flags', 'is_first_call', '-'] }],
]);

/** One step of one thread with these calls in it, and what is told of memory. */
function play(
	calls: readonly (Partial<Call> & { readonly name: string })[],
	table: Operations = operations,
): { ledger: CompletedLedger; told: string[] } {
	const all = [
		...calls,
		{ name: 'cuLaunchKernel', function: 1, blocks: 1 },
		{ name: 'cuMemcpyDtoHAsync_v2', bytes: 4 },
		{ name: 'cuStreamSynchronize' },
	].map((call, i) => ({ pid: 1, tid: 1, tNs: 1000 * (i + 1), ...call }));
	const told: string[] = [];
	const completed: CompletedLedger[] = [];
	const pipeline = new EventPipeline({
		table: new OperationTable(table),
		clock: new SourceClock(10n),
		onCompleted: (ledger) => {
			completed.push(ledger);
			told.push(`step at ${ledger.completedNs}`);
		},
		onMemoryCall: (words, at, tNs) => told.push(`${table.get(words[at + 5] as number)?.name} at ${tNs}`),
	});
	const words = encode(all, table, 10n);
	pipeline.push(words, all.length);
	pipeline.end();
	return { ledger: completed[0] ?? expect.fail(), told };
}

describe('an allocation that CUDA refused', () => {
	test('takes nothing, so the ledger has none of it', () => {
		const { ledger } = play([
			{ name: 'cuMemAlloc_v2', bytes: 100, result: 2 },
			{ name: 'cuMemAlloc_v2', bytes: 10 },
		]);
		expect(ledger).toMatchObject({ allocs: 1, allocBytes: 10 });
	});

	test('shows by address 0 where its result is not recorded', () => {
		const withAddress = (address: 'device_pointer' | '-'): Operations =>
			new Map([...operations, [101, { name: 'cuMemAllocAsync', args: ['bytes', address, 'stream'] }]]);
		// Nobody gives an address to "-": it is 0, and means nothing.
		expect(play([{ name: 'cuMemAllocAsync', bytes: 100 }], withAddress('-')).ledger.allocs).toBe(1);
		expect(play([{ name: 'cuMemAllocAsync', bytes: 100 }], withAddress('device_pointer')).ledger.allocs).toBe(1);
		const refused = play([{ name: 'cuMemAllocAsync', bytes: 100, pointer: 0 }], withAddress('device_pointer'));
		expect(refused.ledger).toMatchObject({ allocs: 0, allocBytes: 0 });
	});

	test('touches no stream', () => {
		const refused = play([{ name: 'cuMemAlloc_v2', bytes: 100, result: 2, tid: 2 }]);
		expect(refused.ledger).toEqual(play([{ name: 'cuInit' }]).ledger);
	});
});

test('calls that change what memory a process has are told in order with the steps, and no others', () => {
	const { told } = play([
		{ name: 'cuInit' },
		{ name: 'cuMemAlloc_v2', bytes: 10 },
		{ name: 'cuMemAlloc_v2', bytes: 10, result: 2 },
		{ name: 'cuMemAllocAsync', bytes: 10 },
		{ name: 'cuMemMap', bytes: 10 },
		{ name: 'cuMemcpyHtoDAsync_v2', bytes: 10 },
		{ name: 'cuMemUnmap', bytes: 10 },
		{ name: 'cuMemFreeAsync' },
		{ name: 'cuMemFree_v2', tNs: 20_000 },
	]);
	expect(told).toEqual([
		'cuInit at 1000',
		'cuMemAlloc_v2 at 2000',
		'cuMemAlloc_v2 at 3000',
		'cuMemAllocAsync at 4000',
		'cuMemMap at 5000',
		'cuMemUnmap at 7000',
		'cuMemFreeAsync at 8000',
		'step at 12000',
		'cuMemFree_v2 at 20000',
	]);
});
