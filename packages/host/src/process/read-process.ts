import {
	assertPid,
	DEFAULT_PROC_ROOT,
	type ProcOptions,
	readNamespace,
	readTextFile,
	statusField,
} from '../proc-files';
import { parseStat } from './stat';

/** One process (thread group) as procfs shows it at one moment. */
export interface ProcessInfo {
	readonly pid: number;
	/** name of the process, at most 15 bytes; kernel events carry the name of the *thread* instead */
	readonly comm: string;
	/** arguments; empty for kernel threads, zombies, and where not readable */
	readonly cmdline: readonly string[];
	/** one letter: R, S, D, T, Z, ... */
	readonly state: string;
	readonly parentPid: number;
	/** real user id */
	readonly uid: number;
	/** since boot, in clock ticks; (pid, start time) identifies a process across reuse of its pid */
	readonly startTimeTicks: number;
	/** the process's own id in the innermost pid namespace it lives in; equals `pid` outside containers */
	readonly namespacePid: number;
	/** inode of that namespace; `undefined` where the process is another user's and may not be looked into */
	readonly pidNamespace: number | undefined;
}

/** @returns `undefined` where no such process exists, or where it ended during the reading */
export function readProcess(pid: number, options: ProcOptions = {}): ProcessInfo | undefined {
	assertPid(pid);
	const folder = `${options.procRoot ?? DEFAULT_PROC_ROOT}/${pid}`;
	const statText = readTextFile(`${folder}/stat`);
	const status = readTextFile(`${folder}/status`);
	const stat = statText === undefined ? undefined : parseStat(statText);
	if (stat === undefined || status === undefined) return undefined;
	const ids = statusField(status, 'NSpid')?.split(/\s+/) ?? [];
	return {
		pid,
		comm: stat.comm,
		cmdline: splitArguments(readTextFile(`${folder}/cmdline`) ?? ''),
		state: stat.state,
		parentPid: stat.parentPid,
		uid: Number.parseInt(statusField(status, 'Uid') ?? '', 10),
		startTimeTicks: stat.startTimeTicks,
		namespacePid: Number(ids.at(-1) ?? pid),
		pidNamespace: readNamespace(`${folder}/ns/pid`),
	};
}

/** Arguments end in NUL each; a process that rewrote its title (setproctitle) may have left out the last one. */
function splitArguments(text: string): readonly string[] {
	if (text === '') return [];
	return (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0');
}
