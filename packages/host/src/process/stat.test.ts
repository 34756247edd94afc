import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseStat } from './stat';

/** Recorded on Linux 6.18, the name replaced. */
const line = (comm: string): string =>
	`6972 (${comm}) R 6967 6967 4312 0 -1 4194304 98 0 0 0 0 0 0 0 20 0 1 0 103009 3133440 407 18446744073709551615 ` +
	'93860252110848 93860252130729 140720750767168 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 93860252146736 93860252148352 ' +
	'93860701896704 140720750774872 140720750774892 140720750774892 140720750776299 0\n';

test('whatever a process calls itself, its numbers are found', () => {
	fc.assert(
		fc.property(fc.oneof(fc.string({ maxLength: 15 }), fc.constantFrom('a) R 1 (b', ')', '((', ' ) ')), (comm) => {
			expect(parseStat(line(comm))).toEqual({
				pid: 6972,
				comm,
				state: 'R',
				parentPid: 6967,
				threadCount: 1,
				startTimeTicks: 103009,
			});
		}),
	);
});

test.each(['', 'nonsense', '12 (cut', '12 (cut) R 1 2'])('%j is no stat line', (text) => {
	expect(parseStat(text)).toBeUndefined();
});
