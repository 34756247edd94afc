import { SourceClock } from '@ingero/steps';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_ARG0, EVENT_OP, EVENT_WORDS, OP_PROCESS_EXIT } from '../decode/layout';
import { EventBatcher } from './event-batcher';

const WINDOW_NS = 1000;
const CALL = 3;
const SCHEDULER = 60;

/** Records of these times, numbered in their first argument. */
function records(times: readonly number[], op: number = CALL): Uint32Array {
	const words = new Uint32Array(times.length * EVENT_WORDS);
	times.forEach((tNs, i) => {
		words[i * EVENT_WORDS] = tNs;
		words[i * EVENT_WORDS + EVENT_OP] = op;
		words[i * EVENT_WORDS + EVENT_ARG0] = i;
	});
	return words;
}

function makeBatcher() {
	const batches: Uint32Array[] = [];
	const batcher = new EventBatcher({
		clock: new SourceClock(0n),
		windowNs: WINDOW_NS,
		deliver: (words, count) => {
			expect(words.length).toBe(count * EVENT_WORDS);
			batches.push(words.slice());
		},
	});
	const delivered = () =>
		batches.flatMap((words) =>
			Array.from({ length: words.length / EVENT_WORDS }, (_, i) => words[i * EVENT_WORDS] as number),
		);
	return { batcher, batches, delivered };
}

describe('EventBatcher', () => {
	it('delivers all records, in time order, whatever the order within the window', () => {
		const times = fc.array(fc.integer({ min: 1, max: WINDOW_NS }), { maxLength: 200 });
		fc.assert(
			fc.property(times, (unordered) => {
				const { batcher, delivered } = makeBatcher();
				batcher.push(records(unordered), unordered.length * EVENT_WORDS);
				batcher.advance(WINDOW_NS);
				expect(delivered()).toEqual([]);
				batcher.advance(Number.POSITIVE_INFINITY);
				expect(delivered()).toEqual([...unordered].sort((a, b) => a - b));
				expect(batcher.calls).toBe(unordered.length);
			}),
		);
	});

	it('keeps batches to a size, and leaves none behind', () => {
		const { batcher, batches, delivered } = makeBatcher();
		const times = Array.from({ length: 10_000 }, (_, i) => i + 1);
		batcher.push(records(times), times.length * EVENT_WORDS);
		batcher.advance(Number.POSITIVE_INFINITY);
		expect(delivered()).toEqual(times);
		expect(batches.map(({ length }) => length / EVENT_WORDS)).toEqual([4096, 4096, 1808]);
	});

	it('counts calls only, and puts a record from the other ring in its place', () => {
		const { batcher, delivered } = makeBatcher();
		batcher.push(records([5, 9]), 2 * EVENT_WORDS);
		batcher.push(records([6], SCHEDULER), EVENT_WORDS);
		batcher.pushOne(records([7], OP_PROCESS_EXIT), 0);
		batcher.advance(Number.POSITIVE_INFINITY);
		expect(batcher.calls).toBe(2);
		expect(delivered()).toEqual([5, 6, 7, 9]);
	});
});
