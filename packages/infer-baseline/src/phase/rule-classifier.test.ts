import { describe, expect, test } from 'vitest';
import { type PhaseRules, type PhaseSignals, RuleClassifier } from './rule-classifier';

const MIB = 1024 * 1024;

function signals(launches: number, memcpyBytes = 0, ncclCalls = 0, memfragEvents = 0): PhaseSignals {
	return { launches, memcpyBytes, ncclCalls, memfragEvents };
}

test.each([
	[10, 0, 0, 0, 'decode'],
	[50, 0, 0, 0, 'decode'],
	[51, 0, 0, 0, 'mixed'],
	[199, 0, 0, 0, 'mixed'],
	[200, 0, 0, 0, 'prefill'],
	[250, 0, 0, 0, 'prefill'],
	[0, 0, 0, 0, 'decode'],
	[0, 20 * MIB, 0, 0, 'mixed'],
	[30, MIB, 0, 0, 'decode'],
	[30, MIB + 1, 0, 0, 'unknown'],
	[30, 2 * MIB, 0, 0, 'unknown'],
	[30, 10 * MIB - 1, 0, 0, 'unknown'],
	[30, 10 * MIB, 0, 0, 'mixed'],
	[10, 0, 1, 5, 'prefill'],
	[10, 0, 0, 5, 'decode'],
	[49, 20 * MIB, 0, 1, 'decode'],
	[50, 20 * MIB, 0, 1, 'mixed'],
	[500, 0, 0, 5, 'prefill'],
])('%i launches, %i bytes, %i NCCL calls, %i memfrag events: %s', (launches, bytes, nccl, memfrag, phase) => {
	expect(new RuleClassifier().classify(signals(launches, bytes, nccl, memfrag))).toBe(phase);
});

describe('knobs', () => {
	test.each<[PhaseRules, PhaseSignals, string]>([
		[{ decodeMaxLaunches: 60 }, signals(60), 'decode'],
		[{ decodeMaxLaunches: 60 }, signals(61), 'mixed'],
		[{ decodeMaxMemcpyBytes: 2 * MIB }, signals(30, 2 * MIB), 'decode'],
		[{ prefillMinLaunches: 100 }, signals(100), 'prefill'],
		[{ prefillMinLaunches: 100 }, signals(99), 'mixed'],
		[{ prefillMinMemcpyBytes: 4096 }, signals(250, 4096), 'prefill'],
		[{ prefillMinMemcpyBytes: 4096 }, signals(250, 4095), 'unknown'],
		[{ mixedMemcpyBytes: 2 * MIB }, signals(30, 2 * MIB), 'mixed'],
		[{ mixedLaunchLow: 100 }, signals(99), 'unknown'],
		[{ mixedLaunchLow: 100 }, signals(100), 'mixed'],
		[{ mixedLaunchHigh: 150 }, signals(150), 'mixed'],
		[{ mixedLaunchHigh: 150 }, signals(151), 'unknown'],
		[{ mixedLaunchLow: 40, mixedLaunchHigh: 300, prefillMinLaunches: 400 }, signals(40, 2 * MIB), 'mixed'],
		[{ memfragDecodeMin: 3 }, signals(30, 2 * MIB, 0, 2), 'unknown'],
		[{ memfragDecodeMin: 3 }, signals(30, 2 * MIB, 0, 3), 'decode'],
		[{ memfragDecodeMin: 0 }, signals(30, 2 * MIB, 0, 9), 'unknown'],
	])('%j %j: %s', (rules, work, phase) => {
		expect(new RuleClassifier(rules).classify(work)).toBe(phase);
	});

	test.each<[PhaseRules, string]>([
		[{ decodeMaxLaunches: 0 }, 'decodeMaxLaunches: expected an integer >= 1, received 0'],
		[{ prefillMinLaunches: 1.5 }, 'prefillMinLaunches: expected an integer >= 1, received 1.5'],
		[{ mixedMemcpyBytes: -1 }, 'mixedMemcpyBytes: expected an integer >= 0, received -1'],
		[{ mixedLaunchHigh: 0 }, 'mixedLaunchHigh: expected an integer >= 1, received 0'],
		[{ memfragDecodeMin: Number.NaN }, 'memfragDecodeMin: expected an integer >= 0, received NaN'],
	])('%j is refused', (rules, message) => {
		expect(() => new RuleClassifier(rules)).toThrow(new TypeError(message));
	});
});
