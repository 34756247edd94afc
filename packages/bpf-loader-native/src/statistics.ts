import { binding } from './binding';
import type { Handle, Native } from './internal/native';

/** While open, the kernel counts and times the runs of every eBPF program on the machine (some 20 ns a run). */
export class RunStatistics {
	readonly #native: Native;
	readonly #handle: Handle<'link'>;

	/** @internal */
	constructor(native: Native) {
		this.#native = native;
		this.#handle = native.statisticsEnable();
	}

	/** Counting stops unless somebody else keeps it on; counters stay. Harmless when closed. */
	close(): void {
		this.#native.close(this.#handle);
	}

	[Symbol.dispose](): void {
		this.close();
	}
}

/**
 * Turns on what `BpfProgram.statistics()` reads, until closed, garbage collected or the end of the thread. Kernel 5.8.
 *
 * @throws {BpfError} INGERO_BPF_STATISTICS, for want of CAP_SYS_ADMIN
 */
export function enableRunStatistics(): RunStatistics {
	return new RunStatistics(binding());
}

/** Version of libbpf in use, such as `v1.1`. */
export function version(): string {
	return binding().version();
}
