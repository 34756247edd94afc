import { HOST_OPERATIONS, MEMORY_IOCTL_OPERATIONS } from '../../src/host/operations';

const RECORD_WORDS = 12;
const PATIENCE_MS = 60_000;
const OPERATIONS = new Map([...HOST_OPERATIONS, ...MEMORY_IOCTL_OPERATIONS]);

/** One record, with its words put together. */
export interface HostRecord {
	readonly tNs: bigint;
	readonly durationNs: number;
	readonly pid: number;
	readonly tid: number;
	readonly name: string;
	readonly args: readonly [bigint, bigint, bigint];
}

interface Source extends Disposable {
	drain(target: Uint32Array): number;
	stop(): void;
}

/** Probes, and all that they have delivered. */
export class HostWatch<T extends Source> implements Disposable {
	readonly probes: T;
	readonly records: HostRecord[] = [];
	readonly #buffer = new Uint32Array(64 * RECORD_WORDS);

	constructor(probes: T) {
		this.probes = probes;
	}

	/** Reads what there is; all that there is after {@link stop}. */
	read(): readonly HostRecord[] {
		for (let words = this.probes.drain(this.#buffer); words > 0; words = this.probes.drain(this.#buffer)) {
			for (let at = 0; at < words; at += RECORD_WORDS) this.records.push(decode(this.#buffer, at));
		}
		return this.records;
	}

	/** Ends the watch; everything it saw has been read then. */
	stop(): readonly HostRecord[] {
		this.probes.stop();
		return this.read();
	}

	/** Waits for records; the time limit only ends a test that would never end. */
	async until(condition: (records: readonly HostRecord[]) => boolean, what: string): Promise<void> {
		const limitMs = performance.now() + PATIENCE_MS;
		while (!condition(this.read())) {
			if (performance.now() > limitMs) throw new Error(`never came: ${what}`);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}

	of(pid: number, name?: string): HostRecord[] {
		return this.records.filter((record) => record.pid === pid && (name === undefined || record.name === name));
	}

	[Symbol.dispose](): void {
		this.probes[Symbol.dispose]();
	}
}

function decode(words: Uint32Array, at: number): HostRecord {
	const view = new DataView(words.buffer, words.byteOffset + at * 4, RECORD_WORDS * 4);
	const op = view.getUint32(20, true);
	return {
		tNs: view.getBigUint64(0, true),
		durationNs: view.getUint32(8, true),
		pid: view.getUint32(12, true),
		tid: view.getUint32(16, true),
		name: OPERATIONS.get(op)?.name ?? `operation ${op}`,
		args: [view.getBigUint64(24, true), view.getBigUint64(32, true), view.getBigUint64(40, true)],
	};
}
