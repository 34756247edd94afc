import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Values = Readonly<Record<string, string>>;

/** One call as the stand-in's STANDIN_TRACE tells it. */
export interface TracedCall {
	readonly tid: number;
	readonly ns: bigint;
	readonly function: string;
	readonly values: Values;
	/** What a call gave back that writes where a parameter points to. */
	returned?: { readonly ns: bigint; readonly values: Values };
}

const PER_THREAD = /_pt[sd][zs]$/;
const RETURN = ':return';

export function plainName(name: string): string {
	return name.replace(PER_THREAD, '');
}

export function isPerThread(name: string): boolean {
	return PER_THREAD.test(name);
}

/** Reads a trace: `<tid> <ns> <function> name=value ...`, a line a call, and for some a second one at its return. */
export function parseTrace(text: string): TracedCall[] {
	const calls: TracedCall[] = [];
	const open = new Map<string, TracedCall[]>();
	for (const line of text.trimEnd().split('\n')) {
		const [tid = '', ns = '', name = '', ...pairs] = line.trimEnd().split(' ');
		const values = Object.fromEntries(pairs.map((pair) => pair.split('=', 2) as [string, string]));
		if (name.endsWith(RETURN)) {
			const call = open.get(`${tid} ${name.slice(0, -RETURN.length)}`)?.pop();
			if (call !== undefined) call.returned = { ns: BigInt(ns), values };
			continue;
		}
		const call: TracedCall = { tid: Number(tid), ns: BigInt(ns), function: name, values };
		calls.push(call);
		const key = `${tid} ${name}`;
		open.set(key, [...(open.get(key) ?? []), call]);
	}
	return calls;
}

/** Runs something with a file for the stand-in's trace, and reads what was written to it. */
export async function withTrace<T>(use: (file: string) => Promise<T>): Promise<{ result: T; trace: TracedCall[] }> {
	const folder = mkdtempSync(join(tmpdir(), 'ingero-probes-'));
	try {
		const file = join(folder, 'trace');
		const result = await use(file);
		return { result, trace: parseTrace(readFileSync(file, 'utf8')) };
	} finally {
		rmSync(folder, { recursive: true });
	}
}
