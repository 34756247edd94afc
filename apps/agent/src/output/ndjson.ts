import type { Writable } from 'node:stream';
import type { Explanation } from '@ingero/causes';
import { lossCauses } from '@ingero/contract/enums';
import type { SummaryMessage } from '@ingero/contract/messages';
import type { StepVerdict } from '@ingero/infer-baseline';
import { EventLines, type StackLines } from './event-lines';
import { exactJson } from './exact-json';
import { baselineShiftMessage, outlierMessage, type Place, stepMessage } from './messages';
import type { OpenedSource, SessionOutput } from './session-output';

export const EMITTABLE = ['outliers', 'steps', 'events'] as const;
export type Emittable = (typeof EMITTABLE)[number];

const FLUSH_CHARACTERS = 1 << 16;
/** So much waits for a reader that is late; more is lost. A replay waits instead. */
const MAX_QUEUED = 16 << 20;
/** A reader that has taken nothing for so long when a session ends will not take the rest either. */
const PATIENCE_MS = 2000;

/** JSON lines on a stream, `type` first on every line, the summary last. */
export class NdjsonOutput implements SessionOutput {
	readonly #stream: Writable;
	readonly #emit: ReadonlySet<Emittable>;
	readonly #place: Place;
	readonly #stacks: StackLines | undefined;
	#eventLines: EventLines | undefined;
	#source: OpenedSource | undefined;
	#lines = '';
	#lineCount = 0;
	#lost = 0;
	#flushScheduled = false;

	constructor(options: {
		readonly stream: Writable;
		readonly emit: readonly Emittable[];
		readonly nodeId: string;
		readonly clusterId: string;
		/** Absent where no stacks are taken. */
		readonly stacks?: StackLines | undefined;
	}) {
		this.#stream = options.stream;
		this.#emit = new Set(options.emit);
		this.#place = { nodeId: options.nodeId, clusterId: options.clusterId };
		this.#stacks = options.stacks;
		if (!this.#emit.has('events')) Object.assign(this, { events: undefined, handleCall: undefined });
	}

	opened(source: OpenedSource): void {
		this.#source = source;
		this.#eventLines = new EventLines(source, { stacks: this.#stacks, write: (message) => this.#write(message) });
	}

	step(step: StepVerdict, explanation?: Explanation): void {
		const { clock } = this.#source as OpenedSource;
		if (this.#emit.has('steps')) this.#write(stepMessage(step, explanation, clock));
		if (!this.#emit.has('outliers')) return;
		const outlier = outlierMessage(step, explanation, clock, this.#place);
		if (outlier !== undefined) this.#write(outlier);
		const shift = baselineShiftMessage(step, clock, this.#place);
		if (shift !== undefined) this.#write(shift);
	}

	events(words: Uint32Array, count: number): void {
		this.#eventLines?.events(words, count);
		this.#scheduleFlush();
	}

	handleCall(words: Uint32Array, at: number, tNs: number): void {
		this.#eventLines?.handleCall(words, at, tNs);
	}

	close(summary: SummaryMessage): Promise<void> {
		this.#eventLines?.flush();
		this.#stacks?.close();
		this.#flush();
		this.#stream.write(`${exactJson(summary)}\n`);
		return this.#taken();
	}

	losses(): Readonly<Record<string, number>> {
		return { [lossCauses.outputQueueFull.name]: this.#lost };
	}

	drained(): Promise<void> | undefined {
		this.#flush();
		const stream = this.#stream;
		if (!stream.writableNeedDrain) return undefined;
		return new Promise((resolve) => {
			const settle = () => {
				stream.off('drain', settle).off('error', settle);
				resolve();
			};
			// An error means that nobody reads any more: waiting for that would be waiting for ever.
			stream.on('drain', settle).on('error', settle);
		});
	}

	/** Lines of one turn of the event loop go out in one write. */
	#write(message: object): void {
		this.#lines += `${exactJson(message)}\n`;
		this.#lineCount += 1;
		if (this.#lines.length >= FLUSH_CHARACTERS) this.#flush();
		else this.#scheduleFlush();
	}

	#scheduleFlush(): void {
		if (this.#flushScheduled) return;
		this.#flushScheduled = true;
		setImmediate(() => {
			this.#flushScheduled = false;
			// What a source delivers in one turn belongs together; the next turn brings nothing for a line of this one.
			this.#eventLines?.flush();
			this.#flush();
		});
	}

	#flush(): void {
		if (this.#lines === '') return;
		if (this.#stream.writableLength > MAX_QUEUED) this.#lost += this.#lineCount;
		else this.#stream.write(this.#lines);
		this.#lines = '';
		this.#lineCount = 0;
	}

	/** @throws Error when the reader is there, but takes nothing: the process would wait for it for ever */
	#taken(): Promise<void> {
		return new Promise((resolve, reject) => {
			let left = this.#stream.writableLength;
			const watch = setInterval(() => {
				const before = left;
				left = this.#stream.writableLength;
				if (left === 0 || left < before) return;
				clearInterval(watch);
				reject(new Error('nobody reads standard output, though somebody holds it: its last lines are lost'));
			}, PATIENCE_MS);
			this.#stream.write('', () => {
				clearInterval(watch);
				resolve();
			});
		});
	}
}
