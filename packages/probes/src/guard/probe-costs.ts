import { type BpfObject, enableRunStatistics, type RunStatistics } from '@ingero/bpf-loader-native';

/** Statistics cost each run some 50 ns themselves, so they are taken from one look to the next, every so many looks. */
const PERIOD_LOOKS = 15;
/** Which look of a period it is: the third, when what a process does at first is over. */
const SAMPLED_LOOK = 2;
/**
 * What a hit costs before its program runs, and after: the trap into the kernel and back, ns. Measured on virtual
 * machines with Linux 6.18; a machine without a hypervisor pays less.
 */
const TRAP_NS = 950;
/** Until programs have been timed. */
const ASSUMED_RUN_NS = 300;

const LAUNCH_PROGRAMS: ReadonlySet<string> = new Set(['launch_kernel', 'launch_kernel_ex']);

/** One program's runs, as the kernel timed them while somebody asked it to. */
export interface ProgramCost {
	readonly program: string;
	readonly runs: number;
	readonly runNs: number;
}

/** What a hit of a probe costs the traced process: the trap, and the program's own time as the kernel measures it. */
export class ProbeCosts {
	readonly #object: BpfObject;
	readonly #names: readonly string[];
	#statistics: RunStatistics | undefined;
	#looks = 0;

	/** @param names programs of the object that probes run */
	constructor(object: BpfObject, names: readonly string[]) {
		this.#object = object;
		this.#names = names;
	}

	/** Called once a second: turns the kernel's clocks on and off. Without the privilege the assumed times stay. */
	look(): void {
		const inSample = this.#looks % PERIOD_LOOKS === SAMPLED_LOOK;
		this.#looks += 1;
		if (!inSample) {
			this.#statistics?.close();
			this.#statistics = undefined;
		} else if (this.#statistics === undefined) {
			try {
				this.#statistics = enableRunStatistics();
			} catch {
				return;
			}
		}
	}

	get launchNs(): number {
		return TRAP_NS + meanRunNs(this.programs().filter(({ program }) => LAUNCH_PROGRAMS.has(program)));
	}

	get otherNs(): number {
		return TRAP_NS + meanRunNs(this.programs().filter(({ program }) => !LAUNCH_PROGRAMS.has(program)));
	}

	programs(): ProgramCost[] {
		return this.#names.map((program) => {
			const { runCount, runTimeNs } = this.#object.program(program).statistics();
			return { program, runs: runCount, runNs: runTimeNs };
		});
	}

	close(): void {
		this.#statistics?.close();
		this.#statistics = undefined;
	}
}

function meanRunNs(costs: readonly ProgramCost[]): number {
	const runs = costs.reduce((sum, cost) => sum + cost.runs, 0);
	return runs === 0 ? ASSUMED_RUN_NS : costs.reduce((sum, cost) => sum + cost.runNs, 0) / runs;
}
