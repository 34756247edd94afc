import { type BpfObject, features } from '@ingero/bpf-loader-native';
import { type LedgerConsumer, type LedgerSource, type LossLedger, SourceClock } from '@ingero/steps';
import type { LibraryProbes } from '../attach/library-probes';
import { type Operations, probedFunctions, probedOperations } from '../functions';
import type { ProbeLevel } from '../guard/governor';
import { ProbeCosts, type ProgramCost } from '../guard/probe-costs';
import { HostSources } from '../host/host-sources';
import { KernelState, lossesOf } from '../kernel-state';
import { requireSafeProbes } from '../self-test/self-test';
import { StackReader } from '../stacks/stack-reader';
import { Admission } from './admission';
import { CudaProcesses } from './cuda-processes';
import { GovernedProbes } from './governed-probes';
import { Polling } from './polling';
import { attachScheduler, loadProbeObject } from './probe-object';
import { RingReader } from './ring-reader';
import { checkOptions, type ProbeSessionOptions } from './session-options';
import { Upkeep } from './upkeep';

/** The probes of this machine as a source of ledgers. */
export class ProbeSession implements LedgerSource {
	/** What the codes of this session's events mean. */
	readonly operations: Operations;
	readonly #object: BpfObject;
	readonly #clock: SourceClock;
	readonly #state: KernelState;
	readonly #admission: Admission;
	readonly #host: HostSources;
	readonly #stacks: StackReader;
	readonly #costs: ProbeCosts;
	readonly #probes: GovernedProbes;
	readonly #librariesAhead: readonly string[];
	readonly #polling = new Polling();
	#hasRun = false;
	#reader: RingReader | undefined;
	/** What is left to be asked for when the session is over. */
	#final: { readonly losses: LossLedger; readonly costs: ProgramCost[] } | undefined;

	/**
	 * Loads the programs; nothing is attached before {@link run}.
	 *
	 * @throws ProbeError on a platform without probes; BpfError when the kernel refuses, with the reason; TypeError for
	 * an option out of range
	 */
	constructor(options: ProbeSessionOptions = {}) {
		checkOptions(options);
		this.#librariesAhead = options.libraries ?? [];
		const functions = probedFunctions(options);
		const programs = new Set([...functions.map(({ program }) => program), 'timed_call_returned']);
		const { longNops } = requireSafeProbes({ objectDirectory: options.objectDirectory });
		const kernel = features();
		this.#object = loadProbeObject(options, { programs, multi: kernel.uprobeMulti.supported });
		let host: HostSources | undefined;
		try {
			this.#clock = new SourceClock(process.hrtime.bigint(), options.wallOffsetNs);
			this.#state = new KernelState(this.#object);
			this.#admission = new Admission(this.#state, this.#clock, options.admission ?? 0);
			host = new HostSources(options);
			this.#host = host;
			this.#stacks = new StackReader(this.#object.map('stacks'));
			this.operations = new Map([...probedOperations(options), ...host.operations]);
			this.#costs = new ProbeCosts(this.#object, [...programs]);
			if (options.pids !== undefined) this.#state.setTargets(options.pids);
			if (options.uids !== undefined) this.#state.setUsers(options.uids);
			this.#probes = new GovernedProbes(options, {
				object: this.#object,
				state: this.#state,
				admission: this.#admission,
				costs: this.#costs,
				functions,
				policy: { allowStepped: options.allowSteppedSites, longNops: longNops.safe },
				kernel,
				nowNs: () => this.nowNs(),
			});
		} catch (error) {
			host?.close();
			this.#object.close();
			throw error;
		}
	}

	/** The time now, ns since the source's base. */
	nowNs(): number {
		return Number(process.hrtime.bigint() - this.#clock.baseNs);
	}

	/** Processes seen to use CUDA. */
	get cudaProcesses(): number[] {
		return this.#probes.cudaProcesses;
	}

	get libraries(): readonly LibraryProbes[] {
		return this.#probes.libraries;
	}

	/** What became of each program that watches the host. */
	get hostReports(): HostSources['reports'] {
		return this.#host.reports;
	}

	/** The probes on the driver's ioctls, where they were asked for. */
	get memoryIoctls(): HostSources['ioctls'] {
		return this.#host.ioctls;
	}

	/**
	 * The user stack that an event `call_stack` names: addresses, innermost first, which a {@link Symbolizer} names.
	 * `undefined` for an unknown number, without the option `stacks`, and when the session is over.
	 */
	stack(id: number): bigint[] | undefined {
		return this.#final === undefined ? this.#stacks.read(id) : undefined;
	}

	/** Delivers every step's raw events until `untilNs` (ns since the source's base); Infinity is for good. */
	admitAllUntil(untilNs: number): void {
		if (Number.isNaN(untilNs)) throw new TypeError('untilNs: expected a time in ns, got NaN');
		if (this.#final === undefined) this.#admission.admitAllUntil(untilNs);
	}

	/** A step was slow: in guard mode, launches are watched for a second. */
	outlier(): void {
		this.#probes.outlier();
	}

	/** How much is probed now. */
	get level(): ProbeLevel {
		return this.#probes.level;
	}

	/** What the probes cost the process that pays most, as a share of one thread's time; 0 without a limit. */
	get overhead(): number {
		return this.#probes.overhead;
	}

	/** Runs of the probes' programs and their time, from samples of the session. */
	programCosts(): ProgramCost[] {
		return this.#final?.costs ?? this.#costs.programs();
	}

	/** @throws BpfError INGERO_BPF_CLOSED the second time: a session runs once */
	async run(consumer: LedgerConsumer): Promise<void> {
		this.#hasRun = true;
		consumer.opened({ clock: this.#clock, operations: this.operations });
		const [host, probes] = [this.#host, this.#probes];
		const parts = { object: this.#object, state: this.#state, costs: this.#costs, host, probes };
		const processes = new CudaProcesses(parts);
		const reader = new RingReader({
			...parts,
			clock: this.#clock,
			operations: this.operations,
			consumer,
			onExit: (pid) => processes.ended(pid),
		});
		this.#reader = reader;
		const upkeep = new Upkeep({ ...parts, processes, reader });
		try {
			attachScheduler(this.#object);
			for (const path of this.#librariesAhead) probes.attachAhead(path);
			await this.#polling.run(() => {
				upkeep.tick();
				return reader.read(this.nowNs());
			});
			probes.detachAll();
			host.stop();
			reader.end();
		} finally {
			this.#release();
		}
	}

	stop(): void {
		this.#polling.stop();
	}

	/** Detaches and unloads everything, by way of {@link stop} while it runs; harmless when that has happened. */
	close(): void {
		if (this.#hasRun) this.stop();
		else this.#release();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	losses(): LossLedger {
		if (this.#final !== undefined) return this.#final.losses;
		const { received = 0, late = 0 } = this.#reader ?? {};
		return lossesOf(this.#state.counters(), received, late, this.#host.losses());
	}

	#release(): void {
		if (this.#final !== undefined) return;
		this.#final = { losses: this.losses(), costs: this.#costs.programs() };
		this.#costs.close();
		this.#host.close();
		this.#object.close();
	}
}
