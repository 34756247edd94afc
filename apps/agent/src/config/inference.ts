import {
	AdmissionSampler,
	AutoClassifier,
	type EngineOptions,
	InferenceEngine,
	type PhaseClassifier,
	type PhaseRules,
	RuleClassifier,
} from '@ingero/infer-baseline';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors';
import { AllocationFeed } from '../session/allocation-feed';
import { boolean, durationMs, integer, positiveInteger, ratio, sizeBytes, wholeNumber } from './values';

const DEFAULT_TOP_N = 5;
const DEFAULT_MAX_PER_PROCESS = 8192;

/** What `--inference` and the flags that refine it were set to. */
export interface InferenceFlags {
	readonly inference?: boolean;
	readonly fleetWorkloadType?: string;
	readonly inferenceWarmup?: number;
	readonly inferenceOutlierRatio?: number;
	readonly inferenceSamplerDegradeOn: '1.5x' | '2x' | '3x' | 'off';
	readonly inferencePhaseClassifier?: 'auto' | 'rule' | 'off';
	readonly inferencePhaseDecodeMaxLaunches?: number;
	readonly inferencePhaseDecodeMaxMemcpy?: number;
	readonly inferencePhasePrefillMinLaunches?: number;
	readonly inferencePhasePrefillMinMemcpy?: number;
	readonly inferencePhaseMixedMemcpy?: number;
	readonly inferencePhaseMixedLaunchLow?: number;
	readonly inferencePhaseMixedLaunchHigh?: number;
	readonly inferenceFingerprintKey?: boolean;
	readonly inferenceKvcacheLineage?: boolean;
	readonly inferenceKvcacheTopN: number;
	readonly inferenceKvcacheMaxPerPid: number;
}

/** Adds the flags of the umbrella to a command. */
export function addInferenceFlags(command: Command): Command {
	return command
		.addOption(
			new Option(
				'--inference [boolean]',
				'serve as an inference daemon: step baselines, outliers, JSON lines, sampled store',
			).argParser(boolean),
		)
		.addOption(
			new Option(
				'--fleet-workload-type <type>',
				'inference by default; training keeps the rest and runs no engine',
			).choices(['inference', 'training', 'unknown']),
		)
		.option('--inference-warmup <steps>', 'steps before a workload is judged, at least 5 (default 30)', wholeNumber)
		.option('--inference-outlier-ratio <ratio>', 'where the 3x bucket starts (default 3)', ratio)
		.addOption(
			new Option('--inference-sampler-degrade-on <bucket>', 'mildest outlier that keeps all raw events for 30 s')
				.choices(['1.5x', '2x', '3x', 'off'])
				.default('3x'),
		)
		.addOption(
			new Option(
				'--inference-phase-classifier <name>',
				'how prefill and decode are told apart (default auto; rule when a threshold of the rules is given)',
			).choices(['auto', 'rule', 'off']),
		)
		.option('--inference-phase-decode-max-launches <n>', 'decode launches at most this (default 50)', positiveInteger)
		.option('--inference-phase-decode-max-memcpy <size>', 'decode copies at most this (default 1m)', sizeBytes)
		.option(
			'--inference-phase-prefill-min-launches <n>',
			'prefill launches at least this (default 200)',
			positiveInteger,
		)
		.option('--inference-phase-prefill-min-memcpy <size>', 'prefill copies at least this (default 0)', sizeBytes)
		.option('--inference-phase-mixed-memcpy <size>', 'copies of a mixed step without launches (default 10m)', sizeBytes)
		.option(
			'--inference-phase-mixed-launch-low <n>',
			'mixed launches from here (default: above decode)',
			positiveInteger,
		)
		.option(
			'--inference-phase-mixed-launch-high <n>',
			'mixed launches up to here (default: below prefill)',
			positiveInteger,
		)
		.addOption(
			new Option('--inference-phase-prefill-min-avg-kernel <duration>', 'taken and without effect')
				.argParser(durationMs)
				.hideHelp(),
		)
		.addOption(
			new Option(
				'--inference-fingerprint-key [boolean]',
				'a baseline of its own for every sequence of kernels',
			).argParser(boolean),
		)
		.addOption(
			new Option(
				'--inference-kvcache-lineage [boolean]',
				'follow device allocations; slow decode steps carry the ages of the oldest',
			).argParser(boolean),
		)
		.option(
			'--inference-kvcache-top-n <n>',
			'ages a slow step carries at most; 0 is the default',
			integer,
			DEFAULT_TOP_N,
		)
		.option('--inference-kvcache-max-per-pid <n>', 'allocations kept of a process; 0 is 8192', integer, 0);
}

/** Other workload types keep the umbrella's defaults and run no engine: no steps, baselines or outliers. */
export function watchesSteps(flags: InferenceFlags): boolean {
	return flags.fleetWorkloadType === undefined || flags.fleetWorkloadType === 'inference';
}

/** What follows the memory of processes, if the flags ask for it. */
export function makeAllocationFeed(flags: InferenceFlags): AllocationFeed | undefined {
	if (flags.inferenceKvcacheLineage !== true || !watchesSteps(flags)) return undefined;
	return new AllocationFeed({
		topN: flags.inferenceKvcacheTopN > 0 ? flags.inferenceKvcacheTopN : DEFAULT_TOP_N,
		maxPerProcess: flags.inferenceKvcacheMaxPerPid > 0 ? flags.inferenceKvcacheMaxPerPid : DEFAULT_MAX_PER_PROCESS,
	});
}

/** The engine the flags ask for; `newEventId` is the default unless given. */
export function makeEngine(
	flags: InferenceFlags,
	parts: { readonly newEventId: (() => string) | undefined; readonly allocations: AllocationFeed | undefined },
): InferenceEngine {
	const { newEventId, allocations } = parts;
	const options: EngineOptions = {
		classifier: makeClassifier(flags),
		...(flags.inferenceWarmup === undefined ? {} : { warmupSteps: flags.inferenceWarmup }),
		...(flags.inferenceOutlierRatio === undefined ? {} : { outlierRatio: flags.inferenceOutlierRatio }),
		...(flags.inferenceFingerprintKey === undefined ? {} : { fingerprintKey: flags.inferenceFingerprintKey }),
		...(newEventId === undefined ? {} : { newEventId }),
		...(allocations === undefined ? {} : { context: { kvCache: (step) => allocations.kvCache(step) } }),
	};
	return new InferenceEngine(options);
}

export function makeSampler(flags: InferenceFlags): AdmissionSampler {
	return new AdmissionSampler({ degradeOn: flags.inferenceSamplerDegradeOn });
}

/** @throws UsageError for thresholds of the rules beside a classifier that has none */
function makeClassifier(flags: InferenceFlags): PhaseClassifier | 'off' {
	const thresholds = phaseThresholds(flags);
	const [threshold] = Object.keys(thresholds);
	const name = flags.inferencePhaseClassifier ?? (threshold === undefined ? 'auto' : 'rule');
	if (name !== 'rule' && threshold !== undefined) {
		throw new UsageError(
			`--inference-phase-classifier ${name} has no thresholds: leave out those of the rules, or use rule`,
		);
	}
	if (name === 'off') return 'off';
	return name === 'auto' ? new AutoClassifier() : new RuleClassifier(thresholds);
}

function phaseThresholds(flags: InferenceFlags): PhaseRules {
	const rules = {
		decodeMaxLaunches: flags.inferencePhaseDecodeMaxLaunches,
		decodeMaxMemcpyBytes: flags.inferencePhaseDecodeMaxMemcpy,
		prefillMinLaunches: flags.inferencePhasePrefillMinLaunches,
		prefillMinMemcpyBytes: flags.inferencePhasePrefillMinMemcpy,
		mixedMemcpyBytes: flags.inferencePhaseMixedMemcpy,
		mixedLaunchLow: flags.inferencePhaseMixedLaunchLow,
		mixedLaunchHigh: flags.inferencePhaseMixedLaunchHigh,
	};
	return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));
}
