import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SourceClock } from './clock';

const MAX_SPAN_NS = 2 ** 53 - 1;
const base = fc.oneof(
	fc.bigInt(0n, 2n ** 64n - 1n - BigInt(MAX_SPAN_NS)),
	// Where the low word of time and base run over.
	fc.constantFrom(0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n - 1n, 2n ** 63n),
);
const span = fc.oneof(fc.nat(MAX_SPAN_NS), fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, MAX_SPAN_NS));

describe('SourceClock', () => {
	test('is exact for 104 days after any base, there and back', () => {
		fc.assert(
			fc.property(base, span, (baseNs, spanNs) => {
				const clock = new SourceClock(baseNs);
				const timeNs = baseNs + BigInt(spanNs);
				expect(clock.relative(Number(timeNs & 0xffff_ffffn), Number(timeNs >> 32n))).toBe(spanNs);
				expect(clock.absolute(spanNs)).toBe(timeNs);
			}),
		);
	});

	test('gives times before its base as negative ones', () => {
		const clock = new SourceClock(2n ** 32n);
		expect(clock.relative(0xffff_ffff, 0)).toBe(-1);
		expect(clock.absolute(-1)).toBe(2n ** 32n - 1n);
	});

	test('knows the wall time only when the source does', () => {
		expect(new SourceClock(5n).wall(1)).toBeUndefined();
		expect(new SourceClock(5n, 1_700_000_000_000_000_000n).wall(1)).toBe(1_700_000_000_000_000_006n);
		expect(new SourceClock(5n, -2n).wall(0)).toBe(3n);
	});
});
