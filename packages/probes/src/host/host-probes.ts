import { EVENT_WORDS } from '../decode/layout';
import type { Operations } from '../functions';
import { u32 } from '../map-key';
import { type GroupLosses, lossesOf } from './losses';
import { HOST_OPERATIONS } from './operations';
import { PageAllocations } from './page-allocations';
import { pageSize } from './page-size';
import { type GroupDefinition, type GroupProgram, ProbeGroup, type ProgramReport } from './probe-group';

/** Page allocations are told of this often. */
const PAGES_EVERY_NS = 1_000_000_000n;

const tracepoint = (name: string): GroupProgram => ({ name, attach: (program) => program.attachBtfTracepoint() });

/** What is watched of the host, each part by itself. */
export type HostGroup = 'processes' | 'oom' | 'block_io' | 'tcp';

/** The groups, each with room for bursts: a record takes 56 bytes of its ring. */
const GROUPS: Readonly<Record<HostGroup, GroupDefinition>> = {
	processes: {
		object: 'host_processes',
		programs: ['program_executed', 'process_forked', 'target_exited', 'pages_allocated'].map(tracepoint),
		ringBytes: 256 << 10,
	},
	oom: {
		object: 'host_oom',
		programs: [
			tracepoint('process_oom_killed'),
			{
				name: 'thread_oom_killed',
				attach: (program) => program.attachTracepoint('oom', 'mark_victim'),
				insteadOf: 'process_oom_killed',
			},
		],
		ringBytes: 64 << 10,
	},
	block_io: {
		object: 'host_block',
		programs: ['block_request_queued', 'block_request_merged', 'block_request_issued', 'block_request_completed'].map(
			tracepoint,
		),
		ringBytes: 1 << 20,
	},
	tcp: {
		object: 'host_tcp',
		programs: ['socket_opened', 'segment_retransmitted'].map(tracepoint),
		ringBytes: 256 << 10,
	},
};

/** Options of {@link HostProbes}; all may be left out. */
export interface HostProbesOptions {
	/** Watch requests to block devices. Default true. */
	readonly blockIo?: boolean | undefined;
	/** Watch TCP retransmissions. Default true. */
	readonly tcp?: boolean | undefined;
	/** Folder of the eBPF objects, if not with this package. */
	readonly objectDirectory?: string | undefined;
}

/**
 * What the host does around the traced processes: programs they start, children they have, memory they take; and of the
 * whole machine OOM kills, block requests and TCP retransmissions. {@link HOST_OPERATIONS} says what its records mean.
 *
 * A group or program that this kernel refuses is reported, and the others work.
 */
export class HostProbes implements Disposable {
	readonly operations: Operations = HOST_OPERATIONS;
	readonly #groups: ReadonlyMap<HostGroup, ProbeGroup>;
	readonly #pages: PageAllocations | undefined;
	readonly #targets = new Set<number>();
	#waiting: Uint32Array[] = [];
	#pagesAtOnce = false;

	/**
	 * Loads and attaches.
	 *
	 * @throws ProbeError where the objects are missing or the platform has no probes
	 */
	constructor(options: HostProbesOptions = {}) {
		const { blockIo = true, tcp = true, objectDirectory } = options;
		const names: HostGroup[] = [
			'processes',
			'oom',
			...(blockIo ? ['block_io' as const] : []),
			...(tcp ? ['tcp' as const] : []),
		];
		const groups = new Map<HostGroup, ProbeGroup>();
		this.#groups = groups;
		try {
			for (const name of names) groups.set(name, new ProbeGroup(GROUPS[name], objectDirectory));
			const sums = groups.get('processes')?.map('page_sums');
			if (sums) this.#pages = new PageAllocations(sums, pageSize(), process.hrtime.bigint());
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** What became of each program, by group. */
	get reports(): readonly (ProgramReport & { readonly group: HostGroup })[] {
		return [...this.#groups].flatMap(([group, { reports }]) => reports.map((report) => ({ group, ...report })));
	}

	/**
	 * The processes whose programs, children and memory are watched. Children that they have from now on are watched as
	 * well, until they end, and need not be named.
	 *
	 * @throws BpfError INGERO_BPF_MAP with more than 16,384 processes
	 */
	setTargets(pids: readonly number[]): void {
		const map = this.#groups.get('processes')?.map('host_targets');
		if (map === undefined) return;
		const wanted = new Set(pids);
		for (const pid of this.#targets) {
			if (wanted.has(pid)) continue;
			map.delete(u32(pid));
			this.#pages?.leave(pid);
			this.#targets.delete(pid);
		}
		for (const pid of wanted) {
			if (this.#targets.has(pid)) continue;
			map.set(u32(pid), Uint8Array.of(1));
			this.#pages?.join(pid);
			this.#targets.add(pid);
		}
	}

	/**
	 * Reads records of `EVENT_WORDS` (12) words into `target`, those of a group in the order in which they happened.
	 *
	 * @param target room for at least one record
	 * @returns words read; call it until that is 0
	 */
	drain(target: Uint32Array): number {
		let words = 0;
		for (const group of this.#groups.values()) {
			words += group.drain(target.subarray(words));
		}
		this.#takePages();
		while (this.#waiting.length > 0 && target.length - words >= EVENT_WORDS) {
			target.set(this.#waiting.shift() as Uint32Array, words);
			words += EVENT_WORDS;
		}
		return words;
	}

	losses(): Readonly<Partial<Record<HostGroup, GroupLosses>>> {
		return Object.fromEntries(
			[...this.#groups].map(([name, group]) => [
				name,
				lossesOf(group, name === 'processes' ? (this.#pages?.allocations ?? 0) : 0),
			]),
		);
	}

	/** Detaches. What was seen until now can still be drained, the page allocations of the last second included. */
	stop(): void {
		for (const group of this.#groups.values()) group.stop();
		this.#pagesAtOnce = true;
	}

	/** Detaches and unloads; the losses stay what they were. */
	close(): void {
		for (const group of this.#groups.values()) group.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	#takePages(): void {
		if (this.#pages === undefined || this.#groups.get('processes')?.map('page_sums') === undefined) return;
		const nowNs = process.hrtime.bigint();
		if (!this.#pagesAtOnce && nowNs - this.#pages.takenNs < PAGES_EVERY_NS) return;
		this.#pagesAtOnce = false;
		this.#waiting.push(...this.#pages.take(nowNs));
	}
}
