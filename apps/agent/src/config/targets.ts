import type { Command } from 'commander';
import { UsageError } from '../errors';
import { requireProcesses } from '../session/privileges';
import { userId } from '../session/process-owner';

/** Flags of the commands that probe: whose processes, and beside which other agents. */
export interface TargetFlags {
	readonly pid?: readonly number[];
	readonly user?: string;
	readonly lock?: string;
}

export function addTargetFlags(command: Command): Command {
	return command
		.option('--user <name>', 'only the processes of this user, by name or number, those that start later included')
		.option(
			'--lock <file>',
			'file by which agents know of each other: one at a time has it (default: /run/ingero.lock of the machine; env: INGERO_LOCK)',
		);
}

/**
 * The lock's file, or undefined for the machine's own. An empty variable counts as none, as in a shell; an empty flag is a mistake.
 *
 * @throws UsageError for an empty flag
 */
export function lockOf({ lock }: TargetFlags): string | undefined {
	if (lock === '') throw new UsageError('--lock: give a file, or leave it out for /run/ingero.lock');
	return lock ?? (process.env.INGERO_LOCK || undefined);
}

/**
 * The processes to probe, as options of a `ProbeSession`.
 *
 * @throws UsageError for a process or a user that does not exist, and for both at once
 */
export function targetsOf({ pid, user }: TargetFlags): {
	readonly pids?: readonly number[];
	readonly uids?: readonly number[];
} {
	if (user === undefined) {
		requireProcesses(pid);
		return pid === undefined ? {} : { pids: pid };
	}
	if (pid !== undefined) throw new UsageError('--user and --pid: give the one or the other');
	return { uids: [userId(user)] };
}
