import { arch, cpus, hostname, release, totalmem } from 'node:os';
import type { LossLedger, OperationDescription } from '@ingero/steps';
import type { DatabasePath, Rollover } from '../config/database';
import type { SessionFlags } from '../config/session-flags';
import { messageOf } from '../errors';
import type { SessionOutput } from '../output/session-output';
import { version } from '../version';

/**
 * Opens the database of a session.
 *
 * @throws StoreError when a database that the user named cannot be written; the default one is only warned about
 */
export async function openStore(
	database: DatabasePath,
	session: {
		readonly wallOffsetNs: bigint | undefined;
		readonly flags: SessionFlags;
		/** What the codes of its events mean. */
		readonly operations: ReadonlyMap<number, OperationDescription>;
		readonly rollover?: Rollover | undefined;
		readonly losses: () => LossLedger;
	},
): Promise<SessionOutput[]> {
	// Loaded only when a database is kept: it brings SQLite along.
	const { StoreOutput } = await import('../output/store');
	try {
		const options = {
			path: database.path,
			operations: Object.fromEntries(session.operations),
			onError: (error: Error) => process.stderr.write(`ingero: ${error.message}\n`),
			session: {
				wallOffsetNs: session.wallOffsetNs,
				node: session.flags.node ?? hostname(),
				agentVersion: version,
				kernel: release(),
				osRelease: `${process.platform} ${arch()}`,
				cpuModel: cpus()[0]?.model,
				cpuCores: cpus().length,
				memTotalMb: Math.round(totalmem() / 1_048_576),
				pidFilter: session.flags.pid?.join(','),
				flags: process.argv.slice(2).join(' '),
			},
		};
		return [await StoreOutput.open(options, { rollover: session.rollover, pipelineLosses: session.losses })];
	} catch (error) {
		if (database.chosen) throw error;
		process.stderr.write(`ingero: no database is kept: ${messageOf(error)}\n`);
		return [];
	}
}
