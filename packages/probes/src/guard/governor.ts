/**
 * How much is probed, from all to nothing: `full`; `ledgers`, without raw events; `guard`, with the launches watched in
 * samples; `off`, with no probe at all.
 */
export type ProbeLevel = 'full' | 'ledgers' | 'guard' | 'off';

/** What a process has cost so far: hits of probes since it was first seen. */
export interface ProcessHits {
	readonly launches: number;
	/** Of all other probes, entries and returns. */
	readonly others: number;
}

/** What was measured in one interval. */
export interface OverheadSample {
	readonly nowNs: number;
	readonly processes: ReadonlyMap<number, ProcessHits>;
	/** What one hit costs its process, ns. */
	readonly launchNs: number;
	readonly otherNs: number;
	/** Share of the calls that were delivered as raw events, 0 to 1. */
	readonly eventShare: number;
	/** For how much of the interval launches were watched, ns. */
	readonly watchedNs: number;
}

/** A level that was left, and why. */
export interface LevelChange {
	readonly from: ProbeLevel;
	readonly to: ProbeLevel;
	/** The process that pays most, and the share of one thread's time that its probes take. */
	readonly pid: number;
	readonly overhead: number;
}

/** In guard mode as much of the limit is spent on watching launches: what is measured of a short sample may be wrong. */
const SPENT = 0.7;
/** What launches cost is forgotten by a twentieth with every interval in which they were watched. */
const FADING = 0.95;
/** The shares of time in which they are watched: at least for something to be learnt, at most for it to be a saving. */
const LEAST_SHARE = 0.02;
const MOST_SHARE = 0.5;
/** Without what is left in guard mode nothing is seen at all: it goes only where it costs every process so many times the limit. */
const OFF_LIMITS = 4;
/** One interval above the limit may be an accident. */
const PATIENCE = 2;
/** Without raw events to speak of, leaving them out saves nothing. */
const WORTHWHILE_EVENTS = 0.1;
/** A level is tried again after so long in which it would have cost at most half the limit. */
const CALM_NS = 30_000_000_000;
const CALM_SHARE = 0.5;
/** From nothing at all, where nothing is measured, the next level is tried after so long. */
const OFF_NS = 60_000_000_000;

/**
 * Keeps what the probes cost within a limit: a share of the time of one thread of the process that pays most. Counts
 * all of a process's hits as one thread's, so it is on the safe side where several threads launch.
 */
export class Governor {
	readonly #limit: number;
	#level: ProbeLevel = 'full';
	#before: OverheadSample | undefined;
	#aboveCount = 0;
	#calmSinceNs: number | undefined;
	#levelSinceNs = 0;
	/** Of the latest interval. */
	#worst: Worst = NOBODY;
	/** Of launches, while they are watched. */
	#launchOverhead = 0;

	/** @param limit share of one thread's time, above 0; 0.1 is a tenth */
	constructor(limit: number) {
		this.#limit = limit;
	}

	get level(): ProbeLevel {
		return this.#level;
	}

	/** Of the process that paid most in the latest interval. */
	get overhead(): number {
		return this.#worst.overhead;
	}

	/** For which share of the time launches can be watched within the limit. */
	get launchShare(): number {
		if (this.#launchOverhead === 0) return MOST_SHARE;
		const share = (SPENT * (this.#limit - this.#worst.othersOverhead)) / this.#launchOverhead;
		return Math.min(MOST_SHARE, Math.max(LEAST_SHARE, share));
	}

	/** @returns the change of level that this sample asks for, if it does */
	observe(sample: OverheadSample): LevelChange | undefined {
		const before = this.#before;
		this.#before = sample;
		if (before === undefined || sample.nowNs <= before.nowNs) return undefined;
		const worst = worstOf(before, sample);
		this.#worst = worst;
		// A sample in which little was launched says little of the next one.
		if (sample.watchedNs > 0) this.#launchOverhead = Math.max(worst.launchOverhead, FADING * this.#launchOverhead);
		if (this.#isTooMuch(worst)) {
			this.#calmSinceNs = undefined;
			this.#aboveCount += 1;
			return this.#aboveCount < PATIENCE ? undefined : this.#move(this.#lower(sample), worst, sample.nowNs);
		}
		this.#aboveCount = 0;
		return this.#isCalm(worst, sample) ? this.#move(this.#higher(), worst, sample.nowNs) : undefined;
	}

	#isTooMuch({ overhead, leastOthersOverhead }: Worst): boolean {
		if (this.#level !== 'guard') return overhead > this.#limit;
		// Launches are watched for a while where there is something to learn: that is not what is too much. And a process that
		// pays much, be it on purpose, blinds us for no other one.
		return leastOthersOverhead > OFF_LIMITS * this.#limit;
	}

	/** The next level down; from the last one there is no way. */
	#lower({ eventShare }: OverheadSample): ProbeLevel {
		if (this.#level === 'full' && eventShare >= WORTHWHILE_EVENTS) return 'ledgers';
		return this.#level === 'full' || this.#level === 'ledgers' ? 'guard' : 'off';
	}

	#higher(): ProbeLevel {
		return this.#level === 'off' ? 'guard' : 'full';
	}

	#isCalm(worst: Worst, { nowNs, watchedNs }: OverheadSample): boolean {
		if (this.#level === 'full') return false;
		if (this.#level === 'off') return nowNs - this.#levelSinceNs >= OFF_NS;
		if (worst.fullOverhead > CALM_SHARE * this.#limit) {
			this.#calmSinceNs = undefined;
			return false;
		}
		// Without a sample in it an interval says nothing of launches.
		if (watchedNs > 0) this.#calmSinceNs ??= nowNs;
		return this.#calmSinceNs !== undefined && nowNs - this.#calmSinceNs >= CALM_NS;
	}

	#move(to: ProbeLevel, { pid, overhead }: Worst, nowNs: number): LevelChange | undefined {
		this.#aboveCount = 0;
		this.#calmSinceNs = undefined;
		if (to === this.#level) return undefined;
		const from = this.#level;
		this.#level = to;
		this.#levelSinceNs = nowNs;
		return { from, to, pid, overhead };
	}
}

interface Worst {
	readonly pid: number;
	readonly overhead: number;
	/** The part of it that guard mode does not lower. */
	readonly othersOverhead: number;
	/** The same of the process for which it is least. */
	readonly leastOthersOverhead: number;
	/** The other part, while launches are watched; of whichever process has most. */
	readonly launchOverhead: number;
	/** What it would be if launches were watched all the time. */
	readonly fullOverhead: number;
}

const NOBODY: Worst = {
	pid: 0,
	overhead: 0,
	othersOverhead: 0,
	leastOthersOverhead: 0,
	launchOverhead: 0,
	fullOverhead: 0,
};

function worstOf(before: OverheadSample, { nowNs, processes, launchNs, otherNs, watchedNs }: OverheadSample): Worst {
	const intervalNs = nowNs - before.nowNs;
	if (processes.size === 0) return NOBODY;
	let worst: Worst = { ...NOBODY, leastOthersOverhead: Number.POSITIVE_INFINITY };
	for (const [pid, hits] of processes) {
		const earlier = before.processes.get(pid);
		// A process that came meanwhile: its hits are of this interval.
		const launches = hits.launches - (earlier?.launches ?? 0);
		const others = hits.others - (earlier?.others ?? 0);
		const othersOverhead = (others * otherNs) / intervalNs;
		const overhead = (launches * launchNs) / intervalNs + othersOverhead;
		const watched = watchedNs > 0 ? (launches * launchNs) / watchedNs : 0;
		const isWorst = overhead >= worst.overhead;
		worst = {
			pid: isWorst ? pid : worst.pid,
			overhead: Math.max(overhead, worst.overhead),
			othersOverhead: Math.max(othersOverhead, worst.othersOverhead),
			leastOthersOverhead: Math.min(othersOverhead, worst.leastOthersOverhead),
			launchOverhead: Math.max(watched, worst.launchOverhead),
			fullOverhead: Math.max(overhead, watched + othersOverhead, worst.fullOverhead),
		};
	}
	return worst;
}
