import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { BpfObject, features } from '@ingero/bpf-loader-native';
import { type AttachPlace, attachPlaces } from '../attach/attach-sites';
import { ProbeError } from '../errors';
import { objectFile } from '../object-file';
import { SELF_TEST_PROGRAM } from '../self-test-program';
import { findFunctions } from '../sites/elf-symbols';

/** Whether something may be done to a traced process, and if not, what it did to ours. */
export type Verdict = { readonly safe: true } | { readonly safe: false; readonly reason: string };

/** What probes do on this kernel to a process that a strict seccomp filter watches. */
export interface SelfTestResult {
	/** Probes at a function's start. */
	readonly entries: Verdict;
	/** Such a probe on a nop of 5 bytes, which newer kernels turn into a call (x86-64). */
	readonly longNops: Verdict;
	/** Probes where a function returns. */
	readonly returns: Verdict;
}

export interface SelfTestOptions {
	/** As in {@link objectFile}. */
	readonly objectDirectory?: string | undefined;
	/** The program to probe. Default: the one that comes with this package. */
	readonly program?: string | undefined;
}

/** The program runs for milliseconds; a return address that went astray can make it spin. */
const PATIENCE_MS = 5000;
/** The program's exit codes. */
const WRONG_VALUE = 1;
const NO_FILTER = 2;
const CALLS = 200;
/** Calls of `pushed`, and of `nested` with its 8 calls of itself. */
const HITS_OF_PLAIN = CALLS * (1 + 9);

type Part = keyof SelfTestResult;

/** What is attached for each part, and how often it must be hit. */
const PARTS: Readonly<
	Record<Part, { readonly symbols: readonly string[]; readonly atReturn: boolean; readonly hits: number }>
> = {
	entries: { symbols: ['pushed', 'nested'], atReturn: false, hits: HITS_OF_PLAIN },
	longNops: { symbols: ['padded'], atReturn: false, hits: CALLS },
	returns: { symbols: ['pushed', 'nested'], atReturn: true, hits: HITS_OF_PLAIN },
};
const NAMES = Object.keys(PARTS) as Part[];

let known: SelfTestResult | undefined;

/**
 * Probes a program of our own that has shut itself into a seccomp filter, and looks whether it lives and computes what it
 * should: some kernels let a probe call them in the name of the traced process, which its filter then kills it for. Takes
 * some 50 ms, a second where something is wrong; asked once per thread, the same answer afterwards.
 *
 * @throws ProbeError where there is nothing to try it with; BpfError when the kernel refuses the programs
 */
export function selfTest(options: SelfTestOptions = {}): SelfTestResult {
	known ??= Object.freeze(runSelfTest(options));
	return known;
}

/**
 * Says no where probes would harm the processes that they watch.
 *
 * @returns what was found, when both probes at entries and at returns are safe
 * @throws ProbeError INGERO_PROBES_UNSAFE with what they did to a process of our own, and as {@link selfTest}
 */
export function requireSafeProbes(options: SelfTestOptions = {}): SelfTestResult {
	const result = selfTest(options);
	for (const verdict of [result.entries, result.returns]) {
		if (verdict.safe) continue;
		throw new ProbeError(
			'INGERO_PROBES_UNSAFE',
			`probes are not safe on this kernel, so nothing is attached: ${verdict.reason}. ` +
				'Boot a newer kernel; recordings replay here',
		);
	}
	return result;
}

/** {@link selfTest}, tried anew. */
export function runSelfTest({ objectDirectory, program = SELF_TEST_PROGRAM }: SelfTestOptions = {}): SelfTestResult {
	const object = objectFile(objectDirectory, 'self_test');
	if (!existsSync(program)) {
		throw new ProbeError(
			'INGERO_PROBES_NO_OBJECT',
			`the self-test program ${program} is missing: build the package again`,
		);
	}
	const multi = features().uprobeMulti.supported;
	using test = BpfObject.open(object, {
		name: 'self_test',
		attachTypes: multi ? { self_test_hit: 'uprobe.multi' } : {},
	});
	test.load();
	const attempt = (parts: readonly Part[]) => tryParts(test, program, parts, multi);
	// All at once, as in a session; only when that goes wrong is it worth knowing which of them it was.
	const together = attempt(NAMES);
	if (together.safe) return { entries: together, longNops: together, returns: together };
	const [entries, longNops] = [attempt(['entries']), attempt(['longNops'])];
	const returns = attempt(['entries', 'returns']);
	// Harm that needs all of them is put down to the returns, without which nothing is watched.
	const isUnexplained = entries.safe && longNops.safe && returns.safe;
	return { entries, longNops, returns: isUnexplained ? together : returns };
}

function tryParts(test: BpfObject, program: string, parts: readonly Part[], multi: boolean): Verdict {
	const hit = test.program('self_test_hit');
	const hits = test.map('hits');
	const before = parts.map((part) => countOf(hits.getAt(NAMES.indexOf(part))));
	// As a session does: returns come first and go last.
	const links = [true, false].flatMap((atReturn) => {
		const places = parts.filter((part) => PARTS[part].atReturn === atReturn).flatMap((part) => placesOf(program, part));
		return attachPlaces(hit, program, places, { multi, return: atReturn }).links;
	});
	let verdict: Verdict;
	try {
		verdict = judge(program, spawnSync(program, { stdio: 'ignore', timeout: PATIENCE_MS, killSignal: 'SIGKILL' }));
	} finally {
		for (const link of links.toReversed()) link.detach();
	}
	if (!verdict.safe) return verdict;
	for (const [i, part] of parts.entries()) {
		const count = countOf(hits.getAt(NAMES.indexOf(part))) - (before[i] ?? 0);
		const { hits: expected } = PARTS[part];
		if (count < expected) return { safe: false, reason: `probes saw ${count} of ${expected} calls` };
	}
	return verdict;
}

function placesOf(program: string, part: Part): AttachPlace[] {
	const cookie = BigInt(NAMES.indexOf(part));
	return findFunctions(program, new Set(PARTS[part].symbols)).map(({ fileOffset }) => ({ fileOffset, cookie }));
}

function judge(program: string, { status, signal, error }: ReturnType<typeof spawnSync>): Verdict {
	if (error !== undefined && signal === null) {
		const message = `cannot run the self-test program ${program}: ${error.message}`;
		throw new ProbeError('INGERO_PROBES_NO_OBJECT', message, { cause: error });
	}
	if (signal === 'SIGKILL') return { safe: false, reason: 'a probed process never came back from a call' };
	if (signal === 'SIGSYS') return { safe: false, reason: 'a probed process was killed by its own seccomp filter' };
	if (signal !== null) return { safe: false, reason: `a probed process was ended by ${signal}` };
	if (status === NO_FILTER) return { safe: false, reason: 'no seccomp filter can be had here to try it with' };
	if (status === WRONG_VALUE) return { safe: false, reason: 'a probed function returned a wrong value' };
	return status === 0 ? { safe: true } : { safe: false, reason: `the self-test ended with ${status}` };
}

function countOf(value: Uint8Array | undefined): number {
	return value === undefined ? 0 : Number(new DataView(value.buffer, value.byteOffset).getBigUint64(0, true));
}
