import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCollectiveCall } from './collective-call';

/** As bpf/programs/nccl.c packs it. */
function packed(count: bigint, datatype: bigint, op: bigint, peer: bigint): [low: number, high: number] {
	const value = (count << 24n) | (datatype << 20n) | (op << 16n) | peer;
	return [Number(value & 0xffff_ffffn), Number(value >> 32n)];
}

describe('readCollectiveCall', () => {
	test('reads every call that fits, to the last bit', () => {
		const calls = fc.record({
			count: fc.bigInt(0n, 2n ** 40n - 1n),
			datatype: fc.integer({ min: 0, max: 15 }),
			reduceOp: fc.integer({ min: 0, max: 14 }),
			peer: fc.integer({ min: 0, max: 65_534 }),
		});
		fc.assert(
			fc.property(calls, ({ count, datatype, reduceOp, peer }) => {
				const words = packed(count, BigInt(datatype), BigInt(reduceOp), BigInt(peer));
				expect(readCollectiveCall(...words)).toEqual({ count: Number(count), datatype, reduceOp, peer });
			}),
		);
	});

	test('says nothing of an operation or a peer that is not there', () => {
		expect(readCollectiveCall(...packed(7n, 1n, 15n, 65_535n))).toEqual({
			count: 7,
			datatype: 1,
			reduceOp: undefined,
			peer: undefined,
		});
	});
});
