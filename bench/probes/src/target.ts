import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { LIBRARY, nativePart } from './native-parts';

/** A running target/target.c: the program whose calls are timed. */
export class Target implements AsyncDisposable {
	readonly #child: ChildProcessWithoutNullStreams;
	readonly #lines: AsyncIterator<string>;

	constructor() {
		this.#child = spawn(nativePart('target'), [LIBRARY]);
		this.#child.stderr.pipe(process.stderr);
		this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
	}

	get pid(): number {
		return this.#child.pid as number;
	}

	/** File offset of a function of the library. */
	async offset(symbol: string): Promise<number> {
		return Number(await this.#ask(`offset ${symbol}`));
	}

	/** Nanoseconds a call, one number a batch. */
	async time(call: string, batches: number, calls: number): Promise<number[]> {
		return numbers(await this.#ask(`time ${call} ${batches} ${calls}`));
	}

	/** As {@link time}, with some work after each call: what takes `busyNs` without any probe. */
	async timePaced(call: string, busyNs: number, batches: number, calls: number): Promise<number[]> {
		return numbers(await this.#ask(`paced ${call} ${busyNs} ${batches} ${calls}`));
	}

	/**
	 * Makes so many calls a second.
	 *
	 * @returns calls made
	 */
	async rate(call: string, perSecond: number, seconds: number): Promise<number> {
		return Number(await this.#ask(`rate ${call} ${Math.round(perSecond)} ${Math.round(seconds * 1000)}`));
	}

	async #ask(command: string): Promise<string> {
		this.#child.stdin.write(`${command}\n`);
		const { value, done } = await this.#lines.next();
		if (done) throw new Error(`the target ended when it was asked to ${command}`);
		return value;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#child.stdin.end();
		if (this.#child.exitCode === null) await once(this.#child, 'exit');
	}
}

function numbers(line: string): number[] {
	return line.trim().split(' ').map(Number);
}
