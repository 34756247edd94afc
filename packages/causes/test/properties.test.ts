import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CauseAnalyzer, type CauseEvidence, type CauseStep, type Explanation } from '../src/index';
import { step } from './steps';

const timeNs = fc.oneof(fc.constant(0), fc.nat(100_000_000));
const evidence: fc.Arbitrary<Partial<CauseEvidence>> = fc.record({
	runningNs: timeNs,
	runQueueNs: timeNs,
	lockNs: timeNs,
	blockedNs: timeNs,
	ioNs: timeNs,
	allocNs: timeNs,
	waitNs: timeNs,
	waitRunQueueNs: timeNs,
	behindSiblingNs: timeNs,
	siblingRunQueueNs: timeNs,
	otherCopiedBytes: fc.nat(2 ** 31),
	foreignLaunches: fc.nat(500),
	neighbourSwitches: fc.nat(20),
	neighbourPid: fc.constantFrom(0, 0, 7, 101),
});
const played = fc.record({
	slow: fc.boolean(),
	facts: fc.record({
		pid: fc.constantFrom(100, 101),
		phase: fc.constantFrom('prefill', 'decode'),
		launches: fc.nat(1000),
		graphLaunches: fc.nat(3),
		gridBlocks: fc.nat(100_000),
		memcpyBytes: fc.nat(2 ** 31),
		ncclCalls: fc.nat(3),
		allocs: fc.nat(3),
		frees: fc.nat(3),
		throttleReasons: fc.constantFrom(0, 0, 8n),
		evidence,
	}),
});
const session = fc.array(played, { minLength: 1, maxLength: 60 });

function play(steps: readonly { slow: boolean; facts: Parameters<typeof step>[0] }[], scale = 1, pidShift = 0) {
	const analyzer = new CauseAnalyzer();
	let endNs = 0;
	return steps.map(({ slow, facts }): Explanation | undefined => {
		const one = step(facts);
		endNs += one.durationNs;
		return analyzer.observe(renamed(scaled({ ...one, endNs }, scale), pidShift), slow);
	});
}

function scaled(one: CauseStep, scale: number): CauseStep {
	const times = Object.fromEntries(
		Object.entries(one.evidence ?? {}).map(([name, value]) => [name, name.endsWith('Ns') ? value * scale : value]),
	);
	return {
		...one,
		endNs: one.endNs * scale,
		durationNs: one.durationNs * scale,
		evidence: times as unknown as CauseEvidence,
	};
}

function renamed(one: CauseStep, shift: number): CauseStep {
	const { pid, tid, evidence: own } = one;
	const neighbourPid = own === undefined || own.neighbourPid === 0 ? 0 : own.neighbourPid + shift;
	return { ...one, pid: pid + shift, tid: tid + shift, evidence: { ...(own as CauseEvidence), neighbourPid } };
}

const names = (explanations: readonly (Explanation | undefined)[]) => explanations.map((one) => one?.cause.name);

describe('whatever comes', () => {
	test('shares are shares: from 0 to 1, largest first, together at most 1, and ms are shares of the excess', () => {
		fc.assert(
			fc.property(session, (steps) => {
				for (const explanation of play(steps)) {
					if (explanation === undefined) continue;
					const { cause, parts, excessMs } = explanation;
					const shares = parts.map(({ share }) => share);
					expect(shares).toEqual(shares.toSorted((a, b) => b - a));
					expect(shares.every((share) => share >= 0)).toBe(true);
					expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(1 + 1e-9);
					for (const { share, explainedMs } of parts) expect(explainedMs).toBeCloseTo(share * excessMs, 6);
					expect(cause.name === 'unknown' ? 0 : cause.share).toBe(cause.share);
					if (cause.name !== 'unknown') expect(cause).toEqual(parts[0]);
				}
			}),
			{ numRuns: 300 },
		);
	});

	test('only slow steps are explained', () => {
		fc.assert(
			fc.property(session, (steps) => {
				for (const [i, explanation] of play(steps).entries()) {
					if (explanation !== undefined) expect(steps[i]?.slow).toBe(true);
				}
			}),
		);
	});

	test('the same steps are explained the same', () => {
		fc.assert(
			fc.property(session, (steps) => {
				expect(play(steps)).toEqual(play(steps));
			}),
		);
	});

	test('in a world twice or half as fast, too', () => {
		fc.assert(
			fc.property(session, fc.constantFrom(0.5, 2, 4), (steps, scale) => {
				expect(names(play(steps, scale))).toEqual(names(play(steps)));
			}),
		);
	});

	test('whatever the processes are called', () => {
		fc.assert(
			fc.property(session, fc.nat(100_000), (steps, shift) => {
				expect(play(steps, 1, shift)).toEqual(play(steps));
			}),
		);
	});
});

test('it remembers as many workloads as it is told to, the latest ones', () => {
	const analyzer = new CauseAnalyzer({ maxWorkloads: 10 });
	const slow = (pid: number) => analyzer.observe({ ...step({ evidence: { ioNs: 9e6 } }), pid, endNs: 1e12 }, true);
	for (let pid = 1; pid <= 30; pid++) {
		for (let i = 1; i <= 5; i++) analyzer.observe({ ...step(), pid, endNs: pid * 1e9 + i * 6e6 }, false);
	}
	const known = Array.from({ length: 30 }, (_, i) => i + 1).filter((pid) => slow(pid) !== undefined);
	expect(known.length).toBeLessThanOrEqual(10);
});
