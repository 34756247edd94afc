import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAddress, isLoopback, isOtlpError, parseListenAddress } from '../src';

test.each([
	['9464', '127.0.0.1', 9464],
	[':9464', '127.0.0.1', 9464],
	[' :9464 ', '127.0.0.1', 9464],
	['0.0.0.0:9464', '0.0.0.0', 9464],
	['localhost:0', 'localhost', 0],
	['gpu-1.example.org:65535', 'gpu-1.example.org', 65535],
	['[::1]:9464', '::1', 9464],
	['[::]:9464', '::', 9464],
])('%s is %s port %i', (text, host, port) => {
	expect(parseListenAddress(text)).toEqual({ host, port });
});

test.each([
	['', 'there is no port'],
	['localhost', 'there is no port'],
	['localhost:', 'there is no port'],
	['[::1]', 'there is no port'],
	['::1', 'needs brackets'],
	['a:b:1', 'more than one colon'],
	['[::zz]:1', '::zz is no IPv6 address'],
	['[10.0.0.1]:1', '10.0.0.1 is no IPv6 address'],
	['65536', '65536 is no port'],
	[':-1', '-1 is no port'],
	[':http', 'http is no port'],
	[':9464/metrics', '9464/metrics is no port'],
	['http://localhost:9464', 'more than one colon'],
	['a b:1', 'a b is no host name'],
])('%j is refused with the reason', (text, reason) => {
	let error: unknown;
	try {
		parseListenAddress(text);
	} catch (caught) {
		error = caught;
	}
	expect(isOtlpError(error)).toBe(true);
	expect(error).toMatchObject({ code: 'INGERO_OTLP_ADDRESS_INVALID', message: expect.stringContaining(reason) });
	expect(error).toHaveProperty('message', expect.stringContaining(JSON.stringify(text)));
	expect(error).toHaveProperty('message', expect.stringContaining('host:port'));
});

test('what is formatted can be parsed', () => {
	const hosts = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
	fc.assert(
		fc.property(hosts, fc.nat(65_535), (host, port) => {
			expect(parseListenAddress(formatAddress({ host, port }))).toEqual({ host, port });
		}),
	);
});

test('only this machine reaches a loopback address', () => {
	expect(['localhost', '127.0.0.1', '127.9.9.9', '::1'].map(isLoopback)).toEqual([true, true, true, true]);
	expect(['', '0.0.0.0', '::', '10.0.0.1', 'localhost.example.org', '127.0.0.1.example.org'].map(isLoopback)).toEqual(
		new Array(6).fill(false),
	);
});
