import { type Feature, features, version as libbpfVersion } from '@ingero/bpf-loader-native';
import {
	checkTracingPrivileges,
	isKernelAtLeast,
	queryNvidiaGpus,
	readCapabilities,
	readKernel,
	readNvidiaKernelModule,
} from '@ingero/host';
import { LibraryDiscovery, planSites, surveySymbols } from '@ingero/probes';
import { messageOf } from '../errors';

/** One thing that was looked at. */
export interface CheckResult {
	readonly name: string;
	/** `optional`: ingero works without it, in a narrower or costlier way. */
	readonly status: 'ok' | 'optional' | 'missing';
	readonly value: string;
	readonly advice?: string;
}

const OLDEST_KERNEL = [5, 15] as const;

/** Looks at everything tracing needs, by trying where that is possible. Never throws for what it finds. */
export async function runChecks(): Promise<CheckResult[]> {
	const kernel = readKernel();
	if (kernel === undefined) {
		return [
			{
				name: 'operating system',
				status: 'missing',
				value: `${process.platform} ${process.arch}`,
				advice: 'tracing needs Linux; replay, queries and analysis work here',
			},
		];
	}
	const capabilities = readCapabilities();
	const privileges = checkTracingPrivileges({ capabilities, kernelVersion: kernel.version });
	const recent = isKernelAtLeast(kernel.version, ...OLDEST_KERNEL);
	return [
		{
			name: 'kernel',
			status: recent ? 'ok' : 'missing',
			value: kernel.release,
			...(recent ? {} : { advice: `${OLDEST_KERNEL.join('.')} or newer is needed` }),
		},
		{
			name: 'type information',
			status: kernel.btf ? 'ok' : 'missing',
			value: kernel.btf ? '/sys/kernel/btf/vmlinux' : 'not there',
			...(kernel.btf ? {} : { advice: 'boot a kernel built with CONFIG_DEBUG_INFO_BTF' }),
		},
		{
			name: 'lockdown',
			status: kernel.lockdown === 'confidentiality' ? 'missing' : 'ok',
			value: kernel.lockdown,
		},
		{
			name: 'privileges',
			status: privileges.canTrace ? 'ok' : 'missing',
			value: privileges.canTrace ? 'enough to trace' : 'not enough to trace',
			...(privileges.remedy === undefined ? {} : { advice: privileges.remedy }),
		},
		{
			name: 'process namespace',
			status: kernel.inInitialPidNamespace ? 'ok' : 'optional',
			value: kernel.inInitialPidNamespace ? "the host's" : 'one of its own',
			...(kernel.inInitialPidNamespace
				? {}
				: { advice: 'run with the host process namespace (hostPID: true, --pid=host)' }),
		},
		...kernelFeatures(),
		...(await gpuChecks()),
		...libraryChecks(),
	];
}

function kernelFeatures(): CheckResult[] {
	try {
		const found = features();
		const need = (name: string, feature: Feature, status: 'optional' | 'missing'): CheckResult =>
			feature.supported ? { name, status: 'ok', value: 'works' } : { name, status, value: feature.reason };
		return [
			{ name: 'libbpf', status: 'ok', value: libbpfVersion() },
			need('uprobes', found.uprobe, 'missing'),
			need('uprobe cookies', found.uprobeCookie, 'missing'),
			need('ring buffers', found.ring, 'missing'),
			need('uprobe multi links', found.uprobeMulti, 'optional'),
			need('session uprobes', found.uprobeSession, 'optional'),
			need('kprobes', found.kprobe, 'optional'),
		];
	} catch (error) {
		return [{ name: 'eBPF', status: 'missing', value: messageOf(error) }];
	}
}

async function gpuChecks(): Promise<CheckResult[]> {
	const kernelModule = readNvidiaKernelModule();
	const gpus = await queryNvidiaGpus();
	return [
		{
			name: 'NVIDIA driver',
			status: kernelModule === undefined ? 'optional' : 'ok',
			value:
				kernelModule === undefined
					? 'no kernel module loaded'
					: `${kernelModule.version}${kernelModule.open ? ' (open)' : ''}`,
		},
		{
			name: 'GPUs',
			status: gpus === undefined ? 'optional' : 'ok',
			value: gpus === undefined ? 'nvidia-smi not found or silent' : gpus.map(({ name }) => name).join(', '),
		},
	];
}

/** Which CUDA libraries are in use, and where in them the probes would go. */
function libraryChecks(): CheckResult[] {
	const { appeared } = new LibraryDiscovery({}).scan();
	if (appeared.length === 0) {
		return [{ name: 'CUDA processes', status: 'ok', value: 'none at the moment; they are found when they start' }];
	}
	return appeared.map(({ path, reachablePath, pid }) => {
		try {
			const { probed, absent, stepped } = surveySymbols(planSites(reachablePath).symbols);
			return {
				name: 'CUDA library',
				status: absent.length > 0 || stepped.length > 0 ? ('optional' as const) : ('ok' as const),
				value: `${path} (process ${pid}): ${probed.length} functions can be probed`,
				...(absent.length + stepped.length === 0
					? {}
					: {
							advice: [
								...(stepped.length > 0 ? [`slow sites: ${stepped.join(', ')}`] : []),
								...(absent.length > 0 ? [`not exported: ${absent.join(', ')}`] : []),
							].join('; '),
						}),
			};
		} catch (error) {
			return { name: 'CUDA library', status: 'optional' as const, value: path, advice: messageOf(error) };
		}
	});
}
