import { inspect } from 'node:util';

/** The one form of a misuse message: the argument, what it must be, what it was. */
export function misuse(argument: string, expected: string, received: unknown): TypeError {
	return new TypeError(`${argument}: expected ${expected}, received ${inspect(received, { depth: 0 })}`);
}

export function checkText(argument: string, value: unknown): asserts value is string {
	if (typeof value !== 'string' || value === '' || value.includes('\0')) {
		throw misuse(argument, 'a non-empty string', value);
	}
}

export function checkInteger(argument: string, value: unknown, min: number, max: number): asserts value is number {
	if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
		throw misuse(argument, `an integer from ${min} to ${max}`, value);
	}
}

const MAX_U64 = 2n ** 64n - 1n;

export function checkU64(argument: string, value: unknown): asserts value is bigint {
	if (typeof value !== 'bigint' || value < 0n || value > MAX_U64) {
		throw misuse(argument, 'a bigint from 0n to 2n ** 64n - 1n', value);
	}
}
