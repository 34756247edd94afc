/**
 * What can go wrong with the file. The README says what to do about each.
 *
 * Errors of this package are environment failures; a wrong argument throws `TypeError` instead.
 */
export type StoreErrorCode =
	| 'INGERO_STORE_UNWRITABLE'
	| 'INGERO_STORE_UNREADABLE'
	| 'INGERO_STORE_NEWER_SCHEMA'
	| 'INGERO_STORE_FOREIGN_SCHEMA'
	| 'INGERO_STORE_CORRUPT'
	| 'INGERO_STORE_DISK_FULL'
	| 'INGERO_STORE_LOCKED'
	| 'INGERO_STORE_IO'
	| 'INGERO_STORE_ROW_REFUSED'
	| 'INGERO_STORE_MIGRATION_FAILED'
	| 'INGERO_STORE_WRITER_LOST';

export interface StoreErrorInit {
	readonly code: StoreErrorCode;
	/** What happened, without the path and without the remedy. */
	readonly problem: string;
	readonly remedy: string;
	readonly path: string;
	/** Schema version found in the file, where the error is about versions. */
	readonly foundVersion?: number | undefined;
	/** Schema version this package writes, where the error is about versions. */
	readonly supportedVersion?: number | undefined;
	/** SQLite's or the operating system's own code, such as `SQLITE_FULL` or `EACCES`. */
	readonly systemCode?: string | undefined;
	readonly cause?: unknown;
}

const marker = Symbol.for('ingero.store.error');

/** Match on `code`: it is stable, the message is not. */
export class StoreError extends Error {
	override readonly name = 'StoreError';
	readonly code: StoreErrorCode;
	readonly problem: string;
	readonly remedy: string;
	readonly path: string;
	readonly foundVersion: number | undefined;
	readonly supportedVersion: number | undefined;
	readonly systemCode: string | undefined;

	static {
		Object.defineProperty(StoreError.prototype, marker, { value: true });
	}

	constructor(init: StoreErrorInit) {
		super(
			`${init.path}: ${init.problem}. ${init.remedy}.`,
			init.cause === undefined ? undefined : { cause: init.cause },
		);
		this.code = init.code;
		this.problem = init.problem;
		this.remedy = init.remedy;
		this.path = init.path;
		this.foundVersion = init.foundVersion;
		this.supportedVersion = init.supportedVersion;
		this.systemCode = init.systemCode;
	}
}

/** Also recognises the errors of another copy of this package, and those that crossed a bundle's boundary. */
export function isStoreError(value: unknown): value is StoreError {
	return typeof value === 'object' && value !== null && marker in value;
}

/** A `StoreError` as plain data: structured cloning of an `Error` between threads keeps only its message. */
export function toWire(error: StoreError): StoreErrorInit {
	const { code, problem, remedy, path, foundVersion, supportedVersion, systemCode } = error;
	return { code, problem, remedy, path, foundVersion, supportedVersion, systemCode };
}
