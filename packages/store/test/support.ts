import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { inject, onTestFinished } from 'vitest';
import { EVENT_RECORD_BYTES, type OutlierRow, type StepRow, Store, type StoreError, type StoreOptions } from '../src';

/** A folder that goes away with the test. */
export function tempFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'ingero-store-'));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

export function tempFile(): string {
	return join(tempFolder(), 'ingero.db');
}

/** Opens a store that is closed with the test at the latest. */
export async function openStore(path: string, options: Partial<StoreOptions> = {}): Promise<Store> {
	const store = await Store.open({ path, session: {}, workerUrl: new URL(inject('workerUrl')), ...options });
	onTestFinished(() => store.close());
	return store;
}

/** The error that opening a store fails with. */
export async function openingError(path: string, options: Partial<StoreOptions> = {}): Promise<StoreError> {
	const outcome = await openStore(path, options).catch((error: unknown) => error);
	if (outcome instanceof Store) {
		throw new Error(`${path} was opened`);
	}
	return outcome as StoreError;
}

/** Every row of a query, integers as bigint, past our own reader. */
export function rawRows(path: string, sql: string): unknown[][] {
	const database = new Database(path, { readonly: true });
	try {
		return database.prepare(sql).safeIntegers(true).raw(true).all() as unknown[][];
	} finally {
		database.close();
	}
}

export function rowCount(path: string, table: string): number {
	return Number(rawRows(path, `SELECT count(*) FROM ${table}`)[0]?.[0]);
}

export function step(overrides: Partial<StepRow> = {}): StepRow {
	return {
		pid: 4242,
		tid: 4243,
		cgroupPathHash: 'e916b463d100201c',
		streamHandle: 0x7f3a_5c00_1e80n,
		phase: 'decode',
		startNs: 1_000_000n,
		endNs: 6_000_000n,
		stepDurationNs: 5_000_000,
		launchCount: 10,
		graphLaunchCount: 1,
		gridBlocks: 640,
		memcpyBytes: 4096,
		bucket: null,
		ratio: null,
		expectedNs: null,
		thresholdNs: null,
		baselineP95Ns: null,
		warmed: false,
		...overrides,
	};
}

export function steps(count: number): StepRow[] {
	return Array.from({ length: count }, (_, index) =>
		step({ startNs: BigInt(index * 10), endNs: BigInt(index * 10 + 9) }),
	);
}

export function outlier(overrides: Partial<OutlierRow> = {}): OutlierRow {
	return { eventId: '2a6b6076-9ffc-4faf-aaac-3cc1d30f5391', stepId: 1, baselineMeanNs: null, ...overrides };
}

export interface RawEvent {
	readonly tsNs: bigint;
	readonly durationNs: number;
	readonly pid: number;
	readonly tid: number;
	readonly op: number;
	readonly args: readonly [bigint, bigint, bigint];
}

export function encodeEvents(events: readonly RawEvent[]): Uint8Array {
	const bytes = new Uint8Array(events.length * EVENT_RECORD_BYTES);
	const view = new DataView(bytes.buffer);
	for (const [index, event] of events.entries()) {
		const at = index * EVENT_RECORD_BYTES;
		view.setBigUint64(at, event.tsNs, true);
		view.setUint32(at + 8, event.durationNs, true);
		view.setUint32(at + 12, event.pid, true);
		view.setUint32(at + 16, event.tid, true);
		view.setUint32(at + 20, event.op, true);
		for (const [place, arg] of event.args.entries()) {
			view.setBigUint64(at + 24 + place * 8, arg, true);
		}
	}
	return bytes;
}

export function events(count: number): Uint8Array {
	return encodeEvents(
		Array.from({ length: count }, (_, index) => ({
			tsNs: BigInt(index),
			durationNs: 0,
			pid: 1,
			tid: 1,
			op: 3,
			args: [0n, 0n, 0n],
		})),
	);
}
