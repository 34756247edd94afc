import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { COUNTER_NAMES, type KernelCounters } from '../../src/decode/layout';

const KINDS = { prog_id: 'prog', map_id: 'map', link_id: 'link' } as const;

/** A BPF program, map or link in the kernel. */
export interface KernelObject {
	readonly kind: 'prog' | 'map' | 'link';
	readonly id: number;
}

/** What this process holds in the kernel, from its open files. */
export function ownKernelObjects(): KernelObject[] {
	const objects = new Map<string, KernelObject>();
	for (const fd of openFiles()) {
		const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
		// A link names its program too: the link's own number comes with "link_type".
		const field = text.includes('link_type:') ? 'link_id' : text.includes('map_type:') ? 'map_id' : 'prog_id';
		const id = text.match(new RegExp(`^${field}:\\s*(\\d+)`, 'm'))?.[1];
		if (id !== undefined) objects.set(`${field} ${id}`, { kind: KINDS[field], id: Number(id) });
	}
	return [...objects.values()];
}

/** Which of these are still in the kernel, whoever holds them. */
export function stillInKernel(objects: readonly KernelObject[]): KernelObject[] {
	const kinds = [...new Set(objects.map(({ kind }) => kind))];
	const listed = new Map(kinds.map((kind) => [kind, new Set(list(kind).map(({ id }) => id))]));
	return objects.filter(({ kind, id }) => listed.get(kind)?.has(id));
}

function ownMap(name: string): { readonly id: number } {
	const own = ownKernelObjects().filter(({ kind }) => kind === 'map');
	const map = list('map').find((listed) => listed.name === name && own.some(({ id }) => id === listed.id));
	if (map === undefined) throw new Error(`this process has no map ${name}`);
	return map;
}

/** The keys and values of this process's map of that name, as hexadecimal bytes. */
export function dumpOwnMap(name: string): { readonly key: string; readonly value: string }[] {
	const map = ownMap(name);
	const hex = (bytes: readonly string[]) => bytes.map((byte) => byte.replace('0x', '')).join('');
	const entries: { key: string[]; value: string[] }[] = bpftool('map', 'dump', 'id', String(map.id));
	return entries.map(({ key, value }) => ({ key: hex(key), value: hex(value) }));
}

/** This process's counters, over all CPUs. */
export function ownCounters(): KernelCounters {
	const [entry] = bpftool<{ values: { value: string[] }[] }[]>('map', 'dump', 'id', String(ownMap('counters').id));
	const perCpu = (entry?.values ?? []).map(({ value }) => Buffer.from(value.map(Number)));
	return Object.fromEntries(
		COUNTER_NAMES.map((name, i) => [
			name,
			perCpu.reduce((sum, bytes) => sum + Number(bytes.readBigUInt64LE(8 * i)), 0),
		]),
	) as KernelCounters;
}

/** The little-endian number that is the process in the key of a map. */
export function pidOfKey(key: string): number {
	return Buffer.from(key, 'hex').readUInt32LE(0);
}

export function openFileCount(): number {
	return openFiles().length;
}

function openFiles(): string[] {
	return readdirSync('/proc/self/fd').filter((fd) => {
		try {
			readFileSync(`/proc/self/fdinfo/${fd}`);
			return true;
		} catch {
			return false; // the folder itself, open while it was listed
		}
	});
}

function list(kind: KernelObject['kind']): { id: number; name?: string }[] {
	return bpftool(kind, 'list');
}

function bpftool<T>(...args: readonly string[]): T {
	for (let attempt = 1; ; attempt++) {
		try {
			return JSON.parse(execFileSync('bpftool', ['--json', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 }) || '[]');
		} catch (error) {
			// It fails when somebody's program or link vanishes while it lists them.
			if (attempt === 10) throw error;
		}
	}
}
