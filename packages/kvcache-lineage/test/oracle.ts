import type { Allocated, AllocationKind, Freed, Unmapped } from '../src/index';

interface Live {
	readonly pointer: number;
	readonly bytes: number;
	readonly kind: AllocationKind;
	readonly tNs: number;
}

/** The lineage as one would write it without a thought of cost: arrays, filters and sorts. */
export class Oracle {
	readonly #options: { readonly maxPerProcess: number; readonly maxProcesses: number; readonly oldestKept: number };
	/** Last used last. */
	readonly processes: { readonly pid: number; live: Live[] }[] = [];
	readonly counters = {
		allocated: 0,
		freed: 0,
		replaced: 0,
		overflowed: 0,
		forgotten: 0,
		unknownFrees: 0,
		processEvictions: 0,
	};

	constructor(options: { maxPerProcess: number; maxProcesses: number; oldestKept: number }) {
		this.#options = options;
	}

	allocated({ pid, pointer, bytes, kind, tNs }: Allocated): void {
		const { maxPerProcess, maxProcesses, oldestKept } = this.#options;
		if (!this.processes.some((each) => each.pid === pid)) {
			if (this.processes.length === maxProcesses) {
				this.forgetProcess(this.processes[0]?.pid ?? -1);
				this.counters.processEvictions += 1;
			}
			this.processes.push({ pid, live: [] });
		}
		const process = this.#use(pid) as { live: Live[] };
		const others = process.live.filter((each) => each.pointer !== pointer);
		if (others.length < process.live.length) this.counters.replaced += 1;
		if (others.length === maxPerProcess) {
			others.splice(oldestKept, 1);
			this.counters.overflowed += 1;
		}
		process.live = [...others, { pointer, bytes, kind, tNs }].sort((a, b) => a.tNs - b.tNs);
		this.counters.allocated += 1;
	}

	freed({ pid, pointer }: Freed): void {
		this.#end(pid, ({ live }) => live.filter((each) => each.pointer === pointer && each.kind !== 'mapped'));
	}

	unmapped({ pid, pointer, bytes }: Unmapped): void {
		this.#end(pid, ({ live }) => {
			const gone: Live[] = [];
			for (let at = pointer; at < pointer + bytes; ) {
				const range = live.find((each) => each.pointer === at && each.kind === 'mapped');
				if (range === undefined) break;
				gone.push(range);
				at += Math.max(1, range.bytes);
			}
			return gone;
		});
	}

	forgetProcess(pid: number): void {
		const at = this.processes.findIndex((each) => each.pid === pid);
		if (at < 0) return;
		this.counters.forgotten += this.processes[at]?.live.length ?? 0;
		this.processes.splice(at, 1);
	}

	oldestAgesMs(pid: number, atNs: number, topN: number): number[] {
		const live = this.#use(pid)?.live ?? [];
		return live.slice(0, Math.max(0, topN)).map(({ tNs }) => Math.max(0, Math.trunc((atNs - tNs) / 1e6)));
	}

	#end(pid: number, of: (process: { live: Live[] }) => Live[]): void {
		const process = this.#use(pid);
		const gone = process === undefined ? [] : of(process);
		if (process !== undefined) process.live = process.live.filter((each) => !gone.includes(each));
		if (gone.length === 0) this.counters.unknownFrees += 1;
		this.counters.freed += gone.length;
	}

	#use(pid: number): { live: Live[] } | undefined {
		const at = this.processes.findIndex((each) => each.pid === pid);
		if (at < 0) return undefined;
		this.processes.push(...this.processes.splice(at, 1));
		return this.processes.at(-1);
	}
}
