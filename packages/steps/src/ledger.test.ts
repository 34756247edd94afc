import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { graphBit, launchBit, mix, polynomial, sketch } from '../test/synthetic/oracle';
import { handleValue } from './handle';
import { Ledger } from './ledger';

type Operation = (ledger: Ledger, tNs: number) => void;

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const bytes = fc.nat(2 ** 40);
const adds = (field: NumericField, by: number, timed = true): Operation => {
	return (ledger, tNs) => {
		if (timed) ledger.touch(tNs);
		ledger[field] += by;
	};
};
type NumericField = Exclude<
	{ [K in keyof Ledger]: Ledger[K] extends number ? K : never }[keyof Ledger],
	'copyBytes' | undefined
>;

const operation: fc.Arbitrary<Operation> = fc.oneof(
	fc.tuple(fc.constantFrom(1, 2, 3, 0xffff_ffff), word, fc.nat(2 ** 31)).map(([low, high, blocks]): Operation => {
		return (ledger, tNs) => ledger.launch(tNs, low, high, blocks);
	}),
	fc.tuple(word, word).map(
		([low, high]): Operation =>
			(ledger, tNs) =>
				ledger.graphLaunch(tNs, low, high),
	),
	fc
		.tuple(
			fc.constantFrom<NumericField>(
				'hostToDeviceBytes',
				'deviceToHostBytes',
				'deviceToDeviceBytes',
				'unknownCopyBytes',
				'copies',
				'memsets',
				'collectives',
				'hostFunctions',
			),
			bytes,
		)
		.map(([field, by]) => adds(field, by)),
	fc
		.tuple(fc.constantFrom<NumericField>('allocs', 'allocBytes', 'frees'), bytes)
		.map(([field, by]) => adds(field, by, false)),
	fc.constant<Operation>((ledger) => {
		ledger.lossy = true;
	}),
);

/** A ledger of operations, each at its own time. */
function ledgerOf(operations: readonly (readonly [Operation, number])[]): Ledger {
	const ledger = new Ledger();
	for (const [apply, tNs] of operations) apply(ledger, tNs);
	return ledger;
}

const sequence = fc
	.array(operation, { maxLength: 40 })
	.map((operations) => operations.map((apply, i) => [apply, 1 + 10 * i] as const));

describe('a ledger is a value that adds', () => {
	test('cut anywhere, its parts put together are the whole: every field, fingerprint and sketch included', () => {
		fc.assert(
			fc.property(sequence, fc.array(fc.nat(40), { maxLength: 5 }), (operations, cuts) => {
				const points = [0, ...cuts.toSorted((a, b) => a - b), operations.length];
				const sum = new Ledger();
				for (let i = 1; i < points.length; i++) sum.add(ledgerOf(operations.slice(points[i - 1], points[i])));
				expect(sum).toEqual(ledgerOf(operations));
			}),
			{ numRuns: 500 },
		);
	});

	test('however the parts are bracketed', () => {
		fc.assert(
			fc.property(sequence, sequence, sequence, (a, b, c) => {
				const left = ledgerOf(a);
				left.add(ledgerOf(b));
				left.add(ledgerOf(c));
				const tail = ledgerOf(b);
				tail.add(ledgerOf(c));
				const right = ledgerOf(a);
				right.add(tail);
				expect(left).toEqual(right);
			}),
		);
	});

	test('adding leaves the added part as it was', () => {
		fc.assert(
			fc.property(sequence, sequence, (a, b) => {
				const part = ledgerOf(b);
				ledgerOf(a).add(part);
				expect(part).toEqual(ledgerOf(b));
			}),
		);
	});
});

describe('the functions launched', () => {
	const blocks = fc.oneof(fc.nat(4), fc.nat(2 ** 31 - 1));
	const functions = fc.array(fc.tuple(word, word, blocks), { minLength: 1, maxLength: 30 });

	test('make the fingerprint, in their order, and with their grids the sketch, as a set', () => {
		fc.assert(
			fc.property(functions, (launches) => {
				const ledger = new Ledger();
				for (const [low, high, gridBlocks] of launches) ledger.launch(1, low, high, gridBlocks);
				const handles = launches.map(([low, high]) => handleValue(low, high));
				const mixed = handles.map(mix);
				expect(ledger.fingerprint).toBe((polynomial(mixed, 0xc2b2ae3dn) << 32n) | polynomial(mixed, 0x85ebca77n));
				const bits = launches.map(([, , gridBlocks], i) => launchBit(handles[i] as bigint, BigInt(gridBlocks)));
				expect(ledger.sketch).toEqual(sketch(bits));
			}),
		);
	});

	test('in a grid of another power of two are another bit of the sketch', () => {
		fc.assert(
			fc.property(word, word, fc.nat(29), (low, high, exponent) => {
				const [small, large] = [new Ledger(), new Ledger()];
				small.launch(1, low, high, 2 ** exponent);
				large.launch(1, low, high, 2 ** (exponent + 1));
				expect(large.sketch).not.toEqual(small.sketch);
				const nearlyLarge = new Ledger();
				nearlyLarge.launch(1, low, high, 2 ** (exponent + 1) - 1);
				expect(nearlyLarge.sketch).toEqual(small.sketch);
			}),
		);
	});

	test('in a grid beyond 2^31 blocks are those of 2^31', () => {
		const sketches = [2 ** 31, 2 ** 32, 2 ** 32 + 5, 2 ** 52].map((gridBlocks) => {
			const ledger = new Ledger();
			ledger.launch(1, 0x5c002000, 0x7f3a, gridBlocks);
			return ledger.sketch;
		});
		for (const sketchOf of sketches) expect(sketchOf).toEqual(sketches[0]);
	});

	test('of a replayed graph are its handle in the sketch and nothing in the fingerprint', () => {
		fc.assert(
			fc.property(word, word, (low, high) => {
				const ledger = new Ledger();
				ledger.graphLaunch(1, low, high);
				expect(ledger.sketch).toEqual(sketch([graphBit(handleValue(low, high))]));
				expect([ledger.graphLaunches, ledger.fingerprint]).toEqual([1, 0n]);
			}),
		);
	});

	test('are what the kernel makes of them', () => {
		// From the C of bpf/include/ingero_ledger.h, compiled and run.
		const ledger = new Ledger();
		for (const handle of [0n, 1n, 0x7f3a5c002000n, 0x7f3a5c004000n, 0xffffffffffffffffn]) {
			ledger.launch(1, Number(handle & 0xffff_ffffn), Number(handle >> 32n), 1);
		}
		expect(ledger.fingerprint).toBe(0x3cc5611bc450a099n);
	});

	test('in another order are another fingerprint and the same sketch', () => {
		fc.assert(
			fc.property(fc.uniqueArray(word, { minLength: 2, maxLength: 20 }), (lows) => {
				const inOrder = new Ledger();
				const reversed = new Ledger();
				for (const low of lows) inOrder.launch(1, low, 0x7f3a, 1);
				for (const low of lows.toReversed()) reversed.launch(1, low, 0x7f3a, 1);
				expect(reversed.sketch).toEqual(inOrder.sketch);
				expect(reversed.fingerprint).not.toBe(inOrder.fingerprint);
			}),
		);
	});
});

describe('work', () => {
	test.for(['launches', 'graphLaunches', 'collectives'] as const)('is %s', (field) => {
		const ledger = new Ledger();
		expect(ledger.hasWork).toBe(false);
		ledger[field] = 1;
		expect(ledger.hasWork).toBe(true);
	});

	test('is not copying, filling or allocating', () => {
		const ledger = new Ledger();
		for (const field of ['copies', 'memsets', 'allocs', 'frees', 'hostFunctions', 'hostToDeviceBytes'] as const) {
			ledger[field] = 1;
		}
		expect(ledger.hasWork).toBe(false);
	});

	test('copied bytes are those of all directions', () => {
		const ledger = new Ledger();
		ledger.hostToDeviceBytes = 1;
		ledger.deviceToHostBytes = 20;
		ledger.deviceToDeviceBytes = 300;
		ledger.unknownCopyBytes = 4000;
		expect(ledger.copyBytes).toBe(4321);
	});
});
