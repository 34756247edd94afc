import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { totalDropped, unexplained } from './loss-ledger';

const count = fc.nat(2 ** 40);
const causes = fc.dictionary(fc.string(), count);
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, value) => total + value, 0);

describe('the identity of losses', () => {
	test('holds when every call went one way, and shows by how much it does not', () => {
		fc.assert(
			fc.property(
				count,
				count,
				causes,
				causes,
				fc.integer(),
				(delivered, sampledOut, dropped, ledgersDropped, error) => {
					const losses = {
						produced: delivered + sampledOut + sum(dropped) + error,
						delivered,
						sampledOut,
						dropped,
						ledgers: { delivered: 7, dropped: ledgersDropped },
					};
					expect(unexplained(losses)).toBe(error);
					expect(totalDropped(losses)).toBe(sum(dropped) + sum(ledgersDropped));
				},
			),
		);
	});

	test('counts what was sampled out as no loss', () => {
		const losses = { produced: 9, delivered: 4, sampledOut: 5, dropped: {}, ledgers: { delivered: 0, dropped: {} } };
		expect(unexplained(losses)).toBe(0);
		expect(totalDropped(losses)).toBe(0);
	});
});
