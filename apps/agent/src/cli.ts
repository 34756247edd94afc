import { Command, CommanderError } from 'commander';
import { checkCommand } from './commands/check';
import { recordCommand } from './commands/record';
import { replayCommand } from './commands/replay';
import { traceCommand } from './commands/trace';
import { versionCommand } from './commands/version';
import { spellOutBooleans } from './config/booleans';
import { exitCodeOf, messageOf, wrongUsage } from './errors';
import { version } from './version';

/** Runs the command line and sets the process's exit code. */
export async function main(args: readonly string[]): Promise<void> {
	const program = new Command('ingero')
		.description('Watches GPU inference servers from the Linux kernel, without touching the server.')
		.version(version, '--version')
		.exitOverride()
		.configureOutput({ outputError: () => {} });
	for (const command of [traceCommand, recordCommand, replayCommand, checkCommand, versionCommand]) {
		program.addCommand(command().copyInheritedSettings(program));
	}
	quietWhenNobodyReads();
	try {
		if (args.length === 0) program.outputHelp();
		else await program.parseAsync(spellOutBooleans(args), { from: 'user' });
	} catch (error) {
		if (error instanceof CommanderError && error.exitCode === 0) return;
		process.stderr.write(`ingero: ${error instanceof CommanderError ? wrongUsage(error) : messageOf(error)}\n`);
		if (process.env.INGERO_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
		// Not by exitCode: what was opened before it went wrong, such as the Prometheus page, must not keep the process.
		process.exit(exitCodeOf(error));
	}
}

/** `ingero … | head` is no error: a session ends when head does, other commands end by themselves. */
function quietWhenNobodyReads(): void {
	process.stdout.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code !== 'EPIPE') throw error;
	});
}
