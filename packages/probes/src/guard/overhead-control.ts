import { Governor, type LevelChange, type OverheadSample, type ProbeLevel } from './governor';
import { LaunchSchedule } from './launch-schedule';
import { WatchedTimes } from './watched-times';

/** The governor looks this often. */
const MEASURE_NS = 1_000_000_000;

/** What a level of probing needs done. */
export interface ProbeSwitches {
	/** Attach or detach the probes on launches. */
	watchLaunches(isWanted: boolean): void;
	/** Attach or detach all probes. */
	probe(isWanted: boolean): void;
	/** Deliver raw events of admitted steps, or of none. */
	deliverEvents(isWanted: boolean): void;
	/** What the probes have cost so far. */
	measure(nowNs: number): Omit<OverheadSample, 'nowNs' | 'watchedNs'>;
	/** The time now, ns. */
	now(): number;
}

/** Holds the cost of probing down: by a limit, by guard mode, or by both. */
export class OverheadControl {
	/** When launches were watched. */
	readonly watched: WatchedTimes = new WatchedTimes();
	readonly #switches: ProbeSwitches;
	readonly #governor: Governor | undefined;
	readonly #isGuarded: boolean;
	readonly #onLevel: (change: LevelChange) => void;
	#schedule: LaunchSchedule | undefined;
	#measuredNs: number;

	/**
	 * @param options.limit share of one thread's time; 0 for none
	 * @param options.isGuarded guard mode from the start, and for good
	 */
	constructor(
		switches: ProbeSwitches,
		options: {
			readonly limit: number;
			readonly isGuarded: boolean;
			readonly onLevel: (change: LevelChange) => void;
		},
	) {
		this.#switches = switches;
		this.#governor = options.limit > 0 ? new Governor(options.limit) : undefined;
		this.#isGuarded = options.isGuarded;
		this.#onLevel = options.onLevel;
		const nowNs = switches.now();
		this.#measuredNs = nowNs;
		this.watched.open(nowNs);
		if (options.isGuarded) this.#schedule = new LaunchSchedule(nowNs, true);
	}

	get level(): ProbeLevel {
		const level = this.#governor?.level ?? 'full';
		return this.#isGuarded && level !== 'off' ? 'guard' : level;
	}

	/** Of the process that paid most in the latest second, as a share of one thread's time; 0 where nobody measures. */
	get overhead(): number {
		return this.#governor?.overhead ?? 0;
	}

	/** Looks after everything that is due. */
	tick(nowNs: number): void {
		if (this.#governor !== undefined && nowNs - this.#measuredNs >= MEASURE_NS) this.#measure(this.#governor, nowNs);
		if (this.level === 'off') return;
		const isWanted = this.#schedule?.shouldWatch(nowNs) ?? true;
		if (isWanted !== this.watched.isOpen) this.#watchLaunches(isWanted);
	}

	/** A process began to use CUDA. */
	processCame(nowNs: number): void {
		this.#schedule?.processCame(nowNs);
	}

	/** A step was slow. */
	outlier(nowNs: number): void {
		this.#schedule?.outlier(nowNs);
	}

	#measure(governor: Governor, nowNs: number): void {
		const watchedNs = this.watched.watchedNs(this.#measuredNs, nowNs);
		this.#measuredNs = nowNs;
		const change = governor.observe({ ...this.#switches.measure(nowNs), nowNs, watchedNs });
		if (change !== undefined) this.#enter(change.to, nowNs);
		// Whoever asked for guard mode asked for the least.
		if (!this.#isGuarded) this.#schedule?.spend(governor.launchShare);
		if (change !== undefined) this.#onLevel(change);
	}

	#enter(level: ProbeLevel, nowNs: number): void {
		this.#switches.deliverEvents(level === 'full');
		this.#schedule = level === 'guard' || this.#isGuarded ? new LaunchSchedule(nowNs) : undefined;
		if (level === 'off') {
			this.watched.close(this.#switches.now());
			this.#switches.probe(false);
		} else if (!this.#isProbing) {
			this.#switches.probe(true);
			this.watched.open(this.#switches.now());
		}
		this.#isProbing = level !== 'off';
	}

	#isProbing = true;

	#watchLaunches(isWanted: boolean): void {
		if (!isWanted) this.watched.close(this.#switches.now());
		this.#switches.watchLaunches(isWanted);
		if (isWanted) this.watched.open(this.#switches.now());
	}
}
