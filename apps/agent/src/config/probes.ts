import type { ProbeSessionOptions } from '@ingero/probes';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../errors';
import { boolean } from './values';

const DEFAULT_MAX_OVERHEAD = 0.05;

/** What of CUDA is probed, and what that may cost. */
export interface ProbeFlags {
	readonly nccl?: boolean;
	readonly cudaRuntime?: boolean;
	readonly stack?: boolean;
	readonly guard?: boolean;
	/** A share, 0 to below 1; absent when not given. */
	readonly maxOverhead?: number;
	readonly allowSteppedSites?: boolean;
}

export function addProbeFlags(command: Command): Command {
	return command
		.addOption(
			new Option('--nccl [boolean]', 'probe NCCL: collectives and communicators').argParser(boolean).default(true),
		)
		.addOption(
			new Option(
				'--cuda-runtime [boolean]',
				'probe the CUDA runtime too: what applications call, and how long it takes',
			).argParser(boolean),
		)
		.addOption(
			new Option('--stack [boolean]', 'take the stack of every call whose raw event is delivered').argParser(boolean),
		)
		.addOption(
			new Option('--guard [boolean]', 'watch kernel launches in samples only, for the least cost').argParser(boolean),
		)
		.addOption(
			new Option(
				'--allow-stepped-sites [boolean]',
				'also probe functions where the kernel has to single-step, at 5 to 17 us a call',
			).argParser(boolean),
		)
		.addOption(
			new Option(
				'--max-overhead <percent>',
				'what probes may cost a process, in percent of one thread: above it less is probed; 0 is no limit (default: 5)',
			).argParser(percent),
		);
}

/**
 * Options of a `ProbeSession`.
 *
 * @param capturesAll every raw event goes into a recording: then nothing is left out to save its cost
 * @throws UsageError for flags that contradict each other
 */
export function probeOptions(
	flags: ProbeFlags,
	capturesAll: boolean,
): Pick<ProbeSessionOptions, 'nccl' | 'runtime' | 'stacks' | 'guard' | 'maxOverhead' | 'allowSteppedSites'> {
	if (capturesAll && flags.guard === true) {
		throw new UsageError('--guard and --capture: a recording is of every call, guard mode leaves most of them out');
	}
	if (capturesAll && (flags.maxOverhead ?? 0) > 0) {
		throw new UsageError('--max-overhead and --capture: a recording is of every call, whatever it costs');
	}
	return {
		nccl: flags.nccl ?? true,
		runtime: flags.cudaRuntime ?? false,
		stacks: flags.stack ?? false,
		guard: flags.guard ?? false,
		allowSteppedSites: flags.allowSteppedSites ?? false,
		maxOverhead: capturesAll ? 0 : (flags.maxOverhead ?? DEFAULT_MAX_OVERHEAD),
	};
}

/** `10`, `2.5`, `10%`: as a share. */
function percent(text: string): number {
	const match = /^(\d+(?:\.\d+)?)%?$/.exec(text);
	const share = Number(match?.[1]) / 100;
	if (match === null || !(share < 1))
		throw new InvalidArgumentError('Give a percentage below 100, such as 10; 0 is no limit.');
	return share;
}
