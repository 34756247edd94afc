import { existsSync, readFileSync } from 'node:fs';
import { errnoName } from '../errno';

export interface Failure {
	readonly code: string;
	readonly operation: string;
	readonly errno: number;
	readonly messages: string;
	readonly verifierLog: string;
}

/** What the reader can do about a failure, as far as it is known. */
export function hintFor(failure: Failure): string | undefined {
	const name = failure.errno === 0 ? '' : errnoName(failure.errno);
	if (failure.verifierLog) return undefined;
	if (name === 'EPERM' || name === 'EACCES') return permissionHint(failure.operation);
	if (failure.code === 'INGERO_BPF_OPEN') return 'the file must be an eBPF object (clang -target bpf -g)';
	if (failure.code === 'INGERO_BPF_MAP' && name === 'E2BIG') return 'the map is full, or the index is past its end';
	if (/kernel BTF|vmlinux/.test(failure.messages) && !existsSync('/sys/kernel/btf/vmlinux')) {
		return 'this kernel carries no type information (CONFIG_DEBUG_INFO_BTF), which the object needs';
	}
	if (failure.code === 'INGERO_BPF_LOAD' && name === 'ENOMEM') {
		return 'maps count towards the memory limit of this process’s cgroup: raise it, or lower maxEntries';
	}
	return ATTACH_HINTS[failure.operation]?.[name];
}

const ATTACH_HINTS: Record<string, Record<string, string>> = {
	'attach uprobe': {
		ENOENT: 'no such file or symbol, or this kernel has no uprobes (CONFIG_UPROBE_EVENTS)',
		EINVAL: 'the offset lies outside the file’s code, or the program was opened for uprobe.multi',
		ESRCH: 'there is no process with that pid',
		ENOTSUPP: 'the kernel can’t probe the instruction at that offset',
	},
	'attach uprobe_multi': {
		EINVAL: 'uprobe.multi needs Linux 6.6, uprobe.session 6.13; features() tells what this kernel has',
		EBADF: 'the path must be a regular file',
		ESRCH: 'there is no process with that pid',
		ENOTSUPP: 'the kernel can’t probe the instruction at one of the offsets',
	},
	'attach tracepoint': {
		ENOENT: 'this kernel has no such tracepoint',
		ENODEV: 'this kernel was built without tracefs',
		EINVAL: 'the program’s section must be tracepoint/… or tp/…',
	},
	'attach kprobe': {
		ENOTSUP: 'this kernel was built without kprobes (CONFIG_KPROBE_EVENTS); features().kprobe tells',
		ENOENT: 'no such function in /proc/kallsyms; a module’s must be loaded',
		EINVAL: 'the function may not be probed, or the program’s section is not kprobe or kretprobe',
		EADDRNOTAVAIL: 'the function may not be probed, or the offset is not the start of an instruction',
		EILSEQ: 'the offset is not the start of an instruction',
	},
	'attach fentry': {
		ENOTSUPP:
			'this kernel can’t attach to functions (CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS); features().fentry tells',
		EBUSY: 'this kernel can’t attach to functions (CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS); features().fentry tells',
		EINVAL: 'the program’s section must be fentry/… or fexit/…',
	},
	'attach BTF tracepoint': {
		EINVAL: 'the program’s section must be tp_btf/…',
	},
};

/** Bits of include/uapi/linux/capability.h. */
const CAPABILITIES = { CAP_SYS_ADMIN: 21n, CAP_PERFMON: 38n, CAP_BPF: 39n } as const;
export type Capability = keyof typeof CAPABILITIES;

const FOR_PROGRAMS: readonly Capability[] = ['CAP_BPF', 'CAP_PERFMON'];
/** tracefs is root's, and the machine's statistics concern everybody. */
const FOR_OPERATION: Readonly<Record<string, readonly Capability[]>> = {
	'attach tracepoint': ['CAP_SYS_ADMIN'],
	'bpf(BPF_ENABLE_STATS)': ['CAP_SYS_ADMIN'],
};

/** Which permission is missing: a capability of this process, or one that the machine withholds from everybody. */
export function permissionHint(operation: string): string {
	const missing = missingCapabilities(readText('/proc/self/status'), FOR_OPERATION[operation] ?? FOR_PROGRAMS);
	if (missing.length > 0) return `run as root, or grant ${missing.join(' and ')}`;
	const lockdown = /\[(integrity|confidentiality)\]/.exec(readText('/sys/kernel/security/lockdown'))?.[1];
	if (lockdown) return `the kernel is locked down (${lockdown}), see /sys/kernel/security/lockdown`;
	return 'a security module, a seccomp filter or the kernel’s build refuses this operation or program type';
}

/** Those of `needed` that the effective set in a /proc/PID/status text lacks; CAP_SYS_ADMIN stands for all of them. */
export function missingCapabilities(status: string, needed: readonly Capability[]): readonly Capability[] {
	const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
	const has = (name: Capability): boolean => ((effective >> CAPABILITIES[name]) & 1n) === 1n;
	return has('CAP_SYS_ADMIN') ? [] : needed.filter((name) => !has(name));
}

function readText(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}
