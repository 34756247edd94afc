import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const KINDS = ['prog', 'map', 'link'] as const;
/** The kernel frees what nobody holds any more within milliseconds; a busy machine may take longer. */
const ATTEMPTS = 40;
const PAUSE_MS = 50;

/** eBPF programs, maps and links, such as `link 12`. */
export type KernelObjects = ReadonlySet<string>;

/** What a process holds in the kernel. */
export function heldBy(pid: number): KernelObjects {
	const held = new Set<string>();
	for (const fd of readdirSync(`/proc/${pid}/fdinfo`)) {
		const info = infoOf(pid, fd);
		for (const [, kind, id] of info.matchAll(/^(prog|map|link)_id:\s+(\d+)$/gm)) held.add(`${kind} ${id}`);
	}
	return held;
}

/** Waits until the kernel has freed all of `held`, and gives what it has not. */
export async function remaining(held: KernelObjects): Promise<string[]> {
	for (let attempt = 1; ; attempt++) {
		const left = inKernel().filter((object) => held.has(object));
		if (left.length === 0 || attempt === ATTEMPTS) return left;
		await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
	}
}

function inKernel(): string[] {
	return KINDS.flatMap((kind) => list(kind).map(({ id }) => `${kind} ${id}`));
}

function list(kind: (typeof KINDS)[number]): { readonly id: number }[] {
	for (let attempt = 1; ; attempt++) {
		try {
			return JSON.parse(execFileSync('bpftool', ['--json', kind, 'list'], { encoding: 'utf8', stdio: 'pipe' }) || '[]');
		} catch (error) {
			// It fails when something that it is about to list vanishes.
			if (attempt === 10) throw error;
		}
	}
}

/** Of a descriptor that was closed since it was listed: nothing. */
function infoOf(pid: number, fd: string): string {
	try {
		return readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
		throw error;
	}
}
