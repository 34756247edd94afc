import { InvalidArgumentError } from 'commander';

const UNIT_MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };
const SIZE_UNITS = ['', 'k', 'm', 'g', 't'];

/** `300ms`, `1.5h`, `2h45m`; `0` is no limit. In ms. */
export function durationMs(text: string): number {
	if (text === '0') return 0;
	const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
	if (parts.length === 0 || parts.map(([all]) => all).join('') !== text) {
		throw new InvalidArgumentError('Give a duration such as 30s, 1.5h or 2h45m; 0 is no limit.');
	}
	return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNIT_MS[unit as string] as number), 0);
}

/** `512`, `64k`, `1m`, `2gb`: powers of 1024, in bytes. */
export function sizeBytes(text: string): number {
	const match = /^\s*(\d+)\s*([kmgt]?)b?\s*$/i.exec(text);
	const bytes = match === null ? 0 : Number(match[1]) * 1024 ** SIZE_UNITS.indexOf((match[2] as string).toLowerCase());
	if (!Number.isSafeInteger(bytes) || bytes <= 0) {
		throw new InvalidArgumentError('Give a size such as 512k, 10m or 1g, above 0.');
	}
	return bytes;
}

export function boolean(text: string): boolean {
	if (text === 'true' || text === 'false') return text === 'true';
	throw new InvalidArgumentError('Give true or false.');
}

export function positiveInteger(text: string): number {
	const value = Number(text);
	if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
		throw new InvalidArgumentError('Give a whole number of at least 1.');
	}
	return value;
}

export function wholeNumber(text: string): number {
	const value = Number(text);
	if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('Give a whole number.');
	return value;
}

export function integer(text: string): number {
	const value = Number(text);
	if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('Give a whole number.');
	return value;
}

export function ratio(text: string): number {
	const value = Number(text);
	if (text.trim() === '' || !Number.isFinite(value) || (value !== 0 && value <= 1)) {
		throw new InvalidArgumentError('Give a number above 1, such as 3; 0 is the default.');
	}
	return value;
}

/** How much faster than it was recorded; `max` as fast as it goes. */
export function speed(text: string): number {
	if (text === 'max') return Number.POSITIVE_INFINITY;
	const value = Number(text);
	if (!(value > 0)) throw new InvalidArgumentError('Give a number above 0, such as 1 or 10, or max.');
	return value;
}

/** `--pid 1,2 --pid 3`. */
export function pids(text: string, before: readonly number[] | undefined): number[] {
	return [...(before ?? []), ...text.split(',').map((part) => positiveInteger(part.trim()))];
}

export function listOf<T extends string>(allowed: readonly T[]): (text: string) => T[] {
	return (text) => {
		const parts = text.split(',').map((part) => part.trim());
		const wrong = parts.find((part) => !allowed.includes(part as T));
		if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is none of ${allowed.join(', ')}.`);
		return parts as T[];
	};
}
