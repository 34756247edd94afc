import { handleKey, type ThreadTimes } from '@ingero/steps';
import { SURROUNDINGS_AT, THREAD_SUMS_AT } from './layout';

/** Reads the times of a thread out of the record that starts at word `at`. */
export function readThreadTimes(words: Uint32Array, at: number): ThreadTimes {
	const number = (place: number) => handleKey(words[at + place] as number, words[at + place + 1] as number);
	const own = (field: number) => number(THREAD_SUMS_AT + 2 * field);
	const around = (field: number) => number(SURROUNDINGS_AT + 2 * field);
	return {
		runQueueNs: own(0),
		waitRunQueueNs: own(1),
		behindSiblingNs: own(2),
		lockNs: own(3),
		blockedNs: own(4),
		ioNs: own(5),
		waitNs: own(6),
		allocNs: own(7),
		copiedBytes: own(8),
		processRunQueueNs: around(0),
		processCopiedBytes: around(1),
		processLaunches: around(2),
		machineLaunches: around(3),
		neighbourPid: around(4),
		neighbourSwitches: around(5),
	};
}
