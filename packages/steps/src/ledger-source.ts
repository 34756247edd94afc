import type { SourceClock } from './clock';
import type { CompletedLedger } from './completed-ledger';
import type { LossLedger } from './loss-ledger';
import type { OperationDescription } from './operations';

/** Receives what a source sees. */
export interface LedgerConsumer {
	/** Once, before anything else. */
	opened(source: { readonly clock: SourceClock; readonly operations: ReadonlyMap<number, OperationDescription> }): void;
	/** A candidate step was completed. */
	completed(ledger: CompletedLedger): void;
	/** Raw events, 12 little-endian words each, valid during the call; only those that were admitted. */
	events?(words: Uint32Array, count: number): void;
	processExited(pid: number): void;
	/**
	 * A call that takes or gives back device memory, as a raw event of 12 words from `at` on, valid during the call; in time
	 * order with `completed`. Only from a source that was asked for them.
	 */
	memoryCall?(words: Uint32Array, at: number, tNs: number): void;
	/** A call that makes, describes or ends a NCCL communicator or a CUDA graph, likewise; whatever the admission. */
	handleCall?(words: Uint32Array, at: number, tNs: number): void;
}

/** Where ledgers come from: the probes of this machine, or a recording. */
export interface LedgerSource {
	/** Delivers until the source ends or {@link stop} is called, then resolves; what was under way has been delivered. */
	run(consumer: LedgerConsumer): Promise<void>;
	/** Asks a running source to end; harmless at any other time. */
	stop(): void;
	/** Valid at any time; final after `run`. */
	losses(): LossLedger;
}
