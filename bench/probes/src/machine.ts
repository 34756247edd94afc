import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';

/** Where a figure was measured; none is worth anything without it. */
export interface Machine {
	readonly processor: string;
	readonly processors: number;
	readonly kernel: string;
	readonly architecture: string;
	/** Whether the processor says that it is a virtual machine's. */
	readonly virtual: boolean;
	/** Threads that ran or wanted to in the last minute: from one on, others disturbed the measurement. */
	readonly load: number;
}

export function machine(): Machine {
	return {
		processor: cpus()[0]?.model.trim() ?? 'unknown',
		processors: availableParallelism(),
		kernel: release(),
		architecture: process.arch,
		load: loadavg()[0] ?? 0,
		virtual: /^flags\s*:.*\bhypervisor\b/m.test(readFileSync('/proc/cpuinfo', 'utf8')),
	};
}

export function describeMachine({ processor, processors, kernel, architecture, virtual, load }: Machine): string {
	return `${processor}, ${processors} processors${virtual ? ' of a virtual machine' : ''}, ${architecture}, Linux ${kernel}, load ${load.toFixed(1)}`;
}
