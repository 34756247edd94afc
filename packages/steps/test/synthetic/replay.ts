import { type CompletedLedger, EventPipeline, OperationTable, SourceClock } from '../../src/index';
import { type Call, encode, type Operations } from './call';

export const BASE_NS = 1_000_000_000_000n;
const RECORD_WORDS = 12;

export interface Replayed {
	readonly completed: CompletedLedger[];
	readonly exited: number[];
	readonly counters: EventPipeline['counters'];
}

/** Runs calls through the pipeline, in the order given, `batch` records at a time. */
export function replay(
	calls: readonly Call[],
	operations: Operations,
	{ baseNs = BASE_NS, batch = 100 }: { baseNs?: bigint; batch?: number } = {},
): Replayed {
	const completed: CompletedLedger[] = [];
	const exited: number[] = [];
	const pipeline = new EventPipeline({
		table: new OperationTable(operations),
		clock: new SourceClock(baseNs),
		// Where a step's time went has tests of its own.
		onCompleted: ({ evidence: _, ...ledger }) => completed.push(ledger),
		onProcessExited: (pid) => exited.push(pid),
	});
	const words = encode(calls, operations, baseNs);
	for (let at = 0; at < words.length; at += batch * RECORD_WORDS) {
		const part = words.subarray(at, at + batch * RECORD_WORDS);
		pipeline.push(part, part.length / RECORD_WORDS);
	}
	pipeline.end();
	return { completed, exited, counters: pipeline.counters };
}
