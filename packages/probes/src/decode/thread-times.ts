import { handleKey, type ThreadTimes } from '@ingero/steps';
import { THREAD_SUMS_AT } from './layout';

/** Reads the times of a thread, all of them, out of the record that starts at word `at`. */
export function readThreadTimes(words: Uint32Array, at: number, { values }: ThreadTimes): void {
	for (let i = 0; i < values.length; i++) {
		const place = at + THREAD_SUMS_AT + 2 * i;
		values[i] = handleKey(words[place] as number, words[place + 1] as number);
	}
}
