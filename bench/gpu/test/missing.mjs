import { spawnSync } from 'node:child_process';

/** @returns {string | false} why the scripts can't run here, for `skip` of a test */
export function missing(...commands) {
	const old = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status !== 0;
	const reason = old
		? 'there is no python3 of at least 3.10'
		: commands.find((command) => spawnSync(command, ['--version']).error !== undefined)?.concat(' is missing');
	if (reason !== undefined) console.log(`skipped: ${reason}`);
	return reason ?? false;
}
