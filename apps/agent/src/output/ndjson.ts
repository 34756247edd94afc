import type { Explanation } from '@ingero/causes';
import type { SummaryMessage } from '@ingero/contract/messages';
import type { StepVerdict } from '@ingero/infer-baseline';
import { RECORD_WORDS } from '@ingero/recording';
import { exactJson } from './exact-json';
import { baselineShiftMessage, eventMessage, outlierMessage, type Place, stepMessage } from './messages';
import type { OpenedSource, SessionOutput } from './session-output';

export const EMITTABLE = ['outliers', 'steps', 'events'] as const;
export type Emittable = (typeof EMITTABLE)[number];

const FLUSH_CHARACTERS = 1 << 16;

/** JSON lines on a stream, `type` first on every line, the summary last. */
export class NdjsonOutput implements SessionOutput {
	readonly #stream: NodeJS.WritableStream;
	readonly #emit: ReadonlySet<Emittable>;
	readonly #place: Place;
	#source: OpenedSource | undefined;
	#lines = '';
	#flushScheduled = false;

	constructor(options: {
		readonly stream: NodeJS.WritableStream;
		readonly emit: readonly Emittable[];
		readonly nodeId: string;
		readonly clusterId: string;
	}) {
		this.#stream = options.stream;
		this.#emit = new Set(options.emit);
		this.#place = { nodeId: options.nodeId, clusterId: options.clusterId };
		if (!this.#emit.has('events')) Object.assign(this, { events: undefined });
	}

	opened(source: OpenedSource): void {
		this.#source = source;
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
		const { operations } = this.#source as OpenedSource;
		for (let i = 0; i < count; i++) this.#write(eventMessage(words, i * RECORD_WORDS, operations));
	}

	close(summary: SummaryMessage): Promise<void> {
		this.#write(summary);
		this.#flush();
		return new Promise((resolve) => {
			this.#stream.write('', () => resolve());
		});
	}

	drained(): Promise<void> | undefined {
		this.#flush();
		const stream = this.#stream as NodeJS.WriteStream;
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
		if (this.#lines.length >= FLUSH_CHARACTERS) this.#flush();
		else if (!this.#flushScheduled) {
			this.#flushScheduled = true;
			setImmediate(() => this.#flush());
		}
	}

	#flush(): void {
		this.#flushScheduled = false;
		if (this.#lines === '') return;
		this.#stream.write(this.#lines);
		this.#lines = '';
	}
}
