export interface Diagnostics {
	/** What libbpf printed, without verifier logs. */
	readonly messages: string;
	/** The verifier's log of the program that failed, or of all of them; empty when there is none. */
	readonly verifierLog: string;
}

/** libbpf prints a log as one message between these two lines (bpf_object_load_prog in libbpf.c). */
const LOG = /^libbpf: prog '[^']*': -- BEGIN PROG LOAD LOG --\n([\s\S]*?)-- END PROG LOAD LOG --$\n?/gm;

/** Parts what libbpf printed during a failed load into its own words and the verifier's. */
export function splitDiagnostics(text: string): Diagnostics {
	const logs: string[] = [];
	const messages = text.replace(LOG, (_whole, log: string) => {
		logs.push(log);
		return '';
	});
	return { messages: messages.trimEnd(), verifierLog: logs.join('\n') };
}
