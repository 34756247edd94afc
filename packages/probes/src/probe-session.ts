import { BpfObject, type BpfRing, features } from '@ingero/bpf-loader-native';
import {
	type LedgerConsumer,
	type LedgerSource,
	type LossLedger,
	OperationTable,
	ReorderWindow,
	SourceClock,
	StepAssembler,
} from '@ingero/steps';
import { type AttachEvent, Attachments } from './attach/attachments';
import type { LibraryProbes } from './attach/library-probes';
import { EdgeDecoder } from './decode/edge-decoder';
import { EVENT_OP, EVENT_PID, EVENT_TID, EVENT_WORDS, recordWords } from './decode/layout';
import { EventBatcher } from './event-batcher';
import type { PROBED_OPERATIONS } from './functions';
import { KernelState, lossesOf } from './kernel-state';
import { probedOperations } from './memory-functions';
import { objectFile } from './object-file';

/** Rings are read this often while there is something in them, and a fifth as often after a quiet second. */
const POLL_MS = 10;
const IDLE_POLL_MS = 50;
const IDLE_AFTER_POLLS = 100;
/** New processes and libraries are looked for this often: they are found well within a second. */
const DISCOVERY_MS = 250;
/** How long a record may be late in its ring and still find its place: a preempted program's time slice. */
const WINDOW_NS = 10_000_000;
const DRAIN_BYTES = 1 << 20;

const UPROBE_PROGRAMS = [
	'launch_kernel',
	'launch_kernel_ex',
	'call_entered',
	'timed_call_entered',
	'timed_call_returned',
] as const;
/** Programs that say when a process is over, and where the time of its threads goes. */
const SCHEDULER_PROGRAMS = ['thread_exited', 'program_replaced', 'thread_switched', 'thread_woken'] as const;

/** Options of a {@link ProbeSession}; all may be left out. */
export interface ProbeSessionOptions {
	/** Processes to trace. Default: every process that uses CUDA, now or later. */
	readonly pids?: readonly number[] | undefined;
	/** Fraction of the steps whose raw events are delivered, 0 to 1. Default 0: ledgers only. */
	readonly admission?: number;
	/**
	 * Follow the memory of processes: more functions are probed, allocations at their return too, and every such call is
	 * delivered, whatever the admission. Default false.
	 */
	readonly memory?: boolean;
	/**
	 * Library files to probe before any process maps them, so that no call of one that starts later is missed; see
	 * {@link installedDriverLibraries}. Default none.
	 */
	readonly libraries?: readonly string[];
	/** Wall clock minus CLOCK_MONOTONIC in ns, when the source should know wall time. */
	readonly wallOffsetNs?: bigint | undefined;
	/**
	 * Room for raw events between kernel and reader, in bytes, a power of two from 4096 on. Default 16 MiB: 0.3 s of a
	 * million calls a second.
	 */
	readonly eventRingBytes?: number | undefined;
	/** The same for ledgers and what orders them. Default 4 MiB. */
	readonly ledgerRingBytes?: number | undefined;
	/** Folder of the eBPF objects, if not with this package. */
	readonly objectDirectory?: string | undefined;
	/** Told of libraries found, probed and left. */
	readonly onAttach?: ((event: AttachEvent) => void) | undefined;
}

/** The probes of this machine as a source of ledgers. */
export class ProbeSession implements LedgerSource {
	/** What the codes of this session's events mean. */
	readonly operations: typeof PROBED_OPERATIONS;
	readonly #object: BpfObject;
	readonly #state: KernelState;
	readonly #attachments: Attachments;
	readonly #clock: SourceClock;
	readonly #librariesAhead: readonly string[];
	readonly #buffer = new Uint32Array(DRAIN_BYTES / 4);
	#received = 0;
	#late = 0;
	#finalLosses: LossLedger | undefined;
	#running = false;
	#stopping = false;
	#wake: (() => void) | undefined;

	/**
	 * Loads the programs; nothing is attached before {@link run}.
	 *
	 * @throws ProbeError on a platform without probes; BpfError when the kernel refuses, with the reason; TypeError for
	 * an option out of range
	 */
	constructor(options: ProbeSessionOptions = {}) {
		checkOptions(options);
		const { memory = false, libraries = [] } = options;
		this.#librariesAhead = libraries;
		this.operations = probedOperations(memory);
		const kernel = features();
		const multi = kernel.uprobeMulti.supported;
		const { eventRingBytes, ledgerRingBytes } = options;
		this.#object = BpfObject.open(objectFile(options.objectDirectory), {
			name: 'ingero',
			attachTypes: multi ? Object.fromEntries(UPROBE_PROGRAMS.map((name) => [name, 'uprobe.multi' as const])) : {},
			maxEntries: {
				...(eventRingBytes === undefined ? {} : { event_ring: eventRingBytes }),
				...(ledgerRingBytes === undefined ? {} : { ledger_ring: ledgerRingBytes }),
			},
		});
		try {
			this.#object.load();
			this.#clock = new SourceClock(process.hrtime.bigint(), options.wallOffsetNs);
			this.#state = new KernelState(this.#object);
			this.#state.setAdmission(options.admission ?? 0);
			if (options.pids !== undefined) this.#state.setTargets(options.pids);
			this.#attachments = new Attachments({
				object: this.#object,
				multi,
				pids: options.pids,
				memory,
				// Before Linux 6.10 a multi link's pid means one thread; the programs' own filter is right everywhere.
				limitLinks: !multi || kernel.uprobeMultiPid.supported,
				onEvent: options.onAttach ?? (() => {}),
			});
		} catch (error) {
			this.#object.close();
			throw error;
		}
	}

	/** The time now, ns since the source's base. */
	nowNs(): number {
		return Number(process.hrtime.bigint() - this.#clock.baseNs);
	}

	/** Processes seen to use CUDA. */
	get cudaProcesses(): number[] {
		return this.#attachments.cudaProcesses;
	}

	get libraries(): readonly LibraryProbes[] {
		return this.#attachments.libraries;
	}

	/** Delivers every step's raw events until `untilNs` (ns since the source's base); Infinity is for good. */
	admitAllUntil(untilNs: number): void {
		if (Number.isNaN(untilNs)) throw new TypeError('untilNs: expected a time in ns, got NaN');
		if (this.#finalLosses !== undefined) return;
		const bounded = Math.min(Math.max(0, Math.round(untilNs)), Number.MAX_SAFE_INTEGER);
		this.#state.admitAllUntil(this.#clock.absolute(bounded));
	}

	/** @throws BpfError INGERO_BPF_CLOSED the second time: a session runs once */
	async run(consumer: LedgerConsumer): Promise<void> {
		this.#running = true;
		consumer.opened({ clock: this.#clock, operations: this.operations });
		const steps = new StepAssembler({
			seesEveryEventRecord: true,
			onCompleted: (ledger) => consumer.completed(ledger),
			onProcessExited: (pid) => {
				this.#state.forgetProcess(pid);
				consumer.processExited(pid);
			},
		});
		const edges = new EdgeDecoder({
			table: new OperationTable(this.operations),
			clock: this.#clock,
			sink: steps,
			onMemoryCall: (words, at, tNs) => {
				steps.called(words[at + EVENT_PID] as number, words[at + EVENT_TID] as number);
				consumer.memoryCall?.(words, at, tNs);
			},
		});
		const window = new ReorderWindow({
			windowNs: WINDOW_NS,
			relative: (low, high) => this.#clock.relative(low, high),
			release: (words, at, tNs) => edges.record(words, at, tNs),
		});
		const batcher = new EventBatcher({
			clock: this.#clock,
			windowNs: WINDOW_NS,
			deliver: (words, count) => consumer.events?.(words, count),
		});
		const rings = { ledgers: this.#object.ring('ledger_ring'), events: this.#object.ring('event_ring') };
		try {
			for (const name of SCHEDULER_PROGRAMS) this.#object.program(name).attachBtfTracepoint();
			for (const path of this.#librariesAhead) this.#attachments.attachAhead(path);
			await this.#loop(rings, window, batcher, steps);
			this.#attachments.detachAll();
			this.#drain(rings, window, batcher);
			this.#takeUndeliveredEnds(window, batcher);
			window.advance(Number.POSITIVE_INFINITY);
			steps.end();
			batcher.advance(Number.POSITIVE_INFINITY);
		} finally {
			this.#received = batcher.calls;
			this.#late = batcher.late + window.counters.late;
			this.#release();
		}
	}

	stop(): void {
		this.#stopping = true;
		this.#wake?.();
	}

	/** Detaches and unloads everything, by way of {@link stop} while it runs; harmless when that has happened. */
	close(): void {
		if (this.#running) this.stop();
		else this.#release();
	}

	[Symbol.dispose](): void {
		this.close();
	}

	losses(): LossLedger {
		return this.#finalLosses ?? lossesOf(this.#state.counters(), this.#received, this.#late);
	}

	#release(): void {
		if (this.#finalLosses !== undefined) return;
		this.#finalLosses = lossesOf(this.#state.counters(), this.#received, this.#late);
		this.#object.close();
	}

	async #loop(rings: Rings, window: ReorderWindow, batcher: EventBatcher, steps: StepAssembler): Promise<void> {
		let quietPolls = 0;
		let discoverAtMs = 0;
		while (!this.#stopping) {
			const nowMs = Number(process.hrtime.bigint() / 1_000_000n);
			if (nowMs >= discoverAtMs) {
				this.#attachments.update(nowMs);
				this.#takeUndeliveredEnds(window, batcher);
				discoverAtMs = nowMs + DISCOVERY_MS;
			}
			// The time is taken before the rings are read: all that is older than it, less the window, is then in hand.
			const nowNs = this.nowNs();
			quietPolls = this.#drain(rings, window, batcher) > 0 ? 0 : quietPolls + 1;
			window.advance(nowNs);
			steps.passed(nowNs - WINDOW_NS);
			batcher.advance(nowNs);
			this.#received = batcher.calls;
			this.#late = batcher.late + window.counters.late;
			await this.#sleep(quietPolls < IDLE_AFTER_POLLS ? POLL_MS : IDLE_POLL_MS);
		}
	}

	#drain(rings: Rings, window: ReorderWindow, batcher: EventBatcher): number {
		let total = 0;
		for (let bytes = this.#read(rings.ledgers); bytes > 0; bytes = this.#read(rings.ledgers)) {
			total += bytes;
			for (let at = 0; at < bytes / 4; ) {
				const length = recordWords(this.#buffer[at + EVENT_OP] as number);
				window.push(this.#buffer, at, length);
				batcher.pushExit(this.#buffer, at);
				at += length;
			}
		}
		for (let bytes = this.#read(rings.events); bytes > 0; bytes = this.#read(rings.events)) {
			total += bytes;
			batcher.push(this.#buffer, bytes / 4);
		}
		return total;
	}

	#takeUndeliveredEnds(window: ReorderWindow, batcher: EventBatcher): void {
		for (const record of this.#state.takeUndeliveredEnds()) {
			window.push(record, 0, EVENT_WORDS);
			batcher.pushExit(record, 0);
		}
	}

	#read(ring: BpfRing): number {
		return ring.drain(this.#buffer.buffer);
	}

	#sleep(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, ms);
			this.#wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}
}

function checkOptions({ admission = 0, pids = [] }: ProbeSessionOptions): void {
	if (!(admission >= 0 && admission <= 1)) {
		throw new TypeError(`admission: expected a number from 0 to 1, got ${admission}`);
	}
	for (const pid of pids) {
		if (!Number.isInteger(pid) || pid <= 0) throw new TypeError(`pids: expected process numbers, got ${pid}`);
	}
}

interface Rings {
	readonly ledgers: BpfRing;
	readonly events: BpfRing;
}
