import { BpfError, type BpfErrorCode } from '../error';
import { splitDiagnostics } from './diagnostics';
import { hintFor } from './hint';

/** Lines of the verifier's log that the message shows: the failing instruction and its registers come last. */
const SHOWN_LOG_LINES = 6;

/** Makes the error for a failure inside the addon. */
export function nativeError(code: string, operation: string, errno: number, text: string): BpfError {
	const { messages, verifierLog } = splitDiagnostics(text);
	const error = new BpfError({
		code: code as BpfErrorCode,
		operation,
		message: summary(messages, verifierLog),
		errno: errno === 0 ? undefined : errno,
		diagnostics: messages || undefined,
		verifierLog: verifierLog || undefined,
		hint: hintFor({ code, operation, errno, messages, verifierLog }),
	});
	Error.captureStackTrace(error, nativeError);
	return error;
}

/** libbpf reports this, with a log, also when it goes on without; then something else failed. */
const IGNORED_BTF = /^libbpf: BTF loading error[\s\S]*?BTF is optional, ignoring\.$\n?/m;

function summary(messages: string, verifierLog: string): string | undefined {
	// libbpf ends with what follows from the first failure ("failed to load object"); the first line says what failed.
	const reason = messages
		.replace(IGNORED_BTF, '')
		.split('\n', 1)[0]
		?.replace(/^libbpf: /, '');
	if (!verifierLog) return reason || undefined;
	return [reason, ...usefulLines(verifierLog)].join('\n  ');
}

/** The log without the statistics that the kernel appends. */
function usefulLines(log: string): string[] {
	return log
		.split('\n')
		.filter((line) => line.trim() !== '' && !/^(processed \d+ insns|verification time|stack depth)/.test(line))
		.slice(-SHOWN_LOG_LINES);
}
