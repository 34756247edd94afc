import { InferenceEngine, type StepLedger } from '@ingero/infer-baseline';

/** Share of a candidate's steps that are slow for what the base version takes; above 0.05, fail the build. */
export function slowShare(base: Iterable<StepLedger>, candidate: Iterable<StepLedger>): number {
	const engine = new InferenceEngine();
	const same = { pid: 0, streamHandle: 0n }; // two runs, one workload
	for (const step of base) engine.detect({ ...step, ...same, tid: 1 });
	const verdicts = Array.from(candidate, (step) => engine.observe({ ...step, ...same, tid: 2 }));
	const compared = verdicts.filter((verdict) => verdict?.warmed);
	return compared.filter((verdict) => verdict?.bucket !== null).length / compared.length;
}
