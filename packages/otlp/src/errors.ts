export type OtlpErrorCode =
	| 'INGERO_OTLP_ADDRESS_INVALID'
	| 'INGERO_OTLP_ADDRESS_UNAVAILABLE'
	| 'INGERO_OTLP_PORT_IN_USE'
	| 'INGERO_OTLP_PORT_FORBIDDEN';

export interface OtlpErrorInit {
	readonly code: OtlpErrorCode;
	/** The address that was asked for, as `host:port` or as the user wrote it. */
	readonly address: string;
	readonly problem: string;
	readonly remedy: string;
	readonly cause?: unknown;
}

const marker = Symbol.for('ingero.otlp.error');

/** Match on `code`: it is stable, the message is not. */
export class OtlpError extends Error {
	override readonly name = 'OtlpError';
	readonly code: OtlpErrorCode;
	readonly address: string;
	readonly problem: string;
	readonly remedy: string;

	static {
		Object.defineProperty(OtlpError.prototype, marker, { value: true });
	}

	constructor({ code, address, problem, remedy, cause }: OtlpErrorInit) {
		super(`${address}: ${problem}. ${remedy}.`, cause === undefined ? undefined : { cause });
		this.code = code;
		this.address = address;
		this.problem = problem;
		this.remedy = remedy;
	}
}

/** Also recognises the errors of another copy of this package. */
export function isOtlpError(value: unknown): value is OtlpError {
	return typeof value === 'object' && value !== null && marker in value;
}
