import type { BaselineChange } from './baseline/shift';
import { NONE } from './internal/lru-slots';
import type { OutlierBucket } from './outlier/bucket';
import type { StepPhase } from './phase/phase';

/**
 * What the engine has found out about the step at hand. One object, overwritten by every step, so that a step nobody
 * wants a verdict of allocates nothing; NaN stands for "not known".
 */
export class Judgement {
	/** Slots of the workload and of the kind of work; before the step is judged, those of the thread's last step. */
	workload: number = NONE;
	kind: number = NONE;
	phase: StepPhase = '';
	/** What decided the phase, if the classifier says it. */
	phaseEvidence: string | undefined = undefined;
	workSize = 0;
	startNs: number = Number.NaN;
	/** One number. Passed on as a cell: numbers passed to a function that is not inlined are boxed. */
	readonly duration: Float64Array = new Float64Array(1);
	gapNs: number = Number.NaN;
	/** Whether it belongs to the run of its thread's last step. */
	continuesRun = false;
	idle = false;
	tainted = false;
	first = false;
	baselineP95Ns: number = Number.NaN;
	baselineMeanNs: number = Number.NaN;
	expectedNs: number = Number.NaN;
	thresholdNs: number = Number.NaN;
	ratio: number = Number.NaN;
	bucket: OutlierBucket | null = null;
	/** An outlier because work like it is seldom done, not because it took longer than such work does. */
	isRare = false;
	change: BaselineChange | undefined = undefined;

	get durationNs(): number {
		return this.duration[0] as number;
	}

	begin(phase: StepPhase, phaseEvidence: string | undefined, workSize: number): void {
		this.workload = NONE;
		this.kind = NONE;
		this.phase = phase;
		this.phaseEvidence = phaseEvidence;
		this.workSize = workSize;
		this.idle = false;
		this.tainted = false;
		this.first = false;
		this.baselineP95Ns = Number.NaN;
		this.baselineMeanNs = Number.NaN;
		this.expectedNs = Number.NaN;
		this.thresholdNs = Number.NaN;
		this.ratio = Number.NaN;
		this.bucket = null;
		this.isRare = false;
		this.change = undefined;
	}
}
