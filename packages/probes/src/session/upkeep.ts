import type { ProbeCosts } from '../guard/probe-costs';
import type { KernelState } from '../kernel-state';
import type { CudaProcesses } from './cuda-processes';
import type { GovernedProbes } from './governed-probes';
import type { RingReader } from './ring-reader';

/** New processes and libraries are looked for this often: they are found well within a second. */
const DISCOVERY_MS = 250;
/** Threads that never read back draw their admission anew this often. */
const RENEWAL_MS = 1000;

/** What a session does from time to time, between two readings. */
export class Upkeep {
	readonly #probes: GovernedProbes;
	readonly #processes: CudaProcesses;
	readonly #reader: RingReader;
	readonly #state: KernelState;
	readonly #costs: ProbeCosts;
	#discoverAtMs = 0;
	#renewAtMs = 0;

	constructor(parts: {
		readonly probes: GovernedProbes;
		readonly processes: CudaProcesses;
		readonly reader: RingReader;
		readonly state: KernelState;
		readonly costs: ProbeCosts;
	}) {
		this.#probes = parts.probes;
		this.#processes = parts.processes;
		this.#reader = parts.reader;
		this.#state = parts.state;
		this.#costs = parts.costs;
	}

	/** Does what is due. */
	tick(): void {
		const nowMs = Number(process.hrtime.bigint() / 1_000_000n);
		if (nowMs >= this.#discoverAtMs) {
			this.#discover(nowMs);
			this.#discoverAtMs = nowMs + DISCOVERY_MS;
		}
		this.#probes.adjust();
		if (nowMs >= this.#renewAtMs) {
			this.#state.renew();
			this.#costs.look();
			this.#renewAtMs = nowMs + RENEWAL_MS;
		}
	}

	#discover(nowMs: number): void {
		this.#probes.update(nowMs);
		this.#processes.look();
		this.#processes.forgetEnded();
		this.#reader.takeUndeliveredEnds();
	}
}
