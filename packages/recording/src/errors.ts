/** Stable codes of {@link RecordingError}; match on these, not on the message. */
export type RecordingErrorCode =
	| 'INGERO_RECORDING_NOT_A_RECORDING'
	| 'INGERO_RECORDING_BAD_HEADER'
	| 'INGERO_RECORDING_NEWER_VERSION'
	| 'INGERO_RECORDING_CUT_HEADER';

/** The bytes are not a recording this version can read. */
export class RecordingError extends Error {
	override readonly name = 'RecordingError';

	constructor(
		readonly code: RecordingErrorCode,
		message: string,
	) {
		super(message);
	}
}
