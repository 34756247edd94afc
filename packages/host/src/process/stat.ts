/** What the reader needs of `/proc/<pid>/stat`. */
export interface ProcessStat {
	readonly pid: number;
	readonly comm: string;
	/** one letter: R, S, D, T, Z, ... */
	readonly state: string;
	readonly parentPid: number;
	readonly threadCount: number;
	/** since boot, in clock ticks (100 a second on every Linux we support) */
	readonly startTimeTicks: number;
}

/**
 * Parses the one line of `/proc/<pid>/stat`.
 *
 * The name is whatever the process chose, spaces and parentheses included, so it ends at the line's last `)`.
 *
 * @returns `undefined` for text of another shape
 * @see proc_pid_stat(5)
 */
export function parseStat(text: string): ProcessStat | undefined {
	const open = text.indexOf('(');
	const close = text.lastIndexOf(')');
	if (open < 1 || close < open) return undefined;
	// Field numbers of the manual page count from 1, and the first one after the name is number 3.
	const fields = text.slice(close + 2).split(' ');
	const field = (number: number): number => Number(fields[number - 3]);
	const stat: ProcessStat = {
		pid: Number(text.slice(0, open - 1)),
		comm: text.slice(open + 1, close),
		state: fields[0] ?? '',
		parentPid: field(4),
		threadCount: field(20),
		startTimeTicks: field(22),
	};
	return Number.isSafeInteger(stat.pid) && Number.isSafeInteger(stat.startTimeTicks) ? stat : undefined;
}
