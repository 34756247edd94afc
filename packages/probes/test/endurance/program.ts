import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { paths } from '@ingero/fixture-cuda-standin';
import { afterEach, beforeEach } from 'vitest';

const PROGRAM = fileURLToPath(new URL('program/build/endurance', import.meta.url));
const started = new Set<ChildProcess>();

/** What the program prints, a line each: see endurance.c. */
export type EnduranceLine =
	| { readonly type: 'hello'; readonly pid: number }
	| { readonly type: 'calls'; readonly ns: number; readonly calls: number }
	| ({ readonly type: 'done' } & Readonly<Record<string, number>>);

/** A running endurance.c, ended with the test. */
export class Endurance {
	readonly child: ChildProcessByStdio<Writable, Readable, null>;
	readonly lines: EnduranceLine[] = [];
	/** How it ended: [0, null] is well. */
	readonly ended: Promise<unknown>;
	/** Of a program that answers; whoever iterates over lines and does not take them stops the one who writes. */
	readonly #answers: AsyncIterator<string> | undefined;
	readonly #firstLine: Promise<unknown>;

	constructor(...args: readonly string[]) {
		this.child = spawn(PROGRAM, args, { stdio: ['pipe', 'pipe', 'inherit'] });
		started.add(this.child);
		this.ended = once(this.child, 'close');
		this.child.stdin.on('error', () => {});
		const lines = createInterface(this.child.stdout);
		this.#firstLine = once(lines, 'line');
		if (args[0] === 'churn') this.#answers = lines[Symbol.asyncIterator]();
		else lines.on('line', (line) => this.lines.push(JSON.parse(line)));
	}

	get pid(): number {
		return this.child.pid as number;
	}

	/** The last line, once it has ended. */
	get done(): Readonly<Record<string, number>> {
		return this.lines.at(-1) as unknown as Readonly<Record<string, number>>;
	}

	/** Waits for its first line. */
	async begun(): Promise<void> {
		await (this.#answers === undefined ? this.#firstLine : this.#answer());
	}

	/** Waits for the next line. */
	async #answer(): Promise<string> {
		return (await this.#answers?.next())?.value;
	}

	/** Sends a command of `churn` and waits until it is done. */
	async ask(command: string): Promise<void> {
		this.child.stdin.write(`${command}\n`);
		const answer = await this.#answer();
		if (answer !== 'ok') throw new Error(`${command}: ${answer}`);
	}
}

/** Gives tests copies of the library that nobody else uses. */
export function enduranceSuite(): { copyOfLibrary(name?: string): string } {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'ingero-endurance-'));
	});
	afterEach(() => {
		for (const child of started) child.kill('SIGKILL');
		started.clear();
		rmSync(folder, { recursive: true });
	});
	return {
		copyOfLibrary(name = 'libcuda.so.1') {
			const copy = join(folder, name);
			mkdirSync(dirname(copy), { recursive: true });
			copyFileSync(paths.libcuda, copy);
			return copy;
		},
	};
}
