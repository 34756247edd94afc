import { isIPv6 } from 'node:net';
import { OtlpError } from '../errors';

export interface ListenAddress {
	/** Name or address, an IPv6 one without brackets. */
	readonly host: string;
	/** 0 lets the system choose. */
	readonly port: number;
}

/** Where a page is served when only a port is given: the page names processes and containers and asks for no password. */
export const DEFAULT_HOST = '127.0.0.1';

/**
 * Reads a listening address as a user writes it: `9464`, `:9464`, `host:9464`, `127.0.0.1:9464`, `[::1]:9464`.
 * Without a host it is this machine alone; `0.0.0.0:9464` or `[::]:9464` is every interface.
 *
 * @throws OtlpError `INGERO_OTLP_ADDRESS_INVALID` naming what is wrong with the text
 */
export function parseListenAddress(text: string): ListenAddress {
	const { host, port } = split(text.trim());
	if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
		throw invalid(text, port === '' ? 'there is no port in it' : `${port} is no port from 0 to 65535`);
	}
	return { host: host === '' ? DEFAULT_HOST : host, port: Number(port) };

	function split(address: string): { host: string; port: string } {
		const bracketed = /^\[(.*)\]:?([^:]*)$/.exec(address);
		if (bracketed !== null) {
			const [, inside = '', after = ''] = bracketed;
			if (!isIPv6(inside)) {
				throw invalid(text, `${inside} is no IPv6 address`);
			}
			return { host: inside, port: after };
		}
		const parts = address.split(':');
		if (parts.length > 2) {
			throw invalid(text, isIPv6(address) ? 'an IPv6 address needs brackets' : 'there is more than one colon in it');
		}
		const [first = '', second] = parts;
		if (second === undefined) {
			return /^\d+$/.test(first) ? { host: '', port: first } : { host: first, port: '' };
		}
		if (!/^[\w.-]*$/.test(first)) {
			throw invalid(text, `${first} is no host name`);
		}
		return { host: first, port: second };
	}
}

/** True for a host that only this machine can reach: `localhost`, `127.0.0.0/8`, `::1`. */
export function isLoopback(host: string): boolean {
	return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** `host:port`, with brackets where they are needed. */
export function formatAddress({ host, port }: ListenAddress): string {
	return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

function invalid(address: string, problem: string): OtlpError {
	return new OtlpError({
		code: 'INGERO_OTLP_ADDRESS_INVALID',
		address: JSON.stringify(address),
		problem,
		remedy: 'Write it as host:port, :port or port, an IPv6 host in brackets',
	});
}
