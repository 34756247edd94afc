import { existsSync } from 'node:fs';
import { isKernelAtLeast, type KernelInfo, type TracingPrivileges } from '@ingero/host';
import { type CheckResult, missing, ok, optional } from './result';

/** The oldest kernel by processor: see "Which kernel" in bpf/README.md. */
const OLDEST_KERNEL: Readonly<Record<string, readonly [major: number, minor: number]>> = {
	x64: [5, 15],
	arm64: [5, 18],
};

/** What of a machine nobody can mend without another kernel or other hardware: nothing is probed there. */
export function machineChecks(kernel: KernelInfo, architecture: string = process.arch): CheckResult[] {
	const oldest = OLDEST_KERNEL[architecture];
	return [
		oldest === undefined
			? missing('processor', architecture, 'probing needs x86-64 or arm64')
			: ok('processor', architecture),
		oldest !== undefined && !isKernelAtLeast(kernel.version, ...oldest)
			? missing('kernel', kernel.release, `boot Linux ${oldest.join('.')} or newer`)
			: ok('kernel', kernel.release),
		kernel.btf
			? ok('type information', '/sys/kernel/btf/vmlinux')
			: missing('type information', 'not there', 'boot a kernel built with CONFIG_DEBUG_INFO_BTF'),
		kernel.lockdown === 'confidentiality'
			? missing(
					'lockdown',
					kernel.lockdown,
					'this mode forbids eBPF to read memory: boot with lockdown=integrity or none',
				)
			: ok('lockdown', kernel.lockdown),
	];
}

/** Why no process of this machine can be traced, whoever asks; undefined where it can be tried. */
export function machineRefusal(kernel: KernelInfo, architecture?: string): string | undefined {
	const refusal = machineChecks(kernel, architecture).find(({ status }) => status === 'missing');
	return refusal && `cannot trace on this machine: ${refusal.name} ${refusal.value}: ${refusal.advice}`;
}

/** Who asks, and from where. */
export function surroundingsChecks(kernel: KernelInfo, privileges: TracingPrivileges): CheckResult[] {
	return [
		privileges.canTrace
			? ok('privileges', 'enough to trace')
			: missing('privileges', 'not enough to trace', privileges.remedy),
		...privileges.missing
			.filter(({ required }) => !required)
			.map(({ capabilities: [name], purpose }) => optional('privileges', `no ${name}`, `needed to ${purpose}`)),
		kernel.inInitialPidNamespace
			? ok('process namespace', "the host's")
			: optional(
					'process namespace',
					'one of its own',
					'run with the host process namespace (hostPID: true, --pid=host): processes have other numbers here',
				),
		existsSync('/sys/fs/cgroup/cgroup.controllers')
			? ok('cgroups', 'version 2')
			: optional(
					'cgroups',
					'version 1 or none',
					'workloads go by the path of the memory controller, or by process alone',
				),
	];
}
