import { fileURLToPath } from 'node:url';
import type { CompletedLedger, LossLedger, SourceClock } from '@ingero/steps';
import { type AttachEvent, ProbeSession, type ProbeSessionOptions } from '../../src/index';

/** Where `make -C bpf` puts the objects. */
export const OBJECT_DIRECTORY: string = fileURLToPath(new URL('../../../../bpf/build', import.meta.url));

const PATIENCE_MS = 60_000;

/** Records as delivered, with their number. */
export interface Batch {
	readonly words: Uint32Array;
	readonly count: number;
}

/** A running session and all it has delivered. */
export class Watch implements AsyncDisposable {
	readonly session: ProbeSession;
	readonly ledgers: CompletedLedger[] = [];
	readonly exits: number[] = [];
	readonly news: AttachEvent[] = [];
	/** Calls that take or give back memory, each by itself. */
	readonly memoryCalls: Batch[] = [];
	/** Calls that make, describe or end communicators and graphs, likewise. */
	readonly handleCalls: Batch[] = [];
	/** Raw events. */
	readonly batches: Batch[] = [];
	clock!: SourceClock;
	readonly #running: Promise<void>;
	#ended: unknown;

	constructor(options: ProbeSessionOptions & { readonly events?: boolean } = {}) {
		const { events = true, ...sessionOptions } = options;
		this.session = new ProbeSession({
			objectDirectory: OBJECT_DIRECTORY,
			...sessionOptions,
			onAttach: (event) => this.news.push(event),
		});
		this.#running = this.session.run({
			opened: ({ clock }) => {
				this.clock = clock;
			},
			completed: (ledger) => this.ledgers.push(ledger),
			...(events ? { events: (words, count) => this.batches.push({ words: words.slice(), count }) } : {}),
			processExited: (pid) => this.exits.push(pid),
			memoryCall: (words, at) => this.memoryCalls.push({ words: words.slice(at, at + 12), count: 1 }),
			handleCall: (words, at) => this.handleCalls.push({ words: words.slice(at, at + 12), count: 1 }),
		});
		this.#running.catch((error) => {
			this.#ended = error;
		});
	}

	/** Waits for something to become true; the time limit only ends a test that would never end. */
	async until(condition: () => boolean, what: string): Promise<void> {
		const limitMs = performance.now() + PATIENCE_MS;
		while (!condition()) {
			if (this.#ended !== undefined) throw this.#ended;
			if (performance.now() > limitMs) throw new Error(`never came: ${what}`);
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
	}

	/** Waits until a library has probes, or any has. */
	async attached(path?: string): Promise<AttachEvent & { type: 'attached' }> {
		const find = () =>
			this.news.find((event) => event.type === 'attached' && (path === undefined || event.path === path));
		await this.until(() => find() !== undefined, `probes on ${path ?? 'any library'}`);
		return find() as AttachEvent & { type: 'attached' };
	}

	/** Ends the session; everything it saw has been delivered then. */
	async stop(): Promise<LossLedger> {
		this.session.stop();
		await this.#running;
		return this.session.losses();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
	}
}
