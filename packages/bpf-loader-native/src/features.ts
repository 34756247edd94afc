import { release } from 'node:os';
import { binding } from './binding';
import { errnoName } from './errno';
import { permissionHint } from './internal/hint';

/** Whether the kernel has something and lets this process use it; else why not. */
export type Feature = { readonly supported: true } | { readonly supported: false; readonly reason: string };

export interface Features {
	/** As `uname -r` says. */
	readonly kernel: string;
	/** The kernel's own type information, for CO-RE and tp_btf programs. */
	readonly btf: Feature;
	/** Ring buffer maps. */
	readonly ring: Feature;
	/** Probes in user space through perf events. */
	readonly uprobe: Feature;
	/** A number of the probe's choosing that its program can read. */
	readonly uprobeCookie: Feature;
	/** Many probes with one link. */
	readonly uprobeMulti: Feature;
	/** Such a link limited to a process and not, as in the first kernels that had it, to one thread. */
	readonly uprobeMultiPid: Feature;
	/** One program at a function's entry and return. */
	readonly uprobeSession: Feature;
	readonly tracepoint: Feature;
	readonly kprobe: Feature;
	/** Programs at the entry and the return of kernel functions, cheaper than kprobes. */
	readonly fentry: Feature;
}

/** What a kernel without the feature lacks: the version it came with, or the option it was built without. */
const ABSENT: Record<Exclude<keyof Features, 'kernel'>, string> = {
	btf: 'the kernel was built without CONFIG_DEBUG_INFO_BTF',
	ring: 'needs Linux 5.8',
	uprobe: 'the kernel was built without CONFIG_UPROBE_EVENTS',
	uprobeCookie: 'needs Linux 5.15',
	uprobeMulti: 'needs Linux 6.6',
	uprobeMultiPid: 'needs Linux 6.10',
	uprobeSession: 'needs Linux 6.13',
	tracepoint: 'the kernel was built without tracepoints, or tracefs can’t be read',
	kprobe: 'the kernel was built without CONFIG_KPROBES or CONFIG_KPROBE_EVENTS',
	fentry: 'the kernel was built without CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS',
};

let known: Features | undefined;

/**
 * What this kernel can do, found out by trying each with a two-instruction program; nothing stays attached. Asked once
 * per thread (some 10 ms), the same answer afterwards.
 *
 * @throws {BpfError} INGERO_BPF_PLATFORM, INGERO_BPF_ADDON
 */
export function features(): Features {
	known ??= Object.freeze({
		kernel: release(),
		btf: probe('btf'),
		ring: probe('ring'),
		uprobe: probe('uprobe'),
		uprobeCookie: probe('uprobeCookie'),
		uprobeMulti: probe('uprobeMulti'),
		uprobeMultiPid: probe('uprobeMultiPid'),
		uprobeSession: probe('uprobeSession'),
		tracepoint: probe('tracepoint'),
		kprobe: probe('kprobe'),
		fentry: probe('fentry'),
	});
	return known;
}

function probe(name: keyof typeof ABSENT): Feature {
	const errno = binding().featureProbe(name);
	if (errno === 0) return { supported: true };
	const error = errnoName(errno);
	const why =
		error === 'EPERM' || error === 'EACCES'
			? permissionHint(name === 'tracepoint' ? 'attach tracepoint' : 'load')
			: ABSENT[name];
	return { supported: false, reason: `${error}: ${why}` };
}
