import { existsSync } from 'node:fs';
import { DEFAULT_PROC_ROOT, type ProcOptions, readNamespace, readTextFile } from '../proc-files';
import { type KernelVersion, parseKernelVersion } from './kernel-version';

/** PROC_PID_INIT_INO of include/linux/proc_ns.h: the pid namespace every machine starts with. */
const INITIAL_PID_NAMESPACE = 0xeffffffc;

export interface KernelOptions extends ProcOptions {
	/** where sysfs is; default `/sys` */
	readonly sysRoot?: string;
}

/** How far a locked-down kernel keeps root out; BPF that reads memory stops working at `confidentiality`. */
export type LockdownMode = 'none' | 'integrity' | 'confidentiality';

/** What the running kernel offers to a tracer. */
export interface KernelInfo {
	/** as of `uname -r` */
	readonly release: string;
	readonly version: KernelVersion;
	/** whether the kernel describes its own types, so that one BPF object fits it */
	readonly btf: boolean;
	/** whether perf can open user probes and kernel probes */
	readonly uprobes: boolean;
	readonly kprobes: boolean;
	/** `none` also where the kernel has no lockdown */
	readonly lockdown: LockdownMode;
	/** Yama's `ptrace_scope`, 0 to 3; `undefined` without Yama */
	readonly ptraceScope: number | undefined;
	/** whether process ids here are the ids that kernel events carry */
	readonly inInitialPidNamespace: boolean;
	/** which container engine this process seems to run under */
	readonly container: string | undefined;
}

/** @returns `undefined` where there is no Linux kernel to read about */
export function readKernel(options: KernelOptions = {}): KernelInfo | undefined {
	const { procRoot = DEFAULT_PROC_ROOT, sysRoot = '/sys' } = options;
	const release = readTextFile(`${procRoot}/sys/kernel/osrelease`)?.trim();
	const version = release === undefined ? undefined : parseKernelVersion(release);
	if (release === undefined || version === undefined) return undefined;
	const ptraceScope = readTextFile(`${procRoot}/sys/kernel/yama/ptrace_scope`);
	const pidNamespace = readNamespace(`${procRoot}/self/ns/pid`);
	return {
		release,
		version,
		btf: existsSync(`${sysRoot}/kernel/btf/vmlinux`),
		uprobes: existsSync(`${sysRoot}/bus/event_source/devices/uprobe`),
		kprobes: existsSync(`${sysRoot}/bus/event_source/devices/kprobe`),
		lockdown: parseLockdown(readTextFile(`${sysRoot}/kernel/security/lockdown`)),
		ptraceScope: ptraceScope === undefined ? undefined : Number(ptraceScope),
		inInitialPidNamespace: pidNamespace === undefined || pidNamespace === INITIAL_PID_NAMESPACE,
		container: detectContainer(procRoot),
	};
}

/** The file lists all modes and puts the present one in brackets: `none [integrity] confidentiality`. */
function parseLockdown(text: string | undefined): LockdownMode {
	const mode = text?.match(/\[(\w+)\]/)?.[1];
	return mode === 'integrity' || mode === 'confidentiality' ? mode : 'none';
}

/**
 * Files that engines leave in the root folder, else names in the cgroup of process 1. An engine that gives the container
 * a cgroup namespace and leaves no file stays unseen.
 */
function detectContainer(procRoot: string): string | undefined {
	if (existsSync(`${procRoot}/self/root/.dockerenv`)) return 'docker';
	if (existsSync(`${procRoot}/self/root/run/.containerenv`)) return 'podman';
	return readTextFile(`${procRoot}/1/cgroup`)?.match(/kubepods|containerd|docker|libpod|lxc/)?.[0];
}
