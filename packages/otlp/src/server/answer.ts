import type { IncomingMessage, ServerResponse } from 'node:http';
import { prometheusPath } from '@ingero/contract';
import type { MetricFamily } from '../metrics/family';
import { prometheusContentType, renderPrometheus } from '../prometheus/render';

const indexPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Ingero</title></head>
<body><h1>Ingero</h1><p><a href="${prometheusPath}">Metrics</a></p></body>
</html>
`;

/** Answers one request. Never throws. */
export function answer(
	request: IncomingMessage,
	response: ServerResponse,
	collect: () => Iterable<MetricFamily>,
	onError: (error: unknown) => void,
): void {
	const path = request.url?.split('?', 1)[0];
	if (path !== prometheusPath && path !== '/') {
		send(response, 404, 'text/plain; charset=utf-8', `not found; the metrics are at ${prometheusPath}\n`);
	} else if (request.method !== 'GET' && request.method !== 'HEAD') {
		// The body, if any, is not read: the connection ends with the answer.
		response.setHeader('Allow', 'GET, HEAD').setHeader('Connection', 'close');
		send(response, 405, 'text/plain; charset=utf-8', 'only GET and HEAD are answered here\n');
	} else if (path === '/') {
		send(response, 200, 'text/html; charset=utf-8', indexPage);
	} else {
		sendMetrics(response, collect, onError);
	}
}

function sendMetrics(
	response: ServerResponse,
	collect: () => Iterable<MetricFamily>,
	onError: (error: unknown) => void,
): void {
	let page: string;
	try {
		page = renderPrometheus(collect());
	} catch (error) {
		send(response, 500, 'text/plain; charset=utf-8', 'collecting the metrics failed\n');
		onError(error);
		return;
	}
	send(response, 200, prometheusContentType, page);
}

/** Node leaves the body out of an answer to HEAD, and keeps its length. */
function send(response: ServerResponse, status: number, contentType: string, text: string): void {
	const body = Buffer.from(text, 'utf8');
	response.writeHead(status, {
		'Content-Type': contentType,
		'Content-Length': body.length,
		'X-Content-Type-Options': 'nosniff',
		'Cache-Control': 'no-store',
	});
	response.end(body);
}
