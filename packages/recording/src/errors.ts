/** Stable codes of {@link RecordingError}; match on these, not on the message. */
export type RecordingErrorCode =
	| 'INGERO_RECORDING_NOT_A_RECORDING'
	| 'INGERO_RECORDING_BAD_HEADER'
	| 'INGERO_RECORDING_NEWER_VERSION'
	| 'INGERO_RECORDING_CUT_HEADER';

/** The bytes are not a recording this version can read. */
export class RecordingError extends Error {
	override readonly name = 'RecordingError';

	/**
	 * @param foundVersion the recording's format version, where that is what is wrong
	 */
	constructor(
		readonly code: RecordingErrorCode,
		message: string,
		readonly foundVersion: number | undefined = undefined,
	) {
		super(message);
	}
}
