import { CauseAnalyzer } from '@ingero/causes';
import type { SummaryMessage } from '@ingero/contract/messages';
import type { AdmissionSampler, InferenceEngine } from '@ingero/infer-baseline';
import type { CompletedLedger, LedgerConsumer, LedgerSource, SourceClock } from '@ingero/steps';
import type { OpenedSource, SessionOutput } from '../output/session-output';
import type { AllocationFeed } from './allocation-feed';
import { summaryMessage } from './summary';

const TICK_MS = 1000;

/** What a session is wired from. */
export interface SessionParts {
	readonly kind: 'live' | 'replay';
	readonly source: LedgerSource;
	readonly engine: InferenceEngine;
	/** False keeps the engine out of it. */
	readonly watchesSteps: boolean;
	readonly outputs: readonly SessionOutput[];
	readonly cgroupPathHashOf: (pid: number) => string;
	readonly forgetProcess: (pid: number) => void;
	/** Absent where nobody follows the memory of processes. */
	readonly allocations?: AllocationFeed | undefined;
	/** What was probed, and what it cost; absent for a replay. */
	readonly probing?: (() => NonNullable<SummaryMessage['probing']>) | undefined;
	/** Asks for all raw events after an outlier, where the source can be asked. */
	readonly sampler?: { readonly state: AdmissionSampler; readonly admitAllUntil: (untilNs: number) => void };
}

/** Wires a source through the engine to the outputs, until the source ends. */
export class InferenceSession implements LedgerConsumer {
	readonly #parts: SessionParts;
	readonly #causes = new CauseAnalyzer();
	readonly #pids = new Set<number>();
	#clock: SourceClock | undefined;
	#firstNs: number | undefined;
	#lastNs = 0;
	#endedWorkloads = 0;
	/** Present only when an output wants raw events, so that nobody makes them for nothing. */
	readonly events?: (words: Uint32Array, count: number) => void;
	/** Likewise. */
	readonly memoryCall?: (words: Uint32Array, at: number, tNs: number) => void;
	/** Likewise. */
	readonly handleCall?: (words: Uint32Array, at: number, tNs: number) => void;

	constructor(parts: SessionParts) {
		this.#parts = parts;
		const interested = parts.outputs.filter((output) => output.events !== undefined);
		if (interested.length > 0) {
			this.events = (words, count) => {
				for (const output of interested) output.events?.(words, count);
			};
		}
		const bookkeepers = parts.outputs.filter((output) => output.handleCall !== undefined);
		if (bookkeepers.length > 0) {
			this.handleCall = (words, at, tNs) => {
				for (const output of bookkeepers) output.handleCall?.(words, at, tNs);
			};
		}
		const { allocations } = parts;
		if (allocations !== undefined) this.memoryCall = (words, at, tNs) => allocations.memoryCall(words, at, tNs);
	}

	opened(source: OpenedSource): void {
		this.#clock = source.clock;
		this.#parts.allocations?.opened(source, () => this.#parts.source.losses());
		for (const output of this.#parts.outputs) output.opened?.(source);
	}

	completed(ledger: CompletedLedger): void {
		const { engine, outputs, sampler, cgroupPathHashOf, watchesSteps, allocations } = this.#parts;
		if (!watchesSteps) return;
		this.#firstNs ??= ledger.firstWorkNs;
		this.#lastNs = ledger.completedNs;
		allocations?.advance(ledger.completedNs);
		const step = engine.observe({ ...ledger, cgroupPathHash: cgroupPathHashOf(ledger.pid), memfragEvents: 0 });
		if (step === undefined) return;
		this.#pids.add(step.pid);
		if (sampler !== undefined && step.bucket !== null) {
			sampler.state.bump(step.bucket, step.phase, step.endNs);
			const untilNs = sampler.state.cooldownEndNs;
			if (untilNs !== undefined && untilNs > step.endNs) sampler.admitAllUntil(untilNs);
		}
		const explanation = this.#causes.observe(
			{ ...step, allocs: ledger.allocs, frees: ledger.frees, evidence: step.tainted ? undefined : ledger.evidence },
			step.bucket !== null,
		);
		for (const output of outputs) output.step?.(step, explanation);
	}

	processExited(pid: number): void {
		const { engine, outputs } = this.#parts;
		for (const output of outputs) output.processExited?.(pid);
		this.#endedWorkloads += engine.workloads().filter((workload) => workload.pid === pid).length;
		engine.forgetProcess(pid);
		this.#causes.forgetProcess(pid);
		this.#parts.allocations?.processExited(pid);
		this.#parts.forgetProcess(pid);
	}

	/** Runs to the end of the source; then every output is closed, whatever went wrong before. */
	async run(): Promise<void> {
		const { source, outputs } = this.#parts;
		const ticker = setInterval(() => {
			for (const output of outputs) output.tick?.();
		}, TICK_MS);
		try {
			await source.run(this);
		} finally {
			clearInterval(ticker);
			await this.#close();
		}
	}

	async #close(): Promise<void> {
		const { kind, source, engine, outputs } = this.#parts;
		const absolute = (ns: number | undefined) =>
			ns === undefined || this.#clock === undefined ? null : this.#clock.absolute(ns);
		const summary = () => {
			const outputLosses: Record<string, number> = {};
			for (const output of outputs) {
				for (const [cause, count] of Object.entries(output.losses?.() ?? {})) {
					outputLosses[cause] = (outputLosses[cause] ?? 0) + count;
				}
			}
			return summaryMessage(
				{
					source: kind,
					startNs: absolute(this.#firstNs),
					endNs: this.#firstNs === undefined ? null : absolute(this.#lastNs),
					processes: this.#pids.size,
					workloads: this.#endedWorkloads + engine.workloads().length,
				},
				engine.counters,
				source.losses(),
				outputLosses,
				this.#parts.allocations?.counters,
				this.#parts.probing?.(),
			);
		};
		// Those that may still lose something close first; the last one prints what was lost.
		for (const output of [...outputs].reverse()) await output.close?.(summary());
	}
}
