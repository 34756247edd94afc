import type { HostSources } from '../host/host-sources';
import type { KernelState } from '../kernel-state';
import type { GovernedProbes } from './governed-probes';

/** Tells of processes that use CUDA whoever has to know, and has those forgotten that have ended. */
export class CudaProcesses {
	readonly #probes: GovernedProbes;
	readonly #host: HostSources;
	readonly #state: KernelState;
	#known: ReadonlySet<number> = new Set();
	readonly #ended = new Set<number>();

	constructor(parts: { readonly probes: GovernedProbes; readonly host: HostSources; readonly state: KernelState }) {
		this.#probes = parts.probes;
		this.#host = parts.host;
		this.#state = parts.state;
	}

	/** Processes that use CUDA since the last look, or no longer. */
	look(): void {
		const pids = this.#probes.cudaProcesses;
		if (pids.some((pid) => !this.#known.has(pid))) this.#probes.processCame();
		this.#known = new Set(pids);
		this.#host.setTargets(pids);
	}

	ended(pid: number): void {
		this.#ended.add(pid);
		this.#host.forgetProcess(pid);
	}

	/** All at once: each time, whole maps are looked through. */
	forgetEnded(): void {
		if (this.#ended.size === 0) return;
		this.#state.forgetProcesses(this.#ended);
		this.#ended.clear();
	}
}
