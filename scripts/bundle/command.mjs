import { spawnSync } from 'node:child_process';
import { ROOT } from '../bootstrap/paths.mjs';

/**
 * Runs a program and returns what it wrote to stdout.
 *
 * @throws {Error} with its whole output where it fails
 */
export function command(program, args, env = {}, cwd = ROOT) {
	const result = spawnSync(program, args, {
		cwd,
		encoding: 'utf8',
		env: { ...process.env, ...env },
		maxBuffer: 2 ** 28,
	});
	if (result.error) throw new Error(`${program} could not be started: ${result.error.message}`);
	if (result.status !== 0) {
		const end = result.signal ?? `code ${result.status}`;
		throw new Error(`${program} ${args.join(' ')} ended with ${end}\n${result.stdout}${result.stderr}`);
	}
	return result.stdout;
}
