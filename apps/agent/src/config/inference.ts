import { AdmissionSampler, type EngineOptions, InferenceEngine, RuleClassifier } from '@ingero/infer-baseline';
import { type Command, Option } from 'commander';
import { boolean, positiveInteger, ratio, sizeBytes, wholeNumber } from './values';

/** What `--inference` and the flags that refine it were set to. */
export interface InferenceFlags {
	readonly inference?: boolean;
	readonly fleetWorkloadType?: string;
	readonly inferenceWarmup?: number;
	readonly inferenceOutlierRatio?: number;
	readonly inferenceSamplerDegradeOn: '1.5x' | '2x' | '3x' | 'off';
	readonly inferencePhaseClassifier: 'rule' | 'off';
	readonly inferencePhaseDecodeMaxLaunches?: number;
	readonly inferencePhaseDecodeMaxMemcpy?: number;
	readonly inferencePhasePrefillMinLaunches?: number;
	readonly inferencePhasePrefillMinMemcpy?: number;
	readonly inferencePhaseMixedMemcpy?: number;
	readonly inferencePhaseMixedLaunchLow?: number;
	readonly inferencePhaseMixedLaunchHigh?: number;
	readonly inferenceFingerprintKey?: boolean;
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
			new Option('--inference-phase-classifier <name>', 'how prefill and decode are told apart')
				.choices(['rule', 'off'])
				.default('rule'),
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
			new Option(
				'--inference-fingerprint-key [boolean]',
				'a baseline of its own for every sequence of kernels',
			).argParser(boolean),
		);
}

/** Other workload types keep the umbrella's defaults and run no engine: no steps, baselines or outliers. */
export function watchesSteps(flags: InferenceFlags): boolean {
	return flags.fleetWorkloadType === undefined || flags.fleetWorkloadType === 'inference';
}

/** The engine the flags ask for; `newEventId` is the default unless given. */
export function makeEngine(flags: InferenceFlags, newEventId: (() => string) | undefined): InferenceEngine {
	const options: EngineOptions = {
		classifier: flags.inferencePhaseClassifier === 'off' ? 'off' : new RuleClassifier(phaseRules(flags)),
		...(flags.inferenceWarmup === undefined ? {} : { warmupSteps: flags.inferenceWarmup }),
		...(flags.inferenceOutlierRatio === undefined ? {} : { outlierRatio: flags.inferenceOutlierRatio }),
		...(flags.inferenceFingerprintKey === undefined ? {} : { fingerprintKey: flags.inferenceFingerprintKey }),
		...(newEventId === undefined ? {} : { newEventId }),
	};
	return new InferenceEngine(options);
}

export function makeSampler(flags: InferenceFlags): AdmissionSampler {
	return new AdmissionSampler({ degradeOn: flags.inferenceSamplerDegradeOn });
}

function phaseRules(flags: InferenceFlags): ConstructorParameters<typeof RuleClassifier>[0] {
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
