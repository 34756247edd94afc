import type { BpfObject, BpfRing } from '@ingero/bpf-loader-native';
import type { LedgerConsumer, SourceClock } from '@ingero/steps';
import type { Operations } from '../functions';
import { WatchedLedgers } from '../guard/watched-ledgers';
import type { HostSources } from '../host/host-sources';
import type { KernelState } from '../kernel-state';
import { EventBatcher } from './event-batcher';
import type { GovernedProbes } from './governed-probes';
import { LedgerReader } from './ledger-reader';

/** How long a record may be late in its ring and still find its place: a preempted program's time slice. */
const WINDOW_NS = 10_000_000;
/** What comes at a time stays in the processor's cache until it is sorted. */
const DRAIN_BYTES = 1 << 18;
/** A read of less has emptied the ring; what came meanwhile waits for the next one, or reading would never end. */
const MORE_BYTES = DRAIN_BYTES - 1024;

/** Reads what the programs write into rings, and gives a consumer its steps, calls and raw events in time order. */
export class RingReader {
	readonly #ledgerRing: BpfRing;
	readonly #eventRing: BpfRing;
	readonly #host: HostSources;
	readonly #state: KernelState;
	readonly #ledgers: LedgerReader;
	readonly #events: EventBatcher;
	readonly #buffer = new Uint32Array(DRAIN_BYTES / 4);

	/**
	 * @param options.onExit a process has ended, told in its place among the steps, before the consumer hears of it
	 * @throws BpfError INGERO_BPF_CLOSED
	 */
	constructor(options: {
		readonly object: BpfObject;
		readonly state: KernelState;
		readonly host: HostSources;
		readonly clock: SourceClock;
		readonly operations: Operations;
		readonly probes: GovernedProbes;
		readonly consumer: LedgerConsumer;
		readonly onExit: (pid: number) => void;
	}) {
		const { object, clock, operations, consumer } = options;
		const watched = new WatchedLedgers(options.probes.watched);
		this.#state = options.state;
		this.#host = options.host;
		this.#events = new EventBatcher({
			clock,
			windowNs: WINDOW_NS,
			deliver: (words, count) => consumer.events?.(words, count),
		});
		this.#ledgers = new LedgerReader({
			clock,
			operations,
			windowNs: WINDOW_NS,
			consumer: {
				completed: (ledger) => consumer.completed(ledger),
				memoryCall: (words, at, tNs) => consumer.memoryCall?.(words, at, tNs),
				handleCall: (words, at, tNs) => consumer.handleCall?.(words, at, tNs),
				processExited: (pid) => {
					options.onExit(pid);
					consumer.processExited(pid);
				},
			},
			wasWatched: (tid, tNs) => watched.wasWatched(tid, tNs),
			onExit: (words, at) => this.#events.pushOne(words, at),
		});
		this.#ledgerRing = object.ring('ledger_ring');
		this.#eventRing = object.ring('event_ring');
	}

	/** Calls whose records have been read. */
	get received(): number {
		return this.#events.calls;
	}

	/** Records that came too late for their place. */
	get late(): number {
		return this.#events.late + this.#ledgers.late;
	}

	/**
	 * Reads all that there is, and delivers what is older than the window.
	 *
	 * @param nowNs a time from before the reading: all that is older than it, less the window, is then in hand
	 * @returns whether there was anything
	 */
	read(nowNs: number): boolean {
		const hasRead = this.#drain();
		this.#ledgers.advance(nowNs);
		this.#events.advance(nowNs);
		return hasRead;
	}

	/** Takes ends of processes that the ring had no room for. */
	takeUndeliveredEnds(): void {
		for (const record of this.#state.takeUndeliveredEnds()) this.#ledgers.read(record, record.length);
	}

	/** Reads and delivers the rest; nothing more will come. */
	end(): void {
		this.#drain();
		this.takeUndeliveredEnds();
		this.#ledgers.end();
		this.#events.advance(Number.POSITIVE_INFINITY);
	}

	#drain(): boolean {
		let total = 0;
		for (let bytes = this.#fill(this.#ledgerRing); bytes > 0; bytes = this.#fillAgain(this.#ledgerRing, bytes)) {
			total += bytes;
			this.#ledgers.read(this.#buffer, bytes / 4);
		}
		for (let bytes = this.#fill(this.#eventRing); bytes > 0; bytes = this.#fillAgain(this.#eventRing, bytes)) {
			total += bytes;
			this.#events.push(this.#buffer, bytes / 4);
		}
		total += this.#host.drain(this.#buffer, (words, count) => this.#events.push(words, count));
		return total > 0;
	}

	#fill(ring: BpfRing): number {
		return ring.drain(this.#buffer.buffer);
	}

	#fillAgain(ring: BpfRing, before: number): number {
		return before < MORE_BYTES ? 0 : this.#fill(ring);
	}
}
