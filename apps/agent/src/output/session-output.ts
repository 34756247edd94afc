import type { Explanation } from '@ingero/causes';
import type { SummaryMessage } from '@ingero/contract/messages';
import type { StepVerdict } from '@ingero/infer-baseline';
import type { OperationDescription, SourceClock } from '@ingero/steps';

/** What an output is told when a source opens. */
export interface OpenedSource {
	readonly clock: SourceClock;
	readonly operations: ReadonlyMap<number, OperationDescription>;
}

/** One place where a session's facts go. Every method is optional: an output takes what it wants. */
export interface SessionOutput {
	opened?(source: OpenedSource): void;
	/** A step, and why it was slow, if it was and that is known. */
	step?(step: StepVerdict, explanation?: Explanation): void;
	/** Raw events of admitted steps, 12 words each, valid during the call. */
	events?(words: Uint32Array, count: number): void;
	/** A call that makes, describes or ends a NCCL communicator or a CUDA graph: see `LedgerConsumer.handleCall`. */
	handleCall?(words: Uint32Array, at: number, tNs: number): void;
	/** A process has ended; what the engine knows of it is dropped after this call. */
	processExited?(pid: number): void;
	/** Once a second, and before the end: a moment to write what has gathered. */
	tick?(): void;
	/** Resolves when everything is where it belongs. */
	close?(summary: SummaryMessage): Promise<void> | void;
	/** Waits until the output can take more; a replay asks, a live session does not. */
	drained?(): Promise<void> | undefined;
	/** What this output lost, by name of the contract. */
	losses?(): Readonly<Record<string, number>>;
}
