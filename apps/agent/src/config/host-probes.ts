import { kprobeVerdict, readKernel, readKprobeAllowList, readNvidiaKernelModule, TESTED_PAIRS } from '@ingero/host';
import type { MemoryIoctlWay } from '@ingero/probes';
import { type Command, Option } from 'commander';
import { messageOf, UsageError } from '../errors';
import { boolean } from './values';

/** What is watched of the host, and of the driver by its ioctls. */
export interface HostProbeFlags {
	readonly io: boolean;
	readonly tcp: boolean;
	readonly enableExperimentalKprobes?: boolean;
	readonly kprobeAllowList?: string;
	readonly memoryIoctlTracepoints?: boolean;
}

/** Versions that decide whether the driver's own functions may be probed; `undefined` where unknown. */
export interface DriverAndKernel {
	readonly driver: string | undefined;
	readonly kernel: string | undefined;
}

/** How the driver's ioctls are to be seen, if at all. */
export interface MemoryIoctlChoice {
	/** Tried in this order; none is nothing to load. */
	readonly ways: readonly MemoryIoctlWay[];
	/** What the gate decided, one line for whoever asked for kprobes. */
	readonly verdict: string | undefined;
}

/** A flag `--no-X` sets X to false, also when spelt `--no-X=true`. */
const off = (text: string) => !boolean(text);

export function addHostProbeFlags(command: Command): Command {
	return command
		.addOption(new Option('--no-io [boolean]', 'do not watch requests to block devices').argParser(off))
		.addOption(new Option('--no-tcp [boolean]', 'do not watch TCP retransmissions').argParser(off))
		.addOption(
			new Option(
				'--enable-experimental-kprobes [boolean]',
				'count ioctls of the NVIDIA driver at its own function, on tested drivers and kernels only',
			).argParser(boolean),
		)
		.option('--kprobe-allow-list <file>', 'more pairs of driver and kernel where kprobes may be loaded, one a line')
		.addOption(
			new Option(
				'--memory-ioctl-tracepoints [boolean]',
				'count them at the system call, on any driver; every system call of the machine pays a little',
			).argParser(boolean),
		);
}

/** Options of `HostProbes`. */
export function hostProbeOptions(flags: HostProbeFlags): { readonly blockIo: boolean; readonly tcp: boolean } {
	return { blockIo: flags.io, tcp: flags.tcp };
}

/**
 * Decides about the driver's ioctls.
 *
 * @throws UsageError for a list of pairs that is of no use
 */
export function memoryIoctlChoice(
	flags: HostProbeFlags,
	machine: () => DriverAndKernel = thisMachine,
): MemoryIoctlChoice {
	const tracepoints: readonly MemoryIoctlWay[] = flags.memoryIoctlTracepoints === true ? ['tracepoint'] : [];
	if (flags.enableExperimentalKprobes !== true) {
		if (flags.kprobeAllowList === undefined) return { ways: tracepoints, verdict: undefined };
		throw new UsageError('--kprobe-allow-list: add --enable-experimental-kprobes, which it is for');
	}
	const pairs = [...TESTED_PAIRS, ...ownPairs(flags.kprobeAllowList)];
	const { allowed, driver, kernel, pair } = kprobeVerdict(machine(), pairs);
	const here = `driver ${driver ?? 'unknown'}, kernel ${kernel ?? 'unknown'}`;
	return allowed
		? {
				ways: ['fentry', 'kprobe', ...tracepoints],
				verdict: `experimental kprobes: ${here}: tested as ${pair?.driver} with ${pair?.kernel}`,
			}
		: {
				ways: tracepoints,
				verdict: `experimental kprobes: ${here}: none of the ${pairs.length} tested pairs, not loaded`,
			};
}

function ownPairs(path: string | undefined): ReturnType<typeof readKprobeAllowList> {
	if (path === undefined) return [];
	try {
		return readKprobeAllowList(path);
	} catch (error) {
		throw new UsageError(`--kprobe-allow-list ${messageOf(error)}`);
	}
}

function thisMachine(): DriverAndKernel {
	return { driver: readNvidiaKernelModule()?.version, kernel: readKernel()?.release };
}
