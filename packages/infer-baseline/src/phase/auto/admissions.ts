import type { StepWork } from './step-work';

/** Admissions in a row that make a scheduler: one may be a new batch of a loop that generates batch after batch. */
const IN_A_ROW = 2;
/** One step admits a few requests of a few bytes each, and reads back no more than a token for every one. */
const MOST_ADMITTED_BYTES = 256;
const MOST_READ_BACK_BYTES = 65_536;
/** A scheduler that admitted nobody for so many steps may have gone. */
const FORGET_AFTER_STEPS = 512;
/** Requests that are admitted are decoded at last: 31 steps of prompts in a row were measured. Batches of images are not. */
const MOST_WITHOUT_DECODE = 64;
/** Launch counts of admitting steps that are remembered. */
const KNOWN_COUNTS = 4;
/** The steps that go on with a prompt cut in chunks launch a few kernels less: 198 for 201 were measured. */
const NEAR = 0.025;

/**
 * Does the thread schedule requests that come and go (continuous batching)? Its read-back then grows step by step by
 * one token of every request that is admitted, and each such step uploads the tokens of a prompt.
 */
export class Admissions {
	readonly #launchCounts: number[] = [];
	#inARow = 0;
	#stepsSince = 0;
	#schedules = false;
	#stepsWithoutDecode = 0;
	#next = 0;

	/** The thread schedules requests. */
	get seen(): boolean {
		return this.#schedules && this.#stepsWithoutDecode <= MOST_WITHOUT_DECODE;
	}

	/**
	 * @param hasDecoded the thread is known to decode
	 * @returns true when the step admits requests, as far as is known by now
	 */
	observe(step: StepWork, last: StepWork, hasDecoded: boolean): boolean {
		if (hasDecoded) this.#stepsWithoutDecode = 0;
		else if (this.#schedules) this.#stepsWithoutDecode += 1;
		const grown = step.deviceToHostBytes - last.deviceToHostBytes;
		const admits =
			!step.isGraph &&
			grown > 0 &&
			grown <= MOST_ADMITTED_BYTES &&
			step.deviceToHostBytes <= MOST_READ_BACK_BYTES &&
			(this.#schedules ? uploadsTokens(step) : uploadsPrompt(step));
		if (admits) {
			this.#inARow += 1;
			this.#stepsSince = 0;
			if (this.#inARow >= IN_A_ROW) this.#schedules = true;
			if (!this.#launchCounts.includes(step.launches)) this.#remember(step.launches);
		} else {
			this.#inARow = 0;
			this.#stepsSince += 1;
			if (this.#stepsSince > FORGET_AFTER_STEPS) this.#schedules = false;
		}
		return admits && this.seen;
	}

	/** Does the step launch as many kernels as those that admit, give or take `near`? */
	isUsual(step: StepWork, near: number = NEAR): boolean {
		for (const count of this.#launchCounts) if (Math.abs(step.launches - count) <= near * count) return true;
		return false;
	}

	#remember(launches: number): void {
		this.#launchCounts[this.#next] = launches;
		this.#next = (this.#next + 1) % KNOWN_COUNTS;
	}
}

/** Uploads more tokens than it reads back, one of every request, and their arguments. */
function uploadsTokens(step: StepWork): boolean {
	return step.hostToDeviceBytes >= step.deviceToHostBytes + 256;
}

/** Uploads more than it reads back, and more than a step's usual small arguments. */
export function uploadsPrompt(step: StepWork): boolean {
	return step.hostToDeviceBytes >= 2 * step.deviceToHostBytes + 512 && step.deviceToHostBytes <= MOST_READ_BACK_BYTES;
}
