/** How long launches are watched, and how often: 2 % of the time. */
const SAMPLE_NS = 100_000_000;
const PERIOD_NS = 5_000_000_000;
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

	/** Begins with a sample, or by learning. */
	constructor(nowNs: number, learns = false) {
		this.#sampleFromNs = nowNs;
		this.#untilNs = nowNs + (learns ? LEARN_NS : SAMPLE_NS);
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
		if (nowNs - this.#sampleFromNs < PERIOD_NS) return false;
		this.#sampleFromNs = nowNs;
		this.#untilNs = nowNs + SAMPLE_NS;
		return true;
	}
}
