import { CommanderError } from 'commander';

/** What the user can mend: a wrong flag, a file that is not what it should be, a privilege that is missing. Exit code 2. */
export class UsageError extends Error {
	override readonly name = 'UsageError';
}

/** Codes of typed errors that say the input or the machine is not fit, as opposed to a failure on the way. */
const USAGE_CODES =
	/^INGERO_(RECORDING_.*|STORE_.*|PROBES_.*|OTLP_.*|PROMETHEUS_.*|BPF_(PLATFORM|ADDON|LOAD|OPEN|ATTACH))$/;

/** 2 for wrong usage, input or missing privilege, 1 for a failure at run time. */
export function exitCodeOf(error: unknown): 1 | 2 {
	if (error instanceof UsageError || error instanceof CommanderError) return 2;
	const code = (error as { code?: unknown } | undefined)?.code;
	return typeof code === 'string' && USAGE_CODES.test(code) ? 2 : 1;
}

/** The message for one line on stderr. */
export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

/** The same for a command line that cannot be understood: what is wrong with it, and where to look. */
export function wrongUsage({ code, message }: CommanderError): string {
	const text = message.replace(/^error: /, '').replace(/\n/g, ' ');
	// An invalid argument says what would be valid, a misspelt name what may have been meant.
	return code === 'commander.invalidArgument' || text.endsWith('?)')
		? text
		: `${text.replace(/\.$/, '')}: --help lists what there is`;
}
