import type { BpfObject, Features } from '@ingero/bpf-loader-native';
import { Attachments } from '../attach/attachments';
import type { LibraryProbes, SitePolicy } from '../attach/library-probes';
import type { ProbedFunction } from '../functions';
import type { ProbeLevel } from '../guard/governor';
import { OverheadControl, type ProbeSwitches } from '../guard/overhead-control';
import type { ProbeCosts } from '../guard/probe-costs';
import type { WatchedTimes } from '../guard/watched-times';
import type { KernelState } from '../kernel-state';
import type { Admission } from './admission';
import type { ProbeSessionOptions } from './session-options';

/** The probes on libraries, as many of them as guard mode and the limit of their cost let be. */
export class GovernedProbes {
	readonly #attachments: Attachments;
	readonly #control: OverheadControl;
	readonly #admission: Admission;
	readonly #state: KernelState;
	readonly #costs: ProbeCosts;
	readonly #nowNs: () => number;

	/**
	 * @param parts.kernel what this one can do
	 * @param parts.nowNs the time now, ns since the source's base
	 */
	constructor(
		options: ProbeSessionOptions,
		parts: {
			readonly object: BpfObject;
			readonly state: KernelState;
			readonly admission: Admission;
			readonly costs: ProbeCosts;
			readonly functions: readonly ProbedFunction[];
			readonly policy: SitePolicy;
			readonly kernel: Features;
			readonly nowNs: () => number;
		},
	) {
		const { object, functions, policy, kernel } = parts;
		const multi = kernel.uprobeMulti.supported;
		this.#admission = parts.admission;
		this.#state = parts.state;
		this.#costs = parts.costs;
		this.#nowNs = parts.nowNs;
		this.#attachments = new Attachments({
			object,
			multi,
			pids: options.pids,
			uids: options.uids,
			functions,
			policy,
			// Before Linux 6.10 a multi link's pid means one thread; the programs' own filter is right everywhere.
			limitLinks: !multi || kernel.uprobeMultiPid.supported,
			onEvent: (event) => {
				// A library that comes while launches are not watched is probed like the others.
				if (event.type === 'attached' && !this.watched.isOpen) event.probes.watchLaunches(false);
				options.onAttach?.(event);
			},
		});
		this.#control = new OverheadControl(this.#switches(), {
			limit: options.maxOverhead ?? 0,
			isGuarded: options.guard ?? false,
			onLevel: options.onLevel ?? (() => {}),
		});
	}

	/** Processes seen to use CUDA. */
	get cudaProcesses(): number[] {
		return this.#attachments.cudaProcesses;
	}

	get libraries(): readonly LibraryProbes[] {
		return this.#attachments.libraries;
	}

	/** When launches were watched. */
	get watched(): WatchedTimes {
		return this.#control.watched;
	}

	/** How much is probed now. */
	get level(): ProbeLevel {
		return this.#control.level;
	}

	/** What the probes cost the process that pays most, as a share of one thread's time; 0 without a limit. */
	get overhead(): number {
		return this.#control.overhead;
	}

	/** A step was slow. */
	outlier(): void {
		this.#control.outlier(this.#nowNs());
	}

	/** A process began to use CUDA. */
	processCame(): void {
		this.#control.processCame(this.#nowNs());
	}

	/** Probes a library before a process maps it, if that can be done. */
	attachAhead(path: string): void {
		this.#attachments.attachAhead(path);
	}

	/** Looks for new and for unused libraries. */
	update(nowMs: number): void {
		if (this.level !== 'off') this.#attachments.update(nowMs);
	}

	/** Measures the cost and changes what is probed, where that is due. */
	adjust(): void {
		this.#control.tick(this.#nowNs());
	}

	detachAll(): void {
		this.#attachments.detachAll();
	}

	#switches(): ProbeSwitches {
		return {
			now: this.#nowNs,
			watchLaunches: (isWanted) => {
				for (const library of this.libraries) library.watchLaunches(isWanted);
			},
			probe: (isWanted) => {
				if (isWanted) this.#attachments.resume();
				else this.#attachments.suspend();
			},
			deliverEvents: (isWanted) => this.#admission.deliverEvents(isWanted),
			measure: () => ({
				processes: this.#state.hits(),
				launchNs: this.#costs.launchNs,
				otherNs: this.#costs.otherNs,
				eventShare: this.#state.eventShare(),
			}),
		};
	}
}
