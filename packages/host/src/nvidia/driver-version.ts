import { DEFAULT_PROC_ROOT, type ProcOptions, readTextFile } from '../proc-files';

/** The NVIDIA kernel module that is loaded. */
export interface NvidiaKernelModule {
	/** such as `570.86.15` */
	readonly version: string;
	/** whether it is the open-source variant */
	readonly open: boolean;
}

/** @param text of `/proc/driver/nvidia/version` */
export function parseNvidiaVersion(text: string): NvidiaKernelModule | undefined {
	const line = text.split('\n').find((candidate) => candidate.startsWith('NVRM version:'));
	const version = line?.match(/\s(\d{3,}(?:\.\d+)+)\s/)?.[1];
	return line === undefined || version === undefined
		? undefined
		: { version, open: line.includes('Open Kernel Module') };
}

/** @returns `undefined` where no module is loaded, and under WSL 2, whose driver lives on the other side */
export function readNvidiaKernelModule(options: ProcOptions = {}): NvidiaKernelModule | undefined {
	const text = readTextFile(`${options.procRoot ?? DEFAULT_PROC_ROOT}/driver/nvidia/version`);
	return text === undefined ? undefined : parseNvidiaVersion(text);
}
