import { Worker } from 'node:worker_threads';
import type { LossRow } from '../accounting/losses';
import { StoreError } from '../errors/store-error';
import type { Ack, Batch, FromWriter, ToWriter, WriterSetup } from './protocol';

export interface WriterEvents {
	onAck(ack: Ack): void;
	/** The thread ended without being asked to: nothing that was posted will be acknowledged any more. */
	onLost(error: StoreError): void;
}

/** The main thread's end of the worker thread. */
export class WriterThread {
	readonly sessionId: number;
	readonly #worker: Worker;
	readonly #path: string;
	readonly #ended: Promise<void>;
	#events: WriterEvents | undefined;
	#closing = false;
	#closeError: StoreError | undefined;

	/** @throws StoreError when the worker can't open the file or can't be started */
	static async start(workerUrl: URL, setup: WriterSetup): Promise<WriterThread> {
		const worker = new Worker(workerUrl, { workerData: setup, name: 'ingero-store' });
		const sessionId = await new Promise<number>((resolve, reject) => {
			worker.once('message', (message: FromWriter) => {
				if (message.kind === 'ready') {
					resolve(message.sessionId);
				} else if (message.kind === 'failed') {
					reject(new StoreError(message.error));
				}
			});
			worker.once('error', (error) => reject(lost(setup.path, error)));
			worker.once('exit', () => reject(lost(setup.path, undefined)));
		});
		return new WriterThread(worker, sessionId, setup.path);
	}

	private constructor(worker: Worker, sessionId: number, path: string) {
		this.#worker = worker;
		this.#path = path;
		this.sessionId = sessionId;
		worker.on('message', (message: FromWriter) => this.#receive(message));
		worker.on('error', (error) => this.#lose(error));
		this.#ended = new Promise((resolve) => {
			worker.once('exit', () => {
				this.#lose(undefined);
				resolve();
			});
		});
	}

	listen(events: WriterEvents): void {
		this.#events = events;
	}

	write(batch: Batch): void {
		this.#post(
			{ kind: 'batch', batch },
			batch.events.map((chunk) => chunk.buffer),
		);
	}

	/** Ends the session and waits for the thread's end. @returns the failure, if there was one */
	async close(losses: readonly LossRow[]): Promise<StoreError | undefined> {
		this.#closing = true;
		this.#post({ kind: 'close', losses });
		await this.#ended;
		return this.#closeError;
	}

	#post(message: ToWriter, transfer: readonly ArrayBuffer[] = []): void {
		this.#worker.postMessage(message, transfer);
	}

	#receive(message: FromWriter): void {
		if (message.kind === 'ack') {
			// A stopped writer ends its thread by itself; that is no second failure.
			this.#closing ||= message.stopped;
			this.#events?.onAck(message);
		} else if (message.kind === 'closed' && message.error !== undefined) {
			this.#closeError = new StoreError(message.error);
		}
	}

	#lose(cause: unknown): void {
		if (!this.#closing) {
			this.#closing = true;
			this.#events?.onLost(lost(this.#path, cause));
		}
	}
}

function lost(path: string, cause: unknown): StoreError {
	return new StoreError({
		code: 'INGERO_STORE_WRITER_LOST',
		problem: `the writer thread ended: ${cause instanceof Error ? cause.message : 'no reason given'}`,
		remedy: 'If the script was not found, pass its place as workerUrl; otherwise open the store again',
		path,
		cause,
	});
}
