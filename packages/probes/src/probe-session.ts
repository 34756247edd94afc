import { BpfObject, type BpfRing, features } from '@ingero/bpf-loader-native';
import { type LedgerConsumer, type LedgerSource, type LossLedger, SourceClock } from '@ingero/steps';
import { Attachments } from './attach/attachments';
import type { LibraryProbes } from './attach/library-probes';
import { EventBatcher } from './event-batcher';
import { type Operations, probedFunctions, probedOperations, UPROBE_PROGRAMS, uprobeAttachTypes } from './functions';
import type { ProbeLevel } from './guard/governor';
import { OverheadControl, type ProbeSwitches } from './guard/overhead-control';
import { ProbeCosts, type ProgramCost } from './guard/probe-costs';
import { WatchedLedgers } from './guard/watched-ledgers';
import { HostSources } from './host/host-sources';
import { KernelState, lossesOf } from './kernel-state';
import { LedgerReader } from './ledger-reader';
import { objectFile } from './object-file';
import { requireSafeProbes } from './self-test/self-test';
import { checkOptions, type ProbeSessionOptions } from './session-options';
import { StackReader } from './stacks/stack-reader';

/** Rings are read this often while there is something in them, and a fifth as often after a quiet second. */
const POLL_MS = 10;
const IDLE_POLL_MS = 50;
const IDLE_AFTER_POLLS = 100;
/** New processes and libraries are looked for this often: they are found well within a second. */
const DISCOVERY_MS = 250;
/** The programs know within two seconds when the agent stands still: from then on they deliver no raw events. */
const HEARTBEAT_MS = 100;
/** Threads that never read back draw their admission anew this often. */
const RENEWAL_MS = 1000;
/** How long a record may be late in its ring and still find its place: a preempted program's time slice. */
const WINDOW_NS = 10_000_000;
/** What comes at a time stays in the processor's cache until it is sorted. */
const DRAIN_BYTES = 1 << 18;
/** A read of less has emptied the ring; what came meanwhile waits for the next one, or reading would never end. */
const MORE_BYTES = DRAIN_BYTES - 1024;

/** Room for ledgers, unless another is asked for. */
const LEDGER_RING_BYTES = 16 << 20;
/** Different stacks that are kept; one more of them costs 520 bytes. */
const STACKS = 16_384;
/** Programs that say when a process is over, and where the time of its threads goes. */
const SCHEDULER_PROGRAMS = ['thread_exited', 'program_replaced', 'thread_switched', 'thread_woken'] as const;

/** The probes of this machine as a source of ledgers. */
export class ProbeSession implements LedgerSource {
	/** What the codes of this session's events mean. */
	readonly operations: Operations;
	readonly #object: BpfObject;
	readonly #state: KernelState;
	readonly #attachments: Attachments;
	readonly #control: OverheadControl;
	readonly #costs: ProbeCosts;
	readonly #host: HostSources;
	readonly #stacks: StackReader;
	readonly #admission: number;
	readonly #clock: SourceClock;
	readonly #librariesAhead: readonly string[];
	readonly #buffer = new Uint32Array(DRAIN_BYTES / 4);
	#admitAllUntilNs = 0n;
	#deliversEvents = true;
	#processes: ReadonlySet<number> = new Set();
	readonly #ended = new Set<number>();
	#finalCosts: ProgramCost[] | undefined;
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
		const { stacks = false, libraries = [] } = options;
		this.#librariesAhead = libraries;
		const functions = probedFunctions(options);
		const used: ReadonlySet<string> = new Set(functions.map(({ program }) => program));
		const { longNops } = requireSafeProbes({ objectDirectory: options.objectDirectory });
		const kernel = features();
		const multi = kernel.uprobeMulti.supported;
		const { eventRingBytes, ledgerRingBytes } = options;
		this.#object = BpfObject.open(objectFile(options.objectDirectory), {
			name: 'ingero',
			attachTypes: uprobeAttachTypes(multi),
			maxEntries: {
				...(eventRingBytes === undefined ? {} : { event_ring: eventRingBytes }),
				...(ledgerRingBytes === undefined ? {} : { ledger_ring: ledgerRingBytes }),
				...(stacks ? { stacks: STACKS } : {}),
			},
			readOnlyData: {
				takes_stacks: stacks ? 1 : 0,
				ledger_ring_half: (ledgerRingBytes ?? LEDGER_RING_BYTES) / 2,
			},
			disable: UPROBE_PROGRAMS.filter((name) => name !== 'timed_call_returned' && !used.has(name)),
		});
		let host: HostSources | undefined;
		try {
			this.#object.load();
			this.#clock = new SourceClock(process.hrtime.bigint(), options.wallOffsetNs);
			this.#state = new KernelState(this.#object);
			this.#admission = options.admission ?? 0;
			this.#state.setAdmission(this.#admission);
			this.#object.map('heartbeat').startHeartbeat({ key: new Uint8Array(4), intervalMs: HEARTBEAT_MS });
			host = new HostSources(options);
			this.#host = host;
			this.#stacks = new StackReader(this.#object.map('stacks'));
			this.operations = new Map([...probedOperations(options), ...this.#host.operations]);
			this.#costs = new ProbeCosts(this.#object, [...used, 'timed_call_returned']);
			if (options.pids !== undefined) this.#state.setTargets(options.pids);
			if (options.uids !== undefined) this.#state.setUsers(options.uids);
			this.#attachments = new Attachments({
				object: this.#object,
				multi,
				pids: options.pids,
				uids: options.uids,
				functions,
				policy: { allowStepped: options.allowSteppedSites, longNops: longNops.safe },
				// Before Linux 6.10 a multi link's pid means one thread; the programs' own filter is right everywhere.
				limitLinks: !multi || kernel.uprobeMultiPid.supported,
				onEvent: (event) => {
					// A library that comes while launches are not watched is probed like the others.
					if (event.type === 'attached' && !this.#control.watched.isOpen) event.probes.watchLaunches(false);
					options.onAttach?.(event);
				},
			});
			this.#control = new OverheadControl(this.#switches(), {
				limit: options.maxOverhead ?? 0,
				isGuarded: options.guard ?? false,
				onLevel: options.onLevel ?? (() => {}),
			});
		} catch (error) {
			host?.close();
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

	/** What became of each program that watches the host. */
	get hostReports(): HostSources['reports'] {
		return this.#host.reports;
	}

	/** The probes on the driver's ioctls, where they were asked for. */
	get memoryIoctls(): HostSources['ioctls'] {
		return this.#host.ioctls;
	}

	/**
	 * The user stack that an event `call_stack` names: addresses, innermost first, which a {@link Symbolizer} names.
	 * `undefined` for an unknown number, without the option `stacks`, and when the session is over.
	 */
	stack(id: number): bigint[] | undefined {
		return this.#finalLosses === undefined ? this.#stacks.read(id) : undefined;
	}

	/** Delivers every step's raw events until `untilNs` (ns since the source's base); Infinity is for good. */
	admitAllUntil(untilNs: number): void {
		if (Number.isNaN(untilNs)) throw new TypeError('untilNs: expected a time in ns, got NaN');
		if (this.#finalLosses !== undefined) return;
		const bounded = Math.min(Math.max(0, Math.round(untilNs)), Number.MAX_SAFE_INTEGER);
		this.#admitAllUntilNs = this.#clock.absolute(bounded);
		if (this.#deliversEvents) this.#state.admitAllUntil(this.#admitAllUntilNs);
	}

	/** A step was slow: in guard mode, launches are watched for a second. */
	outlier(): void {
		this.#control.outlier(this.nowNs());
	}

	/** How much is probed now. */
	get level(): ProbeLevel {
		return this.#control.level;
	}

	/** What the probes cost the process that pays most, as a share of one thread's time; 0 without a limit. */
	get overhead(): number {
		return this.#control.overhead;
	}

	/** Runs of the probes' programs and their time, from samples of the session. */
	programCosts(): ProgramCost[] {
		return this.#finalCosts ?? this.#costs.programs();
	}

	/** @throws BpfError INGERO_BPF_CLOSED the second time: a session runs once */
	async run(consumer: LedgerConsumer): Promise<void> {
		this.#running = true;
		consumer.opened({ clock: this.#clock, operations: this.operations });
		const batcher = new EventBatcher({
			clock: this.#clock,
			windowNs: WINDOW_NS,
			deliver: (words, count) => consumer.events?.(words, count),
		});
		const watched = new WatchedLedgers(this.#control.watched);
		const reader = new LedgerReader({
			clock: this.#clock,
			operations: this.operations,
			windowNs: WINDOW_NS,
			consumer: {
				completed: (ledger) => consumer.completed(ledger),
				memoryCall: (words, at, tNs) => consumer.memoryCall?.(words, at, tNs),
				handleCall: (words, at, tNs) => consumer.handleCall?.(words, at, tNs),
				processExited: (pid) => {
					this.#ended.add(pid);
					this.#host.forgetProcess(pid);
					consumer.processExited(pid);
				},
			},
			wasWatched: (tid, tNs) => watched.wasWatched(tid, tNs),
			onExit: (words, at) => batcher.pushOne(words, at),
		});
		const rings = { ledgers: this.#object.ring('ledger_ring'), events: this.#object.ring('event_ring') };
		try {
			for (const name of SCHEDULER_PROGRAMS) this.#object.program(name).attachBtfTracepoint();
			for (const path of this.#librariesAhead) this.#attachments.attachAhead(path);
			await this.#loop(rings, reader, batcher);
			this.#attachments.detachAll();
			this.#host.stop();
			this.#drain(rings, reader, batcher);
			this.#takeUndeliveredEnds(reader);
			reader.end();
			batcher.advance(Number.POSITIVE_INFINITY);
		} finally {
			this.#received = batcher.calls;
			this.#late = batcher.late + reader.late;
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
		return this.#finalLosses ?? lossesOf(this.#state.counters(), this.#received, this.#late, this.#host.losses());
	}

	#release(): void {
		if (this.#finalLosses !== undefined) return;
		this.#finalLosses = lossesOf(this.#state.counters(), this.#received, this.#late, this.#host.losses());
		this.#finalCosts = this.#costs.programs();
		this.#costs.close();
		this.#host.close();
		this.#object.close();
	}

	#switches(): ProbeSwitches {
		return {
			now: () => this.nowNs(),
			watchLaunches: (isWanted) => {
				for (const library of this.#attachments.libraries) library.watchLaunches(isWanted);
			},
			probe: (isWanted) => {
				if (isWanted) this.#attachments.resume();
				else this.#attachments.suspend();
			},
			deliverEvents: (isWanted) => {
				this.#deliversEvents = isWanted;
				this.#state.setAdmission(isWanted ? this.#admission : 0);
				this.#state.admitAllUntil(isWanted ? this.#admitAllUntilNs : 0n);
			},
			measure: () => ({
				processes: this.#state.hits(),
				launchNs: this.#costs.launchNs,
				otherNs: this.#costs.otherNs,
				eventShare: this.#state.eventShare(),
			}),
		};
	}

	async #loop(rings: Rings, reader: LedgerReader, batcher: EventBatcher): Promise<void> {
		let quietPolls = 0;
		let discoverAtMs = 0;
		let renewAtMs = 0;
		while (!this.#stopping) {
			const nowMs = Number(process.hrtime.bigint() / 1_000_000n);
			if (nowMs >= discoverAtMs) {
				if (this.level !== 'off') this.#attachments.update(nowMs);
				this.#lookForProcesses();
				this.#forgetEnded();
				this.#takeUndeliveredEnds(reader);
				discoverAtMs = nowMs + DISCOVERY_MS;
			}
			this.#control.tick(this.nowNs());
			if (nowMs >= renewAtMs) {
				this.#state.renew();
				this.#costs.look();
				renewAtMs = nowMs + RENEWAL_MS;
			}
			// The time is taken before the rings are read: all that is older than it, less the window, is then in hand.
			const nowNs = this.nowNs();
			quietPolls = this.#drain(rings, reader, batcher) > 0 ? 0 : quietPolls + 1;
			reader.advance(nowNs);
			batcher.advance(nowNs);
			this.#received = batcher.calls;
			this.#late = batcher.late + reader.late;
			await this.#sleep(quietPolls < IDLE_AFTER_POLLS ? POLL_MS : IDLE_POLL_MS);
		}
	}

	/** All at once: each time, whole maps are looked through. */
	#forgetEnded(): void {
		if (this.#ended.size === 0) return;
		this.#state.forgetProcesses(this.#ended);
		this.#ended.clear();
	}

	/** Processes that use CUDA since the last look, or no longer. */
	#lookForProcesses(): void {
		const pids = this.cudaProcesses;
		if (pids.some((pid) => !this.#processes.has(pid))) this.#control.processCame(this.nowNs());
		this.#processes = new Set(pids);
		this.#host.setTargets(pids);
	}

	#drain(rings: Rings, reader: LedgerReader, batcher: EventBatcher): number {
		let total = 0;
		for (let bytes = this.#read(rings.ledgers); bytes > 0; bytes = this.#readOn(rings.ledgers, bytes)) {
			total += bytes;
			reader.read(this.#buffer, bytes / 4);
		}
		for (let bytes = this.#read(rings.events); bytes > 0; bytes = this.#readOn(rings.events, bytes)) {
			total += bytes;
			batcher.push(this.#buffer, bytes / 4);
		}
		total += this.#host.drain(this.#buffer, (words, count) => batcher.push(words, count));
		return total;
	}

	#takeUndeliveredEnds(reader: LedgerReader): void {
		for (const record of this.#state.takeUndeliveredEnds()) reader.read(record, record.length);
	}

	#read(ring: BpfRing): number {
		return ring.drain(this.#buffer.buffer);
	}

	#readOn(ring: BpfRing, before: number): number {
		return before < MORE_BYTES ? 0 : this.#read(ring);
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

interface Rings {
	readonly ledgers: BpfRing;
	readonly events: BpfRing;
}
