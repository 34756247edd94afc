import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, TOOLS } from './paths.mjs';
import { runStage, StageError } from './stage.mjs';

/** Whether the last build could compile native parts: turbo's cache does not know what the system had installed. */
const STAMP = join(TOOLS, 'native-build');
const AGENT = join(ROOT, 'apps', 'agent', 'dist', 'cli.js');

/** @param {boolean} canBuildNative as `installSystemPackages` returned it */
export async function build(canBuildNative) {
	const before = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : undefined;
	const stale = before !== undefined && before !== String(canBuildNative);
	const args = ['run', 'build', '--output-logs=errors-only', ...(stale ? ['--force'] : [])];
	if (canBuildNative) {
		await runStage({ title: 'build', log: 'build', command: 'turbo', args });
	} else {
		// The eBPF programs and the stand-in library fail for want of a compiler; what does not need them is built.
		const complete = await runStage({
			title: 'build without native parts',
			log: 'build',
			command: 'turbo',
			args: [...args, '--continue=always'],
			mayFail: true,
		});
		if (!complete && !existsSync(AGENT))
			throw new StageError('The agent itself was not built; the log above says why.');
	}
	writeFileSync(STAMP, String(canBuildNative));
}
