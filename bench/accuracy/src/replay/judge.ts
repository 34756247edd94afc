import { CauseAnalyzer } from '@ingero/causes';
import { InferenceEngine } from '@ingero/infer-baseline';
import type { BenchClassifier } from '../classifiers/classifiers';
import type { Replayed } from './replayed';

/** A step as the agent would have reported it. Times are ns of the recording's clock. */
export interface JudgedStep {
	readonly pid: number;
	readonly startNs: number;
	readonly endNs: number;
	readonly phase: string;
	/** What decided the phase, if the classifier says so. */
	readonly phaseEvidence: string | undefined;
	readonly bucket: string | null;
	readonly ratio: number | null;
	readonly warmed: boolean;
	readonly cause: string | undefined;
}

/** Runs the steps of a recording through a fresh engine, as a session of the agent does. */
export function judge({ clock, happenings }: Replayed, classifier: BenchClassifier): JudgedStep[] {
	const engine = new InferenceEngine({ classifier });
	const causes = new CauseAnalyzer();
	const steps: JudgedStep[] = [];
	for (const { ledger, exitedPid } of happenings) {
		if (ledger === undefined) {
			engine.forgetProcess(exitedPid);
			causes.forgetProcess(exitedPid);
			continue;
		}
		const step = engine.observe({ ...ledger, cgroupPathHash: '', memfragEvents: 0 });
		if (step === undefined) continue;
		const explanation = causes.observe(
			{
				...step,
				expectedNs: step.expectedNs,
				allocs: ledger.allocs,
				frees: ledger.frees,
				evidence: step.tainted ? undefined : ledger.evidence,
			},
			step.bucket !== null,
		);
		steps.push({
			pid: step.pid,
			startNs: Number(clock.absolute(step.startNs)),
			endNs: Number(clock.absolute(step.endNs)),
			phase: step.phase,
			phaseEvidence: classifier.evidence,
			bucket: step.bucket,
			ratio: step.ratio,
			warmed: step.warmed,
			cause: explanation?.cause.name,
		});
	}
	return steps;
}
