import type { SummaryMessage } from '@ingero/contract/messages';
import type { LevelChange, ProbeLevel, ProbeSession } from '@ingero/probes';

const NOW: Readonly<Record<ProbeLevel, string>> = {
	full: 'all calls are watched again',
	ledgers: 'raw events are left out from now on',
	guard: 'kernel launches are watched in samples from now on, and phases told by what is copied',
	off: 'all probes are taken off for a minute',
};

/** One line about a change of how much is probed. @param limit share of one thread's time */
export function describeLevel({ from, to, pid, overhead }: LevelChange, limit: number): string {
	const share = `${percent(overhead)} % of one thread`;
	if (from === 'off') return `the probes come back: ${NOW[to]}`;
	if (to === 'full') return `the probes cost less than half of --max-overhead ${percent(limit)}: ${NOW.full}`;
	return `the probes cost process ${pid} ${share}, more than --max-overhead ${percent(limit)}: ${NOW[to]}`;
}

function percent(share: number): string {
	return String(Number((100 * share).toFixed(share < 0.1 ? 1 : 0)));
}

/** What was probed and what it cost, for the summary. */
export function probingSummary(source: ProbeSession): NonNullable<SummaryMessage['probing']> {
	const costs = source.programCosts();
	return {
		level: source.level,
		overhead: Math.round(source.overhead * 1e4) / 1e4,
		program_runs: Object.fromEntries(costs.map(({ program, runs }) => [program, runs])),
		program_run_ns: Object.fromEntries(costs.map(({ program, runNs }) => [program, runNs])),
	};
}
