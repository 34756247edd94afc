import { isKernelAtLeast, type KernelVersion } from '../kernel/kernel-version';
import type { Capabilities } from './capabilities';
import type { CapabilityName } from './capability-names';

/** One privilege that tracing asks for and the process lacks. */
export interface MissingPrivilege {
	/** any one of these would do, the narrowest first */
	readonly capabilities: readonly [CapabilityName, ...CapabilityName[]];
	/** `false`: tracing works without it, in a narrower way that `purpose` tells */
	readonly required: boolean;
	/** what it is needed for, to be read after "needed to" */
	readonly purpose: string;
}

export interface TracingPrivileges {
	readonly missing: readonly MissingPrivilege[];
	/** whether nothing required is missing */
	readonly canTrace: boolean;
	/** one sentence that says how to get what is missing; `undefined` where nothing is */
	readonly remedy: string | undefined;
}

export interface TracingPrivilegesOptions {
	readonly capabilities: Capabilities;
	readonly kernelVersion: KernelVersion;
	/** The program file capabilities would be given to; default the running Node, `process.execPath`. */
	readonly executable?: string;
}

interface Need extends MissingPrivilege {
	/** first kernel that no longer asks for it */
	readonly before?: readonly [major: number, minor: number];
}

const NEEDS: readonly Need[] = [
	{ capabilities: ['cap_bpf', 'cap_sys_admin'], required: true, purpose: 'load BPF programs and maps' },
	{ capabilities: ['cap_perfmon', 'cap_sys_admin'], required: true, purpose: 'attach probes and read user memory' },
	{
		capabilities: ['cap_sys_ptrace'],
		required: false,
		purpose: 'find the CUDA libraries of other users’ processes',
	},
	{
		capabilities: ['cap_dac_read_search', 'cap_dac_override'],
		required: false,
		purpose: 'open libraries and tracepoint ids that only root may read',
	},
	{
		// Since commit d5299b67dd59 ("bpf: Memcg-based memory accounting for bpf maps") maps no longer count as locked memory.
		capabilities: ['cap_sys_resource'],
		required: true,
		purpose: 'lift the locked-memory limit for BPF maps',
		before: [5, 11],
	},
];

/**
 * Compares what the process may do with what `ingero trace` needs.
 *
 * This reads masks and tries nothing: a seccomp filter or a security module can still refuse a capability that is there.
 */
export function checkTracingPrivileges(options: TracingPrivilegesOptions): TracingPrivileges {
	const { capabilities, kernelVersion, executable = process.execPath } = options;
	const missing: readonly MissingPrivilege[] = NEEDS.filter(
		(need) =>
			(need.before === undefined || !isKernelAtLeast(kernelVersion, ...need.before)) &&
			!(capabilities.inInitialUserNamespace && need.capabilities.some((name) => capabilities.effective.has(name))),
	).map(({ capabilities, required, purpose }) => ({ capabilities, required, purpose }));
	return {
		missing,
		canTrace: missing.every((privilege) => !privilege.required),
		remedy: missing.length === 0 ? undefined : remedyFor(missing, capabilities, executable),
	};
}

function remedyFor(missing: readonly MissingPrivilege[], capabilities: Capabilities, executable: string): string {
	if (!capabilities.inInitialUserNamespace) {
		return 'Run it outside the user namespace (a rootless container is one): capabilities inside it do not reach the kernel.';
	}
	const names = missing.map((privilege) => privilege.capabilities[0]).join(',');
	return `Run it with sudo, or grant it once with: sudo setcap ${names}+ep ${quoted(executable)}`;
}

/** For a POSIX shell, and untouched where it needs no quotes. */
function quoted(path: string): string {
	return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
