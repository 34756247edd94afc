import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inject, type SuiteFactory, describe as vitestDescribe } from 'vitest';
import { type Features, features } from '../../src/index';

const BUILD = fileURLToPath(new URL('build/', import.meta.url));

/** Path of a compiled eBPF object: `objectPath('map')` is test/bpf/map.bpf.c. */
export function objectPath(name: string): string {
	return `${BUILD}${name}.bpf.o`;
}

/** Path of a script in test/bpf/processes. */
export function processFile(name: string): string {
	return fileURLToPath(new URL(`processes/${name}`, import.meta.url));
}

export const TARGET: string = `${BUILD}target`;
/** Runs a command under a seccomp filter: test/bpf/confine.c. */
export const CONFINE: string = `${BUILD}confine`;

/** A suite that runs where the kernel has what it needs, and elsewhere is skipped with the reason in its name. */
export function describeBpf(
	title: string,
	needs: readonly Exclude<keyof Features, 'kernel'>[],
	suite: SuiteFactory,
): void {
	const obstacle = inject('obstacle') || missing(needs);
	vitestDescribe.skipIf(obstacle)(obstacle ? `${title} (skipped: ${obstacle})` : title, suite);
}

function missing(needs: readonly Exclude<keyof Features, 'kernel'>[]): string {
	for (const need of needs) {
		const feature = features()[need];
		if (!feature.supported) return `${need}: ${feature.reason}`;
	}
	return '';
}

/** A running test/bpf/target.c. */
export class Target implements AsyncDisposable {
	readonly #child: ChildProcessWithoutNullStreams = spawn(TARGET);
	readonly #lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();

	get pid(): number {
		return this.#child.pid as number;
	}

	/** Sends a command and waits for its answer. */
	async ask(command: string): Promise<string> {
		this.#child.stdin.write(`${command}\n`);
		const { value }: { value?: string | undefined } = await this.#lines.next();
		return (value ?? '').trim();
	}

	/** File offsets of the 40 sites. */
	async offsets(): Promise<number[]> {
		return (await this.ask('offsets')).split(' ').map(Number);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#child.stdin.end();
		await once(this.#child, 'exit');
	}
}

export function u64(value: number | bigint): Uint8Array {
	return new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
}

export function readU64(bytes: Uint8Array | undefined, offset = 0): number {
	if (bytes === undefined) return 0;
	return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset, true));
}

/** Descriptions of this package's programs, maps and links that are in the kernel now, whoever holds them. */
export function kernelState(): string[] {
	const programs = list('prog').filter(({ name }) => name?.startsWith('blnt_'));
	const programIds = new Set(programs.map(({ id }) => id));
	const mapIds = new Set(programs.flatMap(({ map_ids = [] }) => map_ids));
	return [
		...programs.map(({ id, name }) => `program ${id} ${name}`),
		...list('map')
			.filter(({ id }) => mapIds.has(id))
			.map(({ id, name }) => `map ${id} ${name}`),
		...list('link')
			.filter(({ prog_id }) => programIds.has(prog_id ?? 0))
			.map(({ id }) => `link ${id}`),
	];
}

interface Listed {
	id: number;
	name?: string;
	prog_id?: number;
	map_ids?: number[];
}

function list(kind: 'prog' | 'map' | 'link'): Listed[] {
	for (let attempt = 1; ; attempt++) {
		try {
			return JSON.parse(execFileSync('bpftool', ['--json', kind, 'list'], { encoding: 'utf8' }) || '[]');
		} catch (error) {
			// It fails when somebody's program or link vanishes while it lists them.
			if (attempt === 10) throw error;
		}
	}
}

/** The kernel frees programs and maps a little after their last user is gone. */
export async function untilKernelState(expected: readonly string[]): Promise<string[]> {
	for (let attempt = 0; attempt < 100; attempt++) {
		if (kernelState().join() === expected.join()) break;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	return kernelState();
}

/** Threads of this process, or of another one, that write heartbeats. */
export function heartbeatThreads(pid: number | 'self' = 'self'): number {
	const threads = readdirSync(`/proc/${pid}/task`);
	return threads.filter((thread) => threadName(`/proc/${pid}/task/${thread}/comm`) === 'bpf-heartbeat').length;
}

function threadName(path: string): string {
	try {
		return readFileSync(path, 'utf8').trim();
	} catch {
		return ''; // it has ended
	}
}

export function openFileCount(): number {
	return readdirSync('/proc/self/fd').length;
}
