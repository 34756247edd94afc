import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { lockFile } from '@ingero/bpf-loader-native';
import { processExists, readProcess } from '@ingero/host';
import { messageOf, UsageError } from '../errors';
import { userName } from './process-owner';

const NAME = 'run/ingero.lock';
/**
 * The machine's own, also from a container that shares the machine's process numbers: an abstract socket would be one of the
 * container's network, and what it may be attached to is the whole machine.
 */
const PATHS = [`/proc/1/root/${NAME}`, `/${NAME}`];
/** Neither through a link that somebody may have put there, nor waiting for whoever would open a pipe's other end. */
const SAFELY = constants.O_NOFOLLOW | constants.O_NONBLOCK;
const READ_AND_WRITE = constants.O_RDWR | constants.O_CREAT | SAFELY;
const READ = constants.O_RDONLY | SAFELY;

/** Characters of a command line that are told. */
const MAX_COMMAND = 200;

/** Who holds the lock, as written into it. */
interface Holder {
	readonly pid: number;
	readonly startTimeTicks: number;
	readonly since: string;
}

/**
 * One agent at a time probes a machine: two would cost every traced call twice. Held until it is released, or until this
 * process ends in whatever way.
 */
export class AgentLock implements Disposable {
	readonly #descriptor: number;
	#isHeld = true;

	/**
	 * @param chosen another file than the machine's, for agents that may run side by side
	 * @throws UsageError that says who holds it, or why it cannot be had
	 */
	constructor(chosen: string | undefined) {
		const { path, descriptor } = openLock(chosen === undefined ? PATHS : [chosen]);
		this.#descriptor = descriptor;
		try {
			if (!lockFile(descriptor)) throw new UsageError(takenBy(readHolder(path)));
		} catch (error) {
			closeSync(descriptor);
			throw error instanceof UsageError ? error : cannotLock(path, error);
		}
		writeHolder(descriptor);
	}

	release(): void {
		if (this.#isHeld) closeSync(this.#descriptor);
		this.#isHeld = false;
	}

	[Symbol.dispose](): void {
		this.release();
	}
}

/** Who may not write in the folder can still lock a file that is there. */
function openLock(paths: readonly string[]): { readonly path: string; readonly descriptor: number } {
	let failure: unknown;
	for (const path of paths) {
		for (const flags of [READ_AND_WRITE, READ]) {
			try {
				return { path, descriptor: openSync(path, flags, 0o644) };
			} catch (error) {
				failure = error;
			}
		}
	}
	throw cannotLock(paths.at(-1) as string, failure);
}

function cannotLock(path: string, cause: unknown): UsageError {
	return new UsageError(
		`cannot lock ${path}, by which agents know of each other: ${messageOf(cause)}; choose another file with --lock`,
	);
}

function writeHolder(descriptor: number): void {
	const holder: Holder = {
		pid: process.pid,
		startTimeTicks: readProcess(process.pid)?.startTimeTicks ?? 0,
		since: new Date().toISOString(),
	};
	try {
		ftruncateSync(descriptor);
		writeSync(descriptor, `${JSON.stringify(holder)}\n`, 0);
	} catch {
		// It is locked, if only open for reading: the name of the holder is for people.
	}
}

function readHolder(path: string): Holder | undefined {
	try {
		const { pid, startTimeTicks, since } = JSON.parse(readFileSync(path, 'utf8'));
		if (!Number.isSafeInteger(pid) || pid <= 0 || !Number.isSafeInteger(startTimeTicks)) return undefined;
		return { pid, startTimeTicks, since: new Date(since).toISOString() };
	} catch {
		return undefined;
	}
}

function takenBy(holder: Holder | undefined): string {
	return `another ingero traces this machine: ${describe(holder)}; stop it, or give both a --lock of their own`;
}

function describe(holder: Holder | undefined): string {
	if (holder === undefined) return 'a process that left no name';
	const { pid, startTimeTicks, since } = holder;
	const info = processExists(pid, { startTimeTicks }) ? readProcess(pid) : undefined;
	if (info === undefined) return `process ${pid} of another process namespace, since ${since}`;
	const command = (info.cmdline.length > 0 ? info.cmdline.join(' ') : info.comm).replace(/\p{Cc}+/gu, ' ');
	return `process ${pid} of ${userName(info.uid)}, since ${since}: ${command.slice(0, MAX_COMMAND)}`;
}
