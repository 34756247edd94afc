import { once } from 'node:events';
import { Agent, get, request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { metrics } from '@ingero/contract';
import { expect, onTestFinished, test } from 'vitest';
import {
	family,
	type MetricFamily,
	PrometheusServer,
	type PrometheusServerOptions,
	prometheusContentType,
} from '../src';
import { parseStrictly } from './strict-parser';

const facts = (value = 1): MetricFamily[] => [family(metrics.inferWorkloadsTracked, [{ value }])];

async function serve(options: Partial<PrometheusServerOptions> = {}): Promise<PrometheusServer> {
	const server = await PrometheusServer.listen({ port: 0, collect: () => facts(), ...options });
	onTestFinished(() => server.close());
	return server;
}

async function connected(server: PrometheusServer): Promise<Socket> {
	const socket = connect(server.address.port, server.address.host);
	onTestFinished(() => void socket.destroy());
	await once(socket, 'connect');
	return socket;
}

test('the page is the facts at the moment of the scrape', async () => {
	let value = 0;
	const server = await serve({ collect: () => facts(++value) });
	for (const expected of [1, 2]) {
		const response = await fetch(server.url);
		expect(response.status).toBe(200);
		expect(response.headers.get('content-type')).toBe(prometheusContentType);
		expect(prometheusContentType).toBe('text/plain; version=0.0.4; charset=utf-8');
		const [parsed] = parseStrictly(await response.text());
		expect(parsed?.samples[0]?.value).toBe(expected);
	}
});

test('only this machine can reach it unless told otherwise', async () => {
	const server = await serve();
	expect(server.address.host).toBe('127.0.0.1');
	expect(server.url).toBe(`http://127.0.0.1:${server.address.port}/metrics`);
});

test('scrapes on one connection, one after the other, are all answered', async () => {
	const server = await serve();
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	onTestFinished(() => agent.destroy());
	const sockets = new Set<Socket>();
	for (let scrape = 0; scrape < 20; scrape++) {
		const [response] = await once(get(server.url, { agent }), 'response');
		sockets.add(response.socket);
		expect(parseStrictly(await text(response))).toHaveLength(1);
	}
	expect(sockets.size).toBe(1);
});

test('HEAD says what GET would, without the page', async () => {
	const server = await serve();
	const page = await (await fetch(server.url)).text();
	const response = await fetch(server.url, { method: 'HEAD' });
	expect(response.status).toBe(200);
	expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(page)));
	expect(await response.text()).toBe('');
});

test('the root leads to the metrics, a query is ignored, anything else is not found', async () => {
	const server = await serve();
	const root = await fetch(new URL('/', server.url));
	expect(root.headers.get('content-type')).toContain('text/html');
	expect(await root.text()).toContain('href="/metrics"');
	expect((await fetch(`${server.url}?name[]=x`)).status).toBe(200);
	for (const path of ['/metrics/', '/Metrics', '/favicon.ico', '//metrics']) {
		const response = await fetch(new URL(`http://127.0.0.1:${server.address.port}${path}`));
		expect([path, response.status]).toEqual([path, 404]);
	}
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is not allowed', async (method) => {
	const server = await serve();
	const response = await fetch(server.url, { method });
	expect(response.status).toBe(405);
	expect(response.headers.get('allow')).toBe('GET, HEAD');
	expect((await fetch(server.url)).status).toBe(200);
});

test('a body is not waited for', async () => {
	const server = await serve();
	const upload = request(server.url, { method: 'POST', headers: { 'Content-Length': 1e12 } });
	upload.on('error', () => {}); // the server ends the connection
	upload.write('begin');
	const [response] = await once(upload, 'response');
	expect(response.statusCode).toBe(405);
	response.resume();
	await once(response, 'close');
});

test('requests sent ahead of the answers do not pile up pages', async () => {
	let scrapes = 0;
	const server = await serve({
		collect: () => {
			scrapes++;
			return facts();
		},
	});
	const socket = await connected(server);
	socket.resume();
	socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000));
	await once(socket, 'close');
	expect(scrapes).toBe(1);
	expect((await fetch(server.url)).status).toBe(200);
});

test('facts that cannot be had are status 500, told to the owner and to nobody else', async () => {
	const errors: unknown[] = [];
	const broken = new Error('secret detail');
	let fails = true;
	const server = await serve({
		collect: () => {
			if (fails) throw broken;
			return facts();
		},
		onError: (error) => errors.push(error),
	});
	const response = await fetch(server.url);
	expect(response.status).toBe(500);
	expect(await response.text()).not.toContain('secret');
	expect(errors).toEqual([broken]);
	fails = false;
	expect((await fetch(server.url)).status).toBe(200);
});

test('a port that is taken is named, with a remedy', async () => {
	const other = createServer().listen(0, '127.0.0.1');
	onTestFinished(() => void other.close());
	await once(other, 'listening');
	const { port } = other.address() as { port: number };

	const failure = PrometheusServer.listen({ port, collect: () => [] });

	await expect(failure).rejects.toMatchObject({
		code: 'INGERO_OTLP_PORT_IN_USE',
		address: `127.0.0.1:${port}`,
		message: expect.stringMatching(new RegExp(`127.0.0.1:${port}: .* Choose another port`)),
		cause: expect.objectContaining({ code: 'EADDRINUSE' }),
	});
});

test('an address of another machine is named as such', async () => {
	await expect(PrometheusServer.listen({ host: '192.0.2.1', port: 0, collect: () => [] })).rejects.toMatchObject({
		code: 'INGERO_OTLP_ADDRESS_UNAVAILABLE',
		message: expect.stringContaining('192.0.2.1'),
	});
	await expect(PrometheusServer.listen({ port: 70_000, collect: () => [] })).rejects.toThrow(
		new TypeError('port must be a whole number from 0 to 65535, got 70000'),
	);
});

test('closing ends connections that are kept alive, and those that never asked', async () => {
	const server = await serve();
	const agent = new Agent({ keepAlive: true });
	onTestFinished(() => agent.destroy());
	const [response] = await once(get(server.url, { agent }), 'response');
	const kept: Socket = response.socket;
	await text(response);
	const silent = await connected(server);
	expect(kept.destroyed).toBe(false);

	const ends = Promise.all([once(kept, 'close'), once(silent, 'close')]);
	silent.resume();
	await Promise.all([server.close(), server.close()]);
	await ends;

	await expect(fetch(server.url)).rejects.toThrow();
	const again = await PrometheusServer.listen({ port: server.address.port, collect: () => [] });
	await again.close();
});

/** About 10 MB, more than a socket takes at once. */
function hugeFacts(): MetricFamily[] {
	const points = Array.from({ length: 100_000 }, (_, pid) => ({
		attributes: {
			'ingero.cgroup.path_hash': 'e916b463d100201c',
			pid,
			'ingero.infer.stream_handle': '0',
			'ingero.infer.phase': 'decode',
		} as const,
		value: 1,
	}));
	return [family(metrics.inferBaselineP95Ns, points)];
}

test('closing does not cut off a page that is being read', async () => {
	const server = await serve({ collect: hugeFacts });
	const [response] = await once(get(server.url), 'response');

	const closed = server.close();
	const page = await text(response);
	await closed;

	expect(Buffer.byteLength(page)).toBe(Number(response.headers['content-length']));
});

test('closing does not wait for a reader that stopped', async () => {
	const server = await serve({ collect: hugeFacts });
	const stopped = await connected(server);
	stopped.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
	await once(stopped, 'readable');
	await server.close();
	stopped.resume();
	await once(stopped, 'close');
});
