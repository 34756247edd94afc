import { closeSync, openSync, writeSync } from 'node:fs';
import { encodeHeader, type RecordingFacts } from '@ingero/recording';
import { UsageError } from '../errors';
import type { OpenedSource, SessionOutput } from './session-output';

const WRITE_BYTES = 1 << 20;

/** Writes every raw event into a recording; the header gets the number of lost ones when it ends. */
export class CaptureOutput implements SessionOutput {
	readonly path: string;
	readonly #file: number;
	readonly #facts: Omit<RecordingFacts, 'operations'>;
	readonly #lost: () => number;
	readonly #buffer = new Uint8Array(WRITE_BYTES);
	#used = 0;
	#position = 0;
	#header: RecordingFacts | undefined;
	#failed = 0;
	#records = 0;

	/**
	 * @param options.lost events lost so far, asked at the end
	 * @throws UsageError when the file cannot be written
	 */
	constructor(
		path: string,
		options: { readonly facts: Omit<RecordingFacts, 'operations'>; readonly lost: () => number },
	) {
		this.path = path;
		this.#facts = options.facts;
		this.#lost = options.lost;
		try {
			this.#file = openSync(path, 'w');
		} catch (error) {
			throw new UsageError(`cannot write the recording ${path}: ${(error as Error).message}`);
		}
	}

	get records(): number {
		return this.#records;
	}

	opened({ clock, operations }: OpenedSource): void {
		this.#header = { ...this.#facts, wallOffsetNs: clock.wallOffsetNs, operations };
		this.#append(encodeHeader(this.#header));
	}

	events(words: Uint32Array, count: number): void {
		this.#records += count;
		this.#append(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
	}

	tick(): void {
		this.#flush();
	}

	close(): void {
		this.#flush();
		if (this.#header !== undefined) {
			const dropped = this.#lost() + this.#failed;
			this.#write(encodeHeader({ ...this.#header, dropped }), 0);
		}
		closeSync(this.#file);
	}

	losses(): Readonly<Record<string, number>> {
		return { write_error: this.#failed };
	}

	#append(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; ) {
			const part = bytes.subarray(at, at + this.#buffer.length - this.#used);
			this.#buffer.set(part, this.#used);
			this.#used += part.length;
			at += part.length;
			if (this.#used === this.#buffer.length) this.#flush();
		}
	}

	#flush(): void {
		if (this.#used === 0) return;
		if (this.#write(this.#buffer.subarray(0, this.#used), this.#position)) this.#position += this.#used;
		else this.#failed += Math.ceil(this.#used / 48);
		this.#used = 0;
	}

	/** A full disk must not end the session: what could not be written is counted. */
	#write(bytes: Uint8Array, position: number): boolean {
		try {
			for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at, bytes.length - at, position + at);
			return true;
		} catch {
			return false;
		}
	}
}
