import { STEP_DURATION_BOUNDS_NS } from './baseline/histogram';
import { MIN_WARMUP_STEPS } from './baseline/warm-up';
import {
	ascendingOption,
	booleanOption,
	choiceOption,
	finiteOption,
	functionOption,
	integerOption,
	objectOption,
} from './internal/check';
import type { OutlierContextReaders } from './outlier/context';
import { deterministicEventId } from './outlier/event-id';
import type { Severity } from './outlier/severity-gate';
import { AutoClassifier } from './phase/auto/auto-classifier';
import type { PhaseClassifier } from './phase/phase';
import type { StepVerdict } from './verdict';

/** Options of {@link InferenceEngine}; every one has a default. */
export interface EngineOptions {
	/** Tells the phases apart; `off` keeps one baseline per stream. Default: an {@link AutoClassifier}. */
	readonly classifier?: PhaseClassifier | 'off';
	/** Keep a baseline of its own for every sequence of kernels. Default false. */
	readonly fingerprintKey?: boolean;
	/** Steps that a workload needs before it is compared; at least 5 are used. Default, also for 0: 30. */
	readonly warmupSteps?: number;
	/** Where the `3x` bucket starts, > 1. Default, also for 0: 3. */
	readonly outlierRatio?: number;
	/** Lowest severity of a process's causal chains that keeps its steps out of the baselines. Default `HIGH`. */
	readonly pauseOnSeverity?: Severity | 'off';
	/** Workloads, and threads, tracked at once; the least recently updated one goes. Default 1024. */
	readonly maxWorkloads?: number;
	/** Upper bounds of the duration histograms, ns. Default {@link STEP_DURATION_BOUNDS_NS}. */
	readonly histogramBoundsNs?: readonly number[];
	/** Asked about every outlier. Default: none. */
	readonly context?: OutlierContextReaders;
	/** Makes the id of an outlier or a shift; must not throw. Default {@link deterministicEventId} of pid, stream and `endNs`. */
	readonly newEventId?: (step: StepVerdict) => string;
}

/** {@link EngineOptions}, checked and complete. */
export interface EngineSettings {
	readonly classifier: PhaseClassifier | undefined;
	readonly fingerprintKey: boolean;
	readonly warmupSteps: number;
	readonly outlierRatio: number;
	readonly pauseOnSeverity: Severity | 'off';
	readonly maxWorkloads: number;
	readonly histogramBoundsNs: readonly number[];
	readonly context: OutlierContextReaders;
	readonly newEventId: (step: StepVerdict) => string;
}

const DEFAULT_WARMUP_STEPS = 30;
const DEFAULT_OUTLIER_RATIO = 3;
/** About 0.5 MB of tables; a GPU host runs tens of workloads. */
const DEFAULT_MAX_WORKLOADS = 1024;

/** @throws TypeError that names the first wrong option and its value */
export function resolveOptions(options: EngineOptions): EngineSettings {
	const {
		classifier = new AutoClassifier(),
		fingerprintKey = false,
		warmupSteps = DEFAULT_WARMUP_STEPS,
		outlierRatio = DEFAULT_OUTLIER_RATIO,
		pauseOnSeverity = 'HIGH',
		maxWorkloads = DEFAULT_MAX_WORKLOADS,
		histogramBoundsNs = STEP_DURATION_BOUNDS_NS,
		context = {},
		newEventId = idOfStep,
	} = options;
	const ratio = finiteOption('outlierRatio', outlierRatio, 'a number > 1, or 0', (v) => v > 1 || v === 0);
	const warmup = integerOption('warmupSteps', warmupSteps, 0);
	return {
		classifier: classifier === 'off' ? undefined : objectOption('classifier', classifier, 'classify'),
		fingerprintKey: booleanOption('fingerprintKey', fingerprintKey),
		warmupSteps: Math.max(MIN_WARMUP_STEPS, warmup || DEFAULT_WARMUP_STEPS),
		outlierRatio: ratio || DEFAULT_OUTLIER_RATIO,
		pauseOnSeverity: choiceOption('pauseOnSeverity', pauseOnSeverity, ['HIGH', 'MEDIUM', 'LOW', 'off']),
		maxWorkloads: integerOption('maxWorkloads', maxWorkloads, 1),
		histogramBoundsNs: ascendingOption('histogramBoundsNs', histogramBoundsNs),
		context: objectOption('context', context),
		newEventId: functionOption('newEventId', newEventId),
	};
}

function idOfStep({ pid, streamHandle, endNs }: StepVerdict): string {
	return deterministicEventId(pid, streamHandle, BigInt(Math.trunc(endNs)));
}
