import { type Message as Definition, enums, type MessageField } from '@ingero/contract';
import type { Message } from './messages';

/**
 * Compares a parsed line with the contract's table of its fields.
 *
 * @returns what is wrong, one sentence a field; empty when nothing is
 */
export function violations(message: Message, definition: Definition): string[] {
	if (message.type !== definition.type) return [`type is ${message.type}, not ${definition.type}`];
	const keys = Object.keys(message);
	const order = ['type', ...Object.keys(definition.fields)].filter((key) => keys.includes(key));
	return [
		...(keys.join() === order.join() ? [] : [`its keys are ${keys.join()}, in the contract's order ${order.join()}`]),
		...inFields(message, definition.fields, ['type']),
	];
}

function inFields(
	value: Readonly<Record<string, unknown>>,
	fields: Readonly<Record<string, MessageField>>,
	known: readonly string[] = [],
): string[] {
	const strangers = Object.keys(value).filter((key) => !known.includes(key) && fields[key] === undefined);
	return [
		...strangers.map((key) => `${key}: not in the contract`),
		...Object.entries(fields).flatMap(([name, field]) => {
			const problem = inField(value[name], field);
			return problem === undefined ? [] : [`${name}: ${problem}`];
		}),
	];
}

function inField(value: unknown, field: MessageField): string | undefined {
	if (value === undefined) return field.required ? 'missing' : undefined;
	if (value === null) return field.nullable ? undefined : 'null';
	if (field.type === 'object')
		return inFields(value as Record<string, unknown>, field.fields ?? {}).join('; ') || undefined;
	if (!CHECKS[field.type](value)) return `${String(value)} is no ${field.type}`;
	if (field.enum === undefined) return undefined;
	const allowed = valuesOf(TABLES[field.enum]);
	if (field.type === 'map<int64>') {
		return Object.keys(value).join() === allowed.join()
			? undefined
			: `its keys are ${Object.keys(value)}, not ${allowed}`;
	}
	return allowed.includes(value as string) ? undefined : `${String(value)} is none of ${allowed}`;
}

const TABLES: Readonly<Record<keyof typeof enums, object>> = enums;

/** A table is a list of values, or a map of things with a name. */
function valuesOf(table: object): string[] {
	if (Array.isArray(table)) return table;
	return Object.values(table).map((entry: string | { name: string }) =>
		typeof entry === 'string' ? entry : entry.name,
	);
}

const isInt = (min: bigint, max: bigint) => (value: unknown) =>
	typeof value === 'bigint' && value >= min && value <= max;
const isUint32 = isInt(0n, 2n ** 32n - 1n);
const isInt64 = isInt(-(2n ** 63n), 2n ** 63n - 1n);
const isUint64 = isInt(0n, 2n ** 64n - 1n);
const isText = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
const isDecimal = isText(/^(0|[1-9]\d{0,19})$/);
const listOf = (is: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(is);
const mapOf = (is: (value: unknown) => boolean) => (value: unknown) => Object.values(value as object).every(is);

/** Integers come as bigint from `parseLines`, so that a `double` may be one too. */
const CHECKS: Readonly<Record<Exclude<MessageField['type'], 'object'>, (value: unknown) => boolean>> = {
	string: isText(/^/),
	bool: (value) => typeof value === 'boolean',
	int: isInt(-(2n ** 31n), 2n ** 31n - 1n),
	uint32: isUint32,
	int64: isInt64,
	uint64: isUint64,
	double: (value) => typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value)),
	decimal: isDecimal,
	uuid: isText(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
	// Empty where the recording has no wall clock.
	rfc3339nano: isText(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z)?$/),
	'string[]': listOf(isText(/^/)),
	'uint32[]': listOf(isUint32),
	'uint64[]': listOf(isUint64),
	'decimal[]': listOf(isDecimal),
	'map<string>': mapOf(isText(/^/)),
	'map<int64>': mapOf(isInt64),
};
