import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { OtlpError, type OtlpErrorCode } from '../errors';
import type { MetricFamily } from '../metrics/family';
import { DEFAULT_HOST, formatAddress, type ListenAddress } from './address';
import { answer } from './answer';

export interface PrometheusServerOptions {
	/** Interface to listen on. Default `127.0.0.1`: the page asks for no password. */
	readonly host?: string | undefined;
	/** TCP port; 0 lets the system choose. */
	readonly port: number;
	/** The facts as they are now; called for every scrape, so it should hand out what is there and not work for it. */
	readonly collect: () => Iterable<MetricFamily>;
	/** Called when `collect` throws or what it gives can't be rendered; the scraper gets status 500. Default: silence. */
	readonly onError?: ((error: unknown) => void) | undefined;
}

/** A client that sends its header more slowly is cut off, so that idle connections can't pile up. */
const HEADERS_TIMEOUT_MS = 5000;

/** A client that takes longer to send a request or to read its answer is cut off: the page is held in memory for it. */
const EXCHANGE_TIMEOUT_MS = 10_000;

/** A handful of scrapers is usual. The limit bounds the memory that slow ones can hold: one page each. */
const MAX_CONNECTIONS = 64;

/** How long closing waits for a page that is being read. */
const CLOSE_GRACE_MS = 1000;

/** Serves the Prometheus page over HTTP at `/metrics`. */
export class PrometheusServer implements AsyncDisposable {
	/** Where it listens, with the port the system chose. */
	readonly address: ListenAddress;
	readonly #server: Server;
	readonly #answers: ReadonlyMap<Socket, ServerResponse>;
	#closing: Promise<void> | undefined;

	/** @throws OtlpError when it can't listen there, naming the port and what to do */
	static async listen(options: PrometheusServerOptions): Promise<PrometheusServer> {
		const { host = DEFAULT_HOST, port, collect, onError = () => {} } = options;
		if (!Number.isInteger(port) || port < 0 || port > 65_535) {
			throw new TypeError(`port must be a whole number from 0 to 65535, got ${port}`);
		}
		const answers = new Map<Socket, ServerResponse>();
		const server = createServer(
			{ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: EXCHANGE_TIMEOUT_MS, connectionsCheckingInterval: 1000 },
			(request, response) => {
				const { socket } = request;
				if (answers.has(socket)) {
					// Requests sent ahead of the answers would each hold a page. No scraper does that.
					socket.destroy();
					return;
				}
				const cutOff = setTimeout(() => response.destroy(), EXCHANGE_TIMEOUT_MS);
				answers.set(socket, response);
				response.once('close', () => {
					clearTimeout(cutOff);
					answers.delete(socket);
				});
				answer(request, response, collect, onError);
			},
		);
		server.maxConnections = MAX_CONNECTIONS;
		server.listen(port, host);
		try {
			await once(server, 'listening');
		} catch (error) {
			throw listenError({ host, port }, error);
		}
		return new PrometheusServer(server, host, answers);
	}

	private constructor(server: Server, host: string, answers: ReadonlyMap<Socket, ServerResponse>) {
		this.#server = server;
		this.#answers = answers;
		this.address = { host, port: (server.address() as AddressInfo).port };
	}

	/** Where the page is. */
	get url(): string {
		return `http://${formatAddress(this.address)}/metrics`;
	}

	/** Stops listening and ends every connection: idle ones at once, one that reads a page after a second. */
	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}

	async #close(): Promise<void> {
		// Before the server is told: its own close() takes a connection for idle as soon as the answer was handed over, and
		// would cut off a page that is still on its way.
		const read = Promise.all([...this.#answers.values()].map((response) => once(response, 'close')));
		const waited = new AbortController();
		await Promise.race([read, delay(CLOSE_GRACE_MS, undefined, { signal: waited.signal }).catch(() => {})]);
		waited.abort();

		const closed = once(this.#server, 'close');
		this.#server.close();
		this.#server.closeAllConnections();
		await closed;
	}
}

const kinds: Readonly<Record<string, { code: OtlpErrorCode; problem: string; remedy: string }>> = {
	EADDRINUSE: {
		code: 'INGERO_OTLP_PORT_IN_USE',
		problem: 'another process listens there',
		remedy: 'Choose another port, or end the process that has this one (ss -ltnp names it)',
	},
	EACCES: {
		code: 'INGERO_OTLP_PORT_FORBIDDEN',
		problem: 'this user may not listen there',
		remedy: 'Choose a port from 1024 on',
	},
};

function listenError(address: ListenAddress, cause: unknown): OtlpError {
	const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
	const kind = kinds[code] ?? {
		code: 'INGERO_OTLP_ADDRESS_UNAVAILABLE',
		problem: `can't listen there (${code})`,
		remedy: 'Choose an address of this machine (ip address lists them)',
	};
	return new OtlpError({ ...kind, address: formatAddress(address), cause });
}
