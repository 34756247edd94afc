/** How long launches are watched, and how often, for the least cost: 2 % of the time. */
const SAMPLE_NS = 100_000_000;
const PERIOD_NS = 5_000_000_000;
/** The same where more may be spent: a sample of many steps says more than many of few. */
const SHARED_PERIOD_NS = 4_000_000_000;
/** What a process does is learnt from its first seconds. */
const LEARN_NS = 5_000_000_000;
/** After an outlier they are watched for so long. */
const AFTER_OUTLIER_NS = 1_000_000_000;
/** And not again for so long: where many steps are slow, one look must do. */
const NEXT_OUTLIER_NS = 20_000_000_000;

/** In guard mode: when the probes on launches should be attached. Times are ns on one clock. */
export class LaunchSchedule {
	#sampleFromNs: number;
	#untilNs: number;
	#outlierNs: number = Number.NEGATIVE_INFINITY;
	#sampleNs: number = SAMPLE_NS;
	#periodNs: number = PERIOD_NS;

	/** Begins with a sample, or by learning. */
	constructor(nowNs: number, learns = false) {
		this.#sampleFromNs = nowNs;
		this.#untilNs = nowNs + (learns ? LEARN_NS : SAMPLE_NS);
	}

	/** Launches may be watched for this share of the time, 0 to 1. */
	spend(share: number): void {
		this.#periodNs = SHARED_PERIOD_NS;
		this.#sampleNs = share * SHARED_PERIOD_NS;
	}

	/** A process began to use CUDA. */
	processCame(nowNs: number): void {
		this.#untilNs = Math.max(this.#untilNs, nowNs + LEARN_NS);
	}

	/** A step was slow: the next ones are worth a look. */
	outlier(nowNs: number): void {
		if (nowNs - this.#outlierNs < NEXT_OUTLIER_NS) return;
		this.#outlierNs = nowNs;
		this.#sampleFromNs = nowNs;
		this.#untilNs = Math.max(this.#untilNs, nowNs + AFTER_OUTLIER_NS);
	}

	shouldWatch(nowNs: number): boolean {
		if (nowNs < this.#untilNs) return true;
		if (nowNs - this.#sampleFromNs < this.#periodNs) return false;
		this.#sampleFromNs = nowNs;
		this.#untilNs = nowNs + this.#sampleNs;
		return true;
	}
}
