import type { LossRow } from '../accounting/losses';
import type { StoreErrorInit } from '../errors/store-error';
import type { OperationNames, SessionFacts } from '../session';

/** What one value of a row may be on its way to SQLite. */
export type SqlValue = number | bigint | string | null;

/** Everything the worker thread needs to open the file and begin the session. */
export interface WriterSetup {
	readonly path: string;
	readonly session: SessionFacts;
	readonly operations: OperationNames;
	readonly busyTimeoutMs: number;
}

/** Rows that become one transaction. Rows are flat lists of values: they clone several times faster than objects. */
export interface Batch {
	readonly steps: readonly SqlValue[];
	readonly outliers: readonly SqlValue[];
	readonly shifts: readonly SqlValue[];
	readonly events: readonly EventChunk[];
	readonly losses: readonly LossRow[];
}

/** The first `count` records of a transferred buffer, which comes back with the acknowledgement. */
export interface EventChunk {
	readonly buffer: ArrayBuffer;
	readonly count: number;
}

/** How many rows of a batch are not in the file. */
export interface RowCounts {
	readonly steps: number;
	readonly outliers: number;
	readonly shifts: number;
	readonly events: number;
}

export type ToWriter =
	| { readonly kind: 'batch'; readonly batch: Batch }
	| { readonly kind: 'close'; readonly losses: readonly LossRow[] };

/** One batch is committed or lost. Acknowledgements come in the order of the batches. */
export interface Ack {
	readonly kind: 'ack';
	readonly failed: RowCounts;
	readonly buffers: readonly ArrayBuffer[];
	readonly error?: StoreErrorInit | undefined;
	/** The file can't be written any more, and the thread ends. */
	readonly stopped: boolean;
}

export type FromWriter =
	| { readonly kind: 'ready'; readonly sessionId: number }
	| Ack
	| { readonly kind: 'closed'; readonly error?: StoreErrorInit | undefined }
	| { readonly kind: 'failed'; readonly error: StoreErrorInit };
