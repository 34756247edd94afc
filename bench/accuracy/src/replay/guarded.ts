import type { CompletedLedger } from '@ingero/steps';
import type { Happening, Replayed } from './replayed';

/** When a session watches kernel launches, from a process's first step on; ns. */
export interface Samples {
	/** All are watched for so long at first. */
	readonly learnNs: number;
	/** Then so many ns of every period. */
	readonly sampleNs: number;
	readonly periodNs: number;
}

/** What is compared with watching all: `--guard`, and what the limit allows an eager decode that it is a little too low for. */
export const SAMPLES: Readonly<Record<string, Samples>> = {
	'2 %': { learnNs: 5e9, sampleNs: 0.1e9, periodNs: 5e9 },
	'40 %': { learnNs: 3e9, sampleNs: 1.6e9, periodNs: 4e9 },
};

/** What a session in guard mode would have seen of a recording: most steps without their launches. */
export function guarded({ clock, happenings }: Replayed, samples: Samples): Replayed {
	const beganNs = new Map<number, number>();
	const previousNs = new Map<number, number>();
	return {
		clock,
		happenings: happenings.map((happening): Happening => {
			const { ledger } = happening;
			if (ledger === undefined) return happening;
			const { pid, tid, completedNs } = ledger;
			const began = beganNs.get(pid) ?? completedNs;
			beganNs.set(pid, began);
			// Its launches may have come at any time since the thread's step before.
			const from = previousNs.get(tid) ?? completedNs;
			previousNs.set(tid, completedNs);
			return isWatched(from - began, completedNs - began, samples) ? happening : { ledger: withoutLaunches(ledger) };
		}),
	};
}

/** Times since the process began. */
function isWatched(fromNs: number, toNs: number, { learnNs, sampleNs, periodNs }: Samples): boolean {
	if (toNs <= learnNs) return true;
	const intoPeriodNs = toNs % periodNs;
	return intoPeriodNs <= sampleNs && fromNs >= toNs - intoPeriodNs;
}

function withoutLaunches(ledger: CompletedLedger): CompletedLedger {
	const unseen = { launches: 0, gridBlocks: 0, kernelFingerprint: 0n, functionSketch: new Uint32Array(8) };
	return { ...ledger, ...unseen, launchesUnseen: true };
}
