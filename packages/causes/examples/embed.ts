import { CauseAnalyzer, type CauseStep } from '@ingero/causes';

/** A step of a graph engine that decodes: 1 ms of enqueueing, 5 ms of waiting for the GPU, and what is added to it. */
function step(number: number, added: { runQueueNs?: number; waitNs?: number } = {}): CauseStep {
	const { runQueueNs = 0, waitNs = 0 } = added;
	const spanNs = 6_000_000 + runQueueNs + waitNs;
	return {
		...{ pid: 4242, tid: 4242, phase: 'decode', endNs: number * 20_000_000, durationNs: spanNs },
		...{ launches: 4, graphLaunches: 1, gridBlocks: 64, memcpyBytes: 64, ncclCalls: 0, allocs: 0, frees: 0 },
		evidence: {
			...{ spanNs, runningNs: 1_000_000, runQueueNs, lockNs: 0, blockedNs: 0, ioNs: 0, allocNs: 0 },
			...{ waitNs: 5_000_000 + waitNs, waitRunQueueNs: 0, behindSiblingNs: 0, siblingRunQueueNs: 0 },
			...{ otherCopiedBytes: 0, foreignLaunches: 0, neighbourSwitches: 0, neighbourPid: 0 },
		},
	};
}

const analyzer = new CauseAnalyzer();
for (let i = 1; i <= 20; i++) analyzer.observe(step(i), false);

const explanation = analyzer.observe(step(21, { runQueueNs: 9_000_000, waitNs: 1_000_000 }), true);
for (const { name, explainedMs, share } of explanation?.parts ?? []) {
	console.log(`${name}: ${explainedMs.toFixed(1)} ms, ${Math.round(100 * share)} %`);
}
