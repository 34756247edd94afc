import type { LearnerMemory } from './learner-memory';
import { StepWork } from './step-work';

/** A prefill does at least this much more than a decode (log2 of grid blocks): 8.7 to 32 times were measured. */
export const PREFILL_LOG2: number = Math.log2(3);
/** No decode launches this many times the kernels of the latest one. */
const MANY_LAUNCHES = 3;
/** Launch counts within this share are one code path's. */
const SAME_LAUNCHES = 0.02;
/** A prefill uploads at least this many times what the decodes do, beside */
const MORE_UPLOADED = 1.5;
/** a few tokens: the arguments of decodes vary. */
const FEW_BYTES = 64;
/** The same where more speaks against it. */
const MUCH_MORE_UPLOADED = 4;
const MANY_BYTES = 512;

/** The latest step of a thread that is known to be a decode, for others to be compared with. */
export class KnownDecode {
	/** Whether there is one. */
	isKnown = false;
	readonly work: StepWork;

	/** @param at where in the memory its sketch is kept */
	constructor(memory: LearnerMemory, at: number) {
		this.work = new StepWork(memory, at);
	}

	learn(step: StepWork): void {
		this.work.copyFrom(step);
		this.isKnown = true;
	}

	get isGraph(): boolean {
		return this.isKnown && this.work.isGraph;
	}

	/** Does the step as much more as a prefill does? */
	isFarBelow(step: StepWork): boolean {
		return step.gridLog2 - this.work.gridLog2 >= PREFILL_LOG2;
	}

	/** Does it launch as many kernels? */
	launchesAs(step: StepWork): boolean {
		return this.isKnown && Math.abs(step.launches - this.work.launches) <= SAME_LAUNCHES * step.launches;
	}

	/** Does the step several times as much, in several times its launches? */
	fitsSeveralTimesIn(step: StepWork): boolean {
		if (!this.isKnown || this.work.isGraph) return false;
		return this.isFarBelow(step) && step.launches >= MANY_LAUNCHES * this.work.launches;
	}

	/** A prompt goes up and no more tokens come back than for the decode, whatever its kernels: it may be a short one. */
	isOutdoneByUploadOf(step: StepWork): boolean {
		const { hostToDeviceBytes, deviceToHostBytes } = this.work;
		if (!this.isKnown || step.deviceToHostBytes > deviceToHostBytes) return false;
		// A replayed graph, and a decode that uploads nothing, leave less doubt what a step is.
		const isSure = step.isGraph || hostToDeviceBytes === 0;
		const leastBytes = isSure
			? MUCH_MORE_UPLOADED * hostToDeviceBytes + MANY_BYTES
			: MORE_UPLOADED * hostToDeviceBytes + FEW_BYTES;
		return step.hostToDeviceBytes >= leastBytes;
	}
}
