import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('target/build/host-target', import.meta.url));

/** A running target/host-target.c. */
export class HostTarget implements AsyncDisposable {
	readonly #child: ChildProcessWithoutNullStreams;
	readonly #lines: AsyncIterator<string>;
	readonly ended: Promise<unknown>;

	private constructor(command: string, args: readonly string[]) {
		this.#child = spawn(command, args);
		this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
		this.ended = once(this.#child, 'close');
		this.#child.stderr.pipe(process.stderr);
		// One that was killed does not read what it was sent.
		this.#child.stdin.on('error', () => {});
	}

	/** Starts one, after what a shell is to do before it becomes the target. */
	static async start(before = ':'): Promise<HostTarget> {
		const target = new HostTarget('sh', ['-ec', `${before}\nexec ${PROGRAM}`]);
		await target.answer();
		return target;
	}

	/** Starts one in a network of its own, after some commands there. */
	static async startInNetwork(before: string): Promise<HostTarget> {
		const target = new HostTarget('unshare', ['--net', 'sh', '-ec', `${before}\nexec ${PROGRAM}`]);
		await target.answer();
		return target;
	}

	/** Another one in the network of this one. */
	async startNextTo(): Promise<HostTarget> {
		const target = new HostTarget('nsenter', ['--net', '--target', String(this.pid), PROGRAM]);
		await target.answer();
		return target;
	}

	/** From now on whatever its network sends to itself is lost on the way. */
	cutLoopback(): void {
		execFileSync('nsenter', [
			'--net',
			'--target',
			String(this.pid),
			'tc',
			'qdisc',
			'add',
			'dev',
			'lo',
			'root',
			'blackhole',
		]);
	}

	get pid(): number {
		return this.#child.pid as number;
	}

	/** Sends a command and waits until it is done. */
	async ask(command: string): Promise<string> {
		this.tell(command);
		return this.answer();
	}

	tell(command: string): void {
		this.#child.stdin.write(`${command}\n`);
	}

	async answer(): Promise<string> {
		const { value, done } = await this.#lines.next();
		if (done) throw new Error('the target ended');
		return value.replace(/^ok ?/, '');
	}

	/** Ends in order; nothing of it runs any more then. */
	async end(): Promise<void> {
		this.#child.stdin.end();
		await this.ended;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#child.kill('SIGKILL');
		await this.ended;
	}
}
