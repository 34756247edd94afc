import { HOST_OPERATIONS, probedOperations } from '@ingero/probes';
import { expect, test } from 'vitest';
import { encodeRecords, type Written } from '../../test/helpers/records';
import { StoredEvents } from './stored-events';

const operations = new Map([...probedOperations({ stacks: true, nccl: true, runtime: true }), ...HOST_OPERATIONS]);
const codes = new Map([...operations].map(([code, { name }]) => [name, code]));

function record(name: string, durationNs = 0): Written {
	return { ns: 1n, pid: 7, op: codes.get(name) as number, durationNs };
}

function select(written: readonly Written[]): { readonly kept: Uint32Array; readonly events: StoredEvents } {
	const events = new StoredEvents(operations);
	return { kept: events.select(encodeRecords(written), written.length), events };
}

const BLOCK_REQUESTS = ['block_read', 'block_write', 'block_flush', 'block_discard', 'block_other'];

test.each(BLOCK_REQUESTS)('a %s is kept from 10 ms on', (name) => {
	const [short, long] = [record(name, 9_999_999), record(name, 10_000_000)];
	const call = record('cuLaunchKernel');
	const { kept, events } = select([short, call, long, short, short, call]);
	expect(kept).toEqual(encodeRecords([call, long, call]));
	expect(events.choices.block_requests).toMatchObject({ delivered: 1, sampledOut: 3 });
});

test('a stack, whose addresses are nowhere in the database, is not kept', () => {
	const [call, stack] = [record('cuStreamSynchronize', 1000), record('call_stack')];
	const { kept, events } = select([call, stack]);
	expect(kept).toEqual(encodeRecords([call]));
	expect(events.choices.call_stacks).toMatchObject({ delivered: 0, sampledOut: 1 });
});

test('everything else is kept as it is', () => {
	const names = [...codes.keys()].filter((name) => name !== 'call_stack' && !BLOCK_REQUESTS.includes(name));
	const written = names.map((name) => record(name, 1));
	expect(written.length).toBeGreaterThan(50);
	const words = encodeRecords(written);
	expect(new StoredEvents(operations).select(words, written.length)).toBe(words);
});

test('of a batch without one to keep nothing is left', () => {
	expect(select([record('block_read', 5), record('call_stack')]).kept.length).toBe(0);
});
