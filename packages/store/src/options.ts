import { resolve } from 'node:path';
import type { StoreError } from './errors/store-error';
import type { OperationNames, SessionFacts } from './session';

export interface StoreOptions {
	/** The database file; made, with its folder, when missing. */
	readonly path: string;
	readonly session: SessionFacts;
	/** Names of the `op` codes that {@link Store.appendEvents} will see, as in a recording's header. Default none. */
	readonly operations?: OperationNames | undefined;
	/** Called once for each new failure of the running store; the store goes on. Default: silence. */
	readonly onError?: ((error: StoreError) => void) | undefined;
	/** Rows that make a transaction due at once. Default 1000: below that the cost of a commit shows. */
	readonly batchRows?: number | undefined;
	/** Longest time, in ms, that a row waits for others. Default 200. */
	readonly batchIntervalMs?: number | undefined;
	/** Steps that may wait for the disk, and outliers and shifts beside them. Default 16384: about 6 MB. */
	readonly maxQueuedSteps?: number | undefined;
	/** Events that may wait for the disk. Default 262144: 12 MiB. Apart from steps, so that a flood can't push them out. */
	readonly maxQueuedEvents?: number | undefined;
	/** Longest wait, in ms, for another process's write lock. Default 5000. */
	readonly busyTimeoutMs?: number | undefined;
	/** Where the writer's script is. Default: beside this module. An application that bundles this package says it here. */
	readonly workerUrl?: URL | undefined;
}

export interface ResolvedOptions {
	readonly path: string;
	readonly session: SessionFacts;
	readonly operations: OperationNames;
	readonly onError: (error: StoreError) => void;
	readonly batchRows: number;
	readonly batchIntervalMs: number;
	readonly maxQueuedSteps: number;
	readonly maxQueuedEvents: number;
	readonly busyTimeoutMs: number;
	readonly workerUrl: URL;
}

/** @throws TypeError naming the option and the value received */
export function resolveOptions(options: StoreOptions, defaultWorkerUrl: URL): ResolvedOptions {
	if (typeof options.path !== 'string' || options.path === '') {
		throw new TypeError(`path must be a non-empty string, got ${format(options.path)}`);
	}
	for (const [op, { name, args }] of Object.entries(options.operations ?? {})) {
		if (!/^\d+$/.test(op) || typeof name !== 'string' || args.length > 3) {
			throw new TypeError(
				`operations must map codes to { name, args } with at most 3 args, got ${op}: ${format({ name, args })}`,
			);
		}
	}
	return {
		path: resolve(options.path),
		session: options.session,
		operations: options.operations ?? {},
		onError: options.onError ?? (() => {}),
		batchRows: positiveInteger('batchRows', options.batchRows ?? 1000),
		batchIntervalMs: positiveInteger('batchIntervalMs', options.batchIntervalMs ?? 200),
		maxQueuedSteps: positiveInteger('maxQueuedSteps', options.maxQueuedSteps ?? 16_384),
		maxQueuedEvents: positiveInteger('maxQueuedEvents', options.maxQueuedEvents ?? 262_144),
		busyTimeoutMs: positiveInteger('busyTimeoutMs', options.busyTimeoutMs ?? 5000),
		workerUrl: options.workerUrl ?? defaultWorkerUrl,
	};
}

function positiveInteger(name: string, value: number): number {
	if (!Number.isSafeInteger(value) || value < 1) {
		throw new TypeError(`${name} must be a whole number of at least 1, got ${format(value)}`);
	}
	return value;
}

function format(value: unknown): string {
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
