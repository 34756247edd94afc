import { writeSync } from 'node:fs';

/** Marks the lines of the console that are for the host; the kernel writes there too. */
const MARK = '@ingero ';

/** Writes one line of JSON to the host, whole and at once. */
export function tell(fact) {
	writeSync(1, `\n${MARK}${JSON.stringify(fact)}\n`);
}

/**
 * Runs one check and tells the host how it went; the next one runs whatever happened.
 *
 * @param {string} name
 * @param {() => Promise<object | undefined> | object | undefined} run throws where it fails; gives what was seen
 */
export async function check(name, run) {
	const startMs = performance.now();
	const told = (fact) => tell({ type: 'check', name, ms: Math.round(performance.now() - startMs), ...fact });
	try {
		told({ passed: true, seen: (await run()) ?? {} });
	} catch (error) {
		const { code, hint, verifierLog } = error;
		const reason = `${error.stack}`.slice(0, 4000);
		told({ passed: false, reason, code, hint, verifierLog: verifierLog?.slice(-2000) });
	}
}
