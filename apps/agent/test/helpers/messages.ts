/** A line of JSON with every integer as a bigint, so that no digit is lost on the way into a test. */
export type Message = Readonly<Record<string, unknown>> & { readonly type: string };

/** Parses JSON lines; the last one must be whole too. */
export function parseLines(text: string): Message[] {
	if (text !== '' && !text.endsWith('\n')) throw new Error(`the last line is cut: ${text.slice(-80)}`);
	return text
		.split('\n')
		.slice(0, -1)
		.map((line) => parseExactly(line) as Message);
}

export function ofType(messages: readonly Message[], type: string): Message[] {
	return messages.filter((message) => message.type === type);
}

/** The lines of one type as they were printed. */
export function linesOfType(text: string, type: string): string[] {
	return text.split('\n').filter((line) => line.startsWith(`{"type":"${type}"`));
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

function parseExactly(line: string): unknown {
	const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;
	return parse(line, (_key, value, { source }) =>
		typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value,
	);
}

/** What a summary says of one hop: its counts and the sum of what it lost. */
export function tally(hop: unknown): Readonly<Record<'produced' | 'delivered' | 'sampledOut' | 'dropped', bigint>> {
	const { produced = 0n, delivered = 0n, sampled_out: sampledOut = 0n, dropped } = hop as Record<string, bigint>;
	return { produced, delivered, sampledOut, dropped: total(dropped) };
}

export function total(counts: unknown): bigint {
	return Object.values(counts as Record<string, bigint>).reduce((sum, count) => sum + count, 0n);
}

/** A step's line as it is when nothing is known of other processes, in which its cause may lie. */
export function withoutCause(line: string): string {
	return line.replace(/,"cause":\{[^}]*\}/, '');
}
