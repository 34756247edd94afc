import { accessSync, closeSync, constants, existsSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { encodeHeader, RECORD_BYTES, type RecordingFacts } from '@ingero/recording';
import { messageOf, UsageError } from '../errors';
import type { OpenedSource, SessionOutput } from './session-output';

/** About 1 MiB, of whole records: what could not be written must not cut one in two. */
const WRITE_BYTES = 21_845 * RECORD_BYTES;

/** Writes every raw event into a recording; the header gets the number of lost ones when it ends. */
export class CaptureOutput implements SessionOutput {
	readonly path: string;
	readonly #facts: Omit<RecordingFacts, 'operations'>;
	readonly #lost: () => number;
	readonly #buffer = new Uint8Array(WRITE_BYTES);
	#file: { readonly descriptor: number; readonly header: RecordingFacts } | undefined;
	#used = 0;
	#position = 0;
	#failed = 0;
	#records = 0;
	#warned = false;

	/**
	 * Looks whether the file can be written; it is made, or emptied, when the source opens.
	 *
	 * @param options.lost events lost so far, asked at the end
	 * @throws UsageError when it cannot
	 */
	constructor(
		path: string,
		options: { readonly facts: Omit<RecordingFacts, 'operations'>; readonly lost: () => number },
	) {
		this.path = path;
		this.#facts = options.facts;
		this.#lost = options.lost;
		explained(path, () => requireWritable(path));
	}

	/** Events that came, those among them that could not be written included. */
	get records(): number {
		return this.#records;
	}

	get unwritten(): number {
		return this.#failed;
	}

	opened({ clock, operations }: OpenedSource): void {
		const header = { ...this.#facts, wallOffsetNs: clock.wallOffsetNs, operations };
		explained(this.path, () => {
			const descriptor = openSync(this.path, 'w');
			this.#position = writeSync(descriptor, encodeHeader(header), 0);
			this.#file = { descriptor, header };
		});
	}

	events(words: Uint32Array, count: number): void {
		this.#records += count;
		const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
		for (let at = 0; at < bytes.length; ) {
			const part = bytes.subarray(at, at + this.#buffer.length - this.#used);
			this.#buffer.set(part, this.#used);
			this.#used += part.length;
			at += part.length;
			if (this.#used === this.#buffer.length) this.#flush();
		}
	}

	tick(): void {
		this.#flush();
	}

	close(): void {
		if (this.#file === undefined) return;
		this.#flush();
		const { descriptor, header } = this.#file;
		// A write that failed may have left a part of itself behind.
		if (this.#failed > 0) this.#succeeds(() => ftruncateSync(descriptor, this.#position));
		this.#write(encodeHeader({ ...header, dropped: this.#lost() + this.#failed }), 0);
		closeSync(descriptor);
	}

	losses(): Readonly<Record<string, number>> {
		return { write_error: this.#failed };
	}

	#flush(): void {
		if (this.#used === 0) return;
		if (this.#write(this.#buffer.subarray(0, this.#used), this.#position)) this.#position += this.#used;
		else this.#failed += this.#used / RECORD_BYTES;
		this.#used = 0;
	}

	/** A full disk must not end the session: what could not be written is counted. */
	#write(bytes: Uint8Array, position: number): boolean {
		const { descriptor } = this.#file as { descriptor: number };
		return this.#succeeds(() => {
			for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at, position + at);
		});
	}

	#succeeds(action: () => void): boolean {
		try {
			action();
			return true;
		} catch (error) {
			if (!this.#warned)
				process.stderr.write(`ingero: ${this.path}: ${messageOf(error)}; events will be missing in it\n`);
			this.#warned = true;
			return false;
		}
	}
}

function requireWritable(path: string): void {
	if (path === '') throw new Error('the path is empty');
	const exists = existsSync(path);
	const written = exists ? path : dirname(path);
	if (statSync(written).isDirectory() === exists) {
		throw new Error(exists ? 'that is a directory' : `${written} is not a directory`);
	}
	accessSync(written, constants.W_OK);
}

function explained(path: string, action: () => void): void {
	try {
		action();
	} catch (error) {
		throw new UsageError(`cannot write the recording ${path}: ${messageOf(error)}; choose another path`);
	}
}
