/** Stable codes of {@link ProbeError}; match on these, not on the message. */
export type ProbeErrorCode =
	| 'INGERO_PROBES_UNSUPPORTED_PLATFORM'
	| 'INGERO_PROBES_NO_OBJECT'
	| 'INGERO_PROBES_UNSAFE'
	| 'INGERO_PROBES_BAD_LIBRARY';

/** Probing is not possible here, or a library is not what it seems. */
export class ProbeError extends Error {
	override readonly name = 'ProbeError';

	constructor(
		readonly code: ProbeErrorCode,
		message: string,
		options?: ErrorOptions,
	) {
		super(message, options);
	}
}
