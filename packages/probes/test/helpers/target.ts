import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BUILD = fileURLToPath(new URL('target/build/', import.meta.url));

/** A libcuda.so.1 that exports cuLaunchKernel and cuCtxSynchronize only. */
export const TWO_FUNCTIONS: string = `${BUILD}two-functions/libcuda.so.1`;

/** A running test/helpers/target/target.c. */
export class Target implements AsyncDisposable {
	readonly #child: ChildProcessWithoutNullStreams;
	readonly #lines: AsyncIterator<string>;
	readonly #exited: Promise<unknown>;

	private constructor(env: Readonly<Record<string, string>>) {
		this.#child = spawn(`${BUILD}target`, { env: { ...process.env, ...env } });
		this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
		this.#exited = once(this.#child, 'close');
		this.#child.stderr.pipe(process.stderr);
		// A killed target does not read what it was sent.
		this.#child.stdin.on('error', () => {});
	}

	/** Starts one that has loaded `library`, if any. */
	static async start(library?: string, env: Readonly<Record<string, string>> = {}): Promise<Target> {
		const target = new Target(env);
		await target.answer();
		if (library !== undefined) await target.ask(`open ${library}`);
		return target;
	}

	get pid(): number {
		return this.#child.pid as number;
	}

	/** Sends a command and waits until it is done. */
	async ask(command: string): Promise<string> {
		this.#child.stdin.write(`${command}\n`);
		return this.answer();
	}

	async answer(): Promise<string> {
		const { value, done } = await this.#lines.next();
		if (done) throw new Error('the target ended');
		return value.replace(/^ok ?/, '');
	}

	async kill(): Promise<void> {
		this.#child.kill('SIGKILL');
		await this.#exited;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.kill();
	}
}
