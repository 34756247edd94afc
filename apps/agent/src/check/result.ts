/** One thing that was looked at. */
export interface CheckResult {
	readonly name: string;
	/** `optional`: ingero works without it, in a narrower or costlier way. */
	readonly status: 'ok' | 'optional' | 'missing';
	readonly value: string;
	readonly advice?: string;
}

export function ok(name: string, value: string): CheckResult {
	return { name, status: 'ok', value };
}

export function optional(name: string, value: string, advice?: string): CheckResult {
	return { name, status: 'optional', value, ...(advice === undefined ? {} : { advice }) };
}

export function missing(name: string, value: string, advice?: string): CheckResult {
	return { name, status: 'missing', value, ...(advice === undefined ? {} : { advice }) };
}
