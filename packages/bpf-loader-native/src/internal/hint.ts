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
	if (name === 'EPERM' || name === 'EACCES') return permissionHint();
	if (failure.code === 'INGERO_BPF_OPEN') return 'the file must be an eBPF object (clang -target bpf -g)';
	if (failure.code === 'INGERO_BPF_MAP' && name === 'E2BIG') return 'the map is full, or the index is past its end';
	if (/kernel BTF|vmlinux/.test(failure.messages) && !existsSync('/sys/kernel/btf/vmlinux')) {
		return 'this kernel carries no type information (CONFIG_DEBUG_INFO_BTF), which the object needs';
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
	'attach BTF tracepoint': {
		EINVAL: 'the program’s section must be tp_btf/…',
	},
};

const CAPABILITIES: readonly { readonly bit: bigint; readonly name: string }[] = [
	{ bit: 38n, name: 'CAP_PERFMON' },
	{ bit: 39n, name: 'CAP_BPF' },
];
const CAP_SYS_ADMIN = 21n;

/** Which permission is missing: a capability of this process, or one that the machine withholds from everybody. */
export function permissionHint(): string {
	const missing = missingCapabilities(readText('/proc/self/status'));
	if (missing.length > 0) return `run as root, or grant ${missing.join(' and ')} (CAP_SYS_ADMIN before Linux 5.8)`;
	const lockdown = /\[(integrity|confidentiality)\]/.exec(readText('/sys/kernel/security/lockdown'))?.[1];
	if (lockdown) return `the kernel is locked down (${lockdown}), see /sys/kernel/security/lockdown`;
	return 'a security module, a seccomp filter or the kernel’s build refuses this operation or program type';
}

/** Capabilities for eBPF that the effective set in a /proc/PID/status text lacks. */
export function missingCapabilities(status: string): string[] {
	const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
	const has = (bit: bigint): boolean => ((effective >> bit) & 1n) === 1n;
	if (has(CAP_SYS_ADMIN)) return [];
	return CAPABILITIES.filter(({ bit }) => !has(bit)).map(({ name }) => name);
}

function readText(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}
