import { errnoMeaning, errnoName } from './errno';

/** Stable codes of {@link BpfError}; match on these, not on the message. */
export type BpfErrorCode =
	| 'INGERO_BPF_PLATFORM'
	| 'INGERO_BPF_ADDON'
	| 'INGERO_BPF_OPEN'
	| 'INGERO_BPF_NOT_FOUND'
	| 'INGERO_BPF_LOAD'
	| 'INGERO_BPF_NOT_LOADED'
	| 'INGERO_BPF_ATTACH'
	| 'INGERO_BPF_MAP'
	| 'INGERO_BPF_RING'
	| 'INGERO_BPF_STATISTICS'
	| 'INGERO_BPF_LOCK'
	| 'INGERO_BPF_CLOSED';

export interface BpfErrorFacts {
	readonly code: BpfErrorCode;
	/** What was attempted: a system call, a libbpf function or a few words. */
	readonly operation: string;
	/** One sentence; the operation and the meaning of `errno` are put before it, the hint after it. */
	readonly message?: string | undefined;
	readonly errno?: number | undefined;
	readonly diagnostics?: string | undefined;
	readonly verifierLog?: string | undefined;
	readonly hint?: string | undefined;
	readonly cause?: unknown;
}

const MARK: symbol = Symbol.for('@ingero/bpf-loader-native/BpfError');

/** Why loading, attaching or reading failed, with what the kernel and libbpf had to say. */
export class BpfError extends Error {
	override readonly name = 'BpfError';
	readonly code: BpfErrorCode;
	/** What was attempted: a system call, a libbpf function or a few words. */
	readonly operation: string;
	/** The kernel's error number, positive; `undefined` when the failure was not a system call's. */
	readonly errno: number | undefined;
	/** Its name, such as `EPERM`. */
	readonly errnoName: string | undefined;
	/** What libbpf printed during the operation, without the verifier's log. */
	readonly diagnostics: string | undefined;
	/** All lines of the verifier about the program that it rejected; the message shows the last few. */
	readonly verifierLog: string | undefined;
	/** What the reader can do about it. */
	readonly hint: string | undefined;

	constructor(facts: BpfErrorFacts) {
		super(composeMessage(facts), facts.cause === undefined ? undefined : { cause: facts.cause });
		Object.defineProperty(this, MARK, { value: true });
		this.code = facts.code;
		this.operation = facts.operation;
		this.errno = facts.errno;
		this.errnoName = facts.errno === undefined ? undefined : errnoName(facts.errno);
		this.diagnostics = facts.diagnostics;
		this.verifierLog = facts.verifierLog;
		this.hint = facts.hint;
	}
}

/** Whether a value is a {@link BpfError}, of this or of another copy of the package. */
export function isBpfError(value: unknown): value is BpfError {
	return typeof value === 'object' && value !== null && MARK in value;
}

function composeMessage(facts: BpfErrorFacts): string {
	const parts = [facts.operation];
	if (facts.errno !== undefined) parts.push(`${errnoName(facts.errno)} (${errnoMeaning(facts.errno)})`);
	if (facts.message) parts.push(facts.message);
	const head = parts.join(': ');
	return facts.hint ? `${head}\nHint: ${facts.hint}` : head;
}
