import { readFileSync } from 'node:fs';

/** A driver and a kernel on which probing the driver's own functions has been tried, as beginnings of their versions. */
export interface TestedPair {
	/** such as `535.`; with its last dot, so that `57.` is not 570 */
	readonly driver: string;
	/** such as `5.15.`; with its last dot, so that `5.15.` is not 5.150 */
	readonly kernel: string;
}

/** Pairs known to work. */
export const TESTED_PAIRS: readonly TestedPair[] = [
	{ driver: '535.', kernel: '5.15.' },
	{ driver: '535.', kernel: '6.5.' },
	{ driver: '570.', kernel: '6.8.' },
];

/** Whether the driver's own functions may be probed on this machine. */
export interface KprobeVerdict {
	readonly allowed: boolean;
	/** version of the loaded driver; `undefined` when it is not known, which nothing matches */
	readonly driver: string | undefined;
	/** release of the running kernel, likewise */
	readonly kernel: string | undefined;
	/** the pair that fits */
	readonly pair: TestedPair | undefined;
	/** how many pairs were looked at */
	readonly testedPairs: number;
}

/** An operator's list of pairs cannot be read, or says what is no pair. */
export class KprobeAllowListError extends Error {
	override readonly name = 'KprobeAllowListError';
	readonly code = 'INGERO_HOST_KPROBE_ALLOW_LIST';
}

/** @param machine versions as `readNvidiaKernelModule` and `readKernel` give them */
export function kprobeVerdict(
	machine: { readonly driver: string | undefined; readonly kernel: string | undefined },
	pairs: readonly TestedPair[] = TESTED_PAIRS,
): KprobeVerdict {
	const { driver, kernel } = machine;
	const pair = pairs.find((tested) => driver?.startsWith(tested.driver) && kernel?.startsWith(tested.kernel));
	return { allowed: pair !== undefined, driver, kernel, pair, testedPairs: pairs.length };
}

/** Whole numbers, a dot after each. */
const PREFIX = /^(?:\d+\.)+$/;

/**
 * Reads an operator's own pairs: a line each, driver and kernel with white space between them; what follows a `#` is
 * not read.
 *
 * @throws KprobeAllowListError naming the line
 */
export function parseKprobeAllowList(text: string): readonly TestedPair[] {
	return text.split('\n').flatMap((line, index) => {
		const words = line.replace(/#.*/, '').split(/\s+/).filter(Boolean);
		if (words.length === 0) return [];
		const [driver, kernel] = words;
		if (driver === undefined || kernel === undefined || words.length !== 2) {
			throw new KprobeAllowListError(
				`line ${index + 1}: expected a driver and a kernel, such as "535. 5.15.", got "${line.trim()}"`,
			);
		}
		for (const prefix of words) {
			if (PREFIX.test(prefix)) continue;
			throw new KprobeAllowListError(
				`line ${index + 1}: "${prefix}" is no beginning of a version: write numbers, each with a dot after it, such as 5.15.`,
			);
		}
		return [{ driver, kernel }];
	});
}

/** @throws KprobeAllowListError when the file cannot be read or has a line that is no pair; its message names the file */
export function readKprobeAllowList(path: string): readonly TestedPair[] {
	try {
		return parseKprobeAllowList(readFileSync(path, 'utf8'));
	} catch (cause) {
		throw new KprobeAllowListError(`${path}: ${(cause as Error).message}`, { cause });
	}
}
