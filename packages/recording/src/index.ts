export { type DecodeResult, RecordingDecoder, type RecordSink } from './decoder';
export { RecordingError, type RecordingErrorCode } from './errors';
export {
	encodeHeader,
	parseHeader,
	RECORD_BYTES,
	RECORD_WORDS,
	RECORDING_MAGIC,
	RECORDING_VERSION,
	type RecordedOperation,
	type RecordingFacts,
	type RecordingHeader,
} from './header';
