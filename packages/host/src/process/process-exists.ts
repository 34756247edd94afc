import { assertPid, DEFAULT_PROC_ROOT, type ProcOptions, readTextFile } from '../proc-files';
import { parseStat } from './stat';

export interface ProcessExistsOptions extends ProcOptions {
	/** Only the process that started then counts, not a later one of the same pid. */
	readonly startTimeTicks?: number;
}

/**
 * Whether a process still runs. One that has ended and only waits for its parent is gone, but a zombie main thread
 * with other threads alive is not. Sends no signal and needs no privilege.
 */
export function processExists(pid: number, options: ProcessExistsOptions = {}): boolean {
	assertPid(pid);
	const text = readTextFile(`${options.procRoot ?? DEFAULT_PROC_ROOT}/${pid}/stat`);
	const stat = text === undefined ? undefined : parseStat(text);
	if (stat === undefined) return false;
	if (options.startTimeTicks !== undefined && options.startTimeTicks !== stat.startTimeTicks) return false;
	const hasEnded = 'ZXx'.includes(stat.state) && stat.threadCount <= 1;
	return !hasEnded;
}
