import type { CompletedLedger } from '@ingero/steps';
import { SourceClock } from '@ingero/steps';
import { expect, test } from 'vitest';
import { guarded } from './guarded';

const step = (completedNs: number) => ({ pid: 1, tid: 1, completedNs, launches: 9 }) as unknown as CompletedLedger;

test('steps are seen whole at first, and then those that lie in a sample from begin to end', () => {
	const ledgers = Array.from({ length: 40 }, (_, i) => step(100 + 10 * i));
	const seen = guarded(
		{ clock: new SourceClock(0n), happenings: ledgers.map((ledger) => ({ ledger })) },
		{ learnNs: 90, sampleNs: 25, periodNs: 100 },
	);
	const watched = seen.happenings.flatMap(({ ledger }) => (ledger?.launches === 9 ? [ledger.completedNs - 100] : []));
	expect(watched).toEqual([...Array.from({ length: 10 }, (_, i) => 10 * i), 110, 120, 210, 220, 310, 320]);
	expect(seen.happenings.every(({ ledger }) => ledger?.launches === 9 || ledger?.launchesUnseen)).toBe(true);
});
