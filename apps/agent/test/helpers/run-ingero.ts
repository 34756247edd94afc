import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';

/** The built command line. */
export const INGERO: string = fileURLToPath(new URL('../../bin/ingero.js', import.meta.url));

export interface RunOptions {
	readonly env?: Readonly<Record<string, string | undefined>>;
	readonly cwd?: string;
	/** Put before `node`: another program that starts it, with its arguments. */
	readonly launcher?: readonly string[];
}

const started = new Set<ChildProcess>();
/** Each run has a lock of its own: tests of several packages may trace at once. */
const locks: string[] = [];
afterEach(() => {
	for (const child of started) child.kill('SIGKILL');
	started.clear();
	for (const lock of locks.splice(0)) rmSync(lock, { force: true });
});

/** How a run of the command line ended. */
export interface Finished {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** A run of the command line that is killed when the test is over. */
export class RunningIngero {
	readonly child: ChildProcessByStdio<null, Readable, Readable>;
	readonly finished: Promise<Finished>;
	readonly #waiting = new Set<() => void>();
	#stdout = '';
	#stderr = '';

	constructor(args: readonly string[], options: RunOptions = {}) {
		const lock = join(tmpdir(), `ingero-test-${process.pid}-${locks.length}.lock`);
		locks.push(lock);
		const [program, ...before] = [...(options.launcher ?? []), process.execPath];
		this.child = spawn(program as string, [...before, INGERO, ...args], {
			// Nothing of the user's own: no database in the home folder, no colours that somebody asked for.
			env: { PATH: process.env.PATH, HOME: '/nonexistent', INGERO_LOCK: lock, ...options.env },
			...(options.cwd === undefined ? {} : { cwd: options.cwd }),
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		this.child.stdout.setEncoding('utf8').on('data', (text) => {
			this.#stdout += text;
			for (const look of this.#waiting) look();
		});
		this.child.stderr.setEncoding('utf8').on('data', (text) => {
			this.#stderr += text;
			for (const look of this.#waiting) look();
		});
		this.finished = once(this.child, 'close').then(([code, signal]) => ({
			code,
			signal,
			stdout: this.#stdout,
			stderr: this.#stderr,
		}));
		this.finished.then(() => {
			for (const look of this.#waiting) look();
		});
		started.add(this.child);
	}

	get pid(): number {
		return this.child.pid as number;
	}

	get stdout(): string {
		return this.#stdout;
	}

	get stderr(): string {
		return this.#stderr;
	}

	/** Waits until the text that has come on `stream` is enough; rejects when the run ends before. */
	until(stream: 'stdout' | 'stderr', isEnough: (text: string) => boolean): Promise<void> {
		return new Promise((resolve, reject) => {
			const look = () => {
				const found = isEnough(this[stream]);
				const over = this.child.exitCode !== null || this.child.signalCode !== null;
				if (!found && !over) return;
				this.#waiting.delete(look);
				if (found) resolve();
				else reject(new Error(`ended too early: ${this.#stderr}`));
			};
			this.#waiting.add(look);
			look();
		});
	}

	/** Asks it to end, as Ctrl-C does, and waits for that. */
	stop(signal: NodeJS.Signals = 'SIGINT'): Promise<Finished> {
		this.child.kill(signal);
		return this.finished;
	}
}

/** Runs the command line to its end. */
export function runIngero(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
	return new RunningIngero(args, options).finished;
}

/** The same with `replay --inference`, which must succeed. */
export async function replay(file: string, ...args: string[]): Promise<string> {
	const { code, stdout, stderr } = await runIngero(['replay', file, '--inference', ...args]);
	if (code !== 0) throw new Error(`replay ${file} ended with ${code}: ${stderr}`);
	return stdout;
}
