import { InferenceEngine } from '@ingero/infer-baseline';

const engine = new InferenceEngine();

// A serving loop: every fifth step is a prefill of 180 ms, the others decodes of 5 ms. Step 301 hangs for 45 ms.
let nowNs = 0;
for (let step = 0; step < 400; step++) {
	const prefill = step % 5 === 0;
	const firstWorkNs = nowNs;
	nowNs += (prefill ? 180e6 : 5e6) + 50_000 * (step % 7) + (step === 301 ? 45e6 : 0);
	const verdict = engine.observe({
		pid: 4242,
		tid: 4242,
		cgroupPathHash: '',
		streamHandle: 0n,
		firstWorkNs,
		completedNs: nowNs,
		launches: prefill ? 250 : 10,
		graphLaunches: 0,
		gridBlocks: 0,
		memcpyBytes: 0,
		ncclCalls: 0,
		memfragEvents: 0,
		kernelFingerprint: 0n,
		lossy: false,
	});
	if (verdict?.outlier) {
		const ms = (ns: number | null) => ((ns ?? 0) / 1e6).toFixed(1);
		console.log(
			`${verdict.phase} ${verdict.bucket}: ${ms(verdict.durationNs)} ms, p95 ${ms(verdict.baselineP95Ns)} ms`,
		);
	}
}
