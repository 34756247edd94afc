/** Argument checks at the edge: a wrong option throws a `TypeError` that names the option and the value. */
function refuse(name: string, expected: string, value: unknown): never {
	throw new TypeError(`${name}: expected ${expected}, received ${describe(value)}`);
}

function describe(value: unknown): string {
	if (typeof value === 'string') return JSON.stringify(value);
	if (typeof value === 'bigint') return `${value}n`;
	if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`;
	if (typeof value === 'function') return 'a function';
	return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

export function integerOption(name: string, value: unknown, min: number): number {
	if (Number.isSafeInteger(value) && (value as number) >= min) return value as number;
	return refuse(name, `an integer >= ${min}`, value);
}

export function finiteOption(
	name: string,
	value: unknown,
	expected: string,
	valid: (value: number) => boolean,
): number {
	if (typeof value === 'number' && Number.isFinite(value) && valid(value)) return value;
	return refuse(name, expected, value);
}

export function booleanOption(name: string, value: unknown): boolean {
	return typeof value === 'boolean' ? value : refuse(name, 'true or false', value);
}

export function choiceOption<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
	if ((choices as readonly unknown[]).includes(value)) return value as T;
	return refuse(name, `one of ${choices.join(', ')}`, value);
}

/** An object; with `method`, one that has such a method. */
export function objectOption<T extends object>(name: string, value: unknown, method?: string): T {
	if (typeof value === 'object' && value !== null) {
		if (method === undefined || typeof (value as Record<string, unknown>)[method] === 'function') return value as T;
	}
	return refuse(name, method === undefined ? 'an object' : `an object with ${method}()`, value);
}

export function functionOption<T>(name: string, value: unknown): T {
	return typeof value === 'function' ? (value as T) : refuse(name, 'a function', value);
}

export function ascendingOption(name: string, value: unknown): readonly number[] {
	const rising = (bound: unknown, i: number, all: unknown[]) =>
		Number.isFinite(bound) && (i === 0 || (bound as number) > (all[i - 1] as number));
	if (Array.isArray(value) && value.length > 0 && value.every(rising)) return value;
	return refuse(name, 'a non-empty array of rising finite numbers', value);
}
