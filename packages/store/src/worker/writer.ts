/** Entry point of the worker thread. It owns the connection; the main thread never waits for the disk. */
import { parentPort, workerData } from 'node:worker_threads';
import { toWire } from '../errors/store-error';
import { toStoreError } from '../errors/system-errors';
import type { Batch, FromWriter, ToWriter, WriterSetup } from './protocol';
import { SessionWriter } from './session-writer';

if (parentPort === null) {
	throw new TypeError('writer.js is the worker thread of @ingero/store; it does nothing when run by itself');
}
const port = parentPort;
const setup: WriterSetup = workerData;

function send(message: FromWriter, transfer: readonly ArrayBuffer[] = []): void {
	port.postMessage(message, transfer);
}

function write(writer: SessionWriter, batch: Batch): void {
	const { failed, error, fatal } = writer.write(batch);
	const buffers = batch.events.map((chunk) => chunk.buffer);
	send({ kind: 'ack', failed, buffers, error: error && toWire(error), stopped: fatal }, buffers);
	if (fatal) {
		writer.close([]);
		port.close();
	}
}

function close(writer: SessionWriter, message: Extract<ToWriter, { kind: 'close' }>): void {
	const error = writer.close(message.losses);
	send({ kind: 'closed', error: error && toWire(error) });
	port.close();
}

try {
	const writer = await SessionWriter.open(setup);
	port.on('message', (message: ToWriter) => {
		if (message.kind === 'batch') {
			write(writer, message.batch);
		} else {
			close(writer, message);
		}
	});
	send({ kind: 'ready', sessionId: writer.sessionId });
} catch (error) {
	send({ kind: 'failed', error: toWire(toStoreError(error, setup.path)) });
}
