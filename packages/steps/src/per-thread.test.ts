import { expect, test } from 'vitest';
import { PerThread } from './per-thread';

test('keeps one thing for each thread of each process, until the process is forgotten', () => {
	let made = 0;
	const threads = new PerThread(() => ({ number: ++made }));
	const first = threads.of(1, 7);
	expect(threads.of(1, 7)).toBe(first);
	expect([threads.of(1, 8).number, threads.of(2, 7).number, threads.of(1, 7).number]).toEqual([2, 3, 1]);
	expect([...threads.all()].map(({ number }) => number)).toEqual([1, 2, 3]);

	expect([...threads.forget(1)].map(({ number }) => number)).toEqual([1, 2]);
	expect([...threads.forget(1)]).toEqual([]);
	expect(threads.of(1, 7).number).toBe(4);
	expect(threads.of(2, 7).number).toBe(3);
});
