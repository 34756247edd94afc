import { Command, CommanderError } from 'commander';
import { checkCommand } from './commands/check';
import { recordCommand } from './commands/record';
import { replayCommand } from './commands/replay';
import { traceCommand } from './commands/trace';
import { versionCommand } from './commands/version';
import { spellOutBooleans } from './config/booleans';
import { exitCodeOf, messageOf } from './errors';
import { version } from './version';

/** Runs the command line and sets the process's exit code. */
export async function main(args: readonly string[]): Promise<void> {
	const program = new Command('ingero')
		.description('Watches GPU inference servers from the Linux kernel, without touching the server.')
		.version(version, '--version')
		.exitOverride()
		.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'ingero: ')) });
	for (const command of [traceCommand, recordCommand, replayCommand, checkCommand, versionCommand]) {
		program.addCommand(command().copyInheritedSettings(program));
	}
	quietWhenNobodyReads();
	try {
		if (args.length === 0) program.outputHelp();
		else await program.parseAsync(spellOutBooleans(args), { from: 'user' });
	} catch (error) {
		if (error instanceof CommanderError) {
			process.exitCode = error.exitCode === 0 ? 0 : 2;
			return;
		}
		process.stderr.write(`ingero: ${messageOf(error)}\n`);
		if (process.env.INGERO_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
		process.exitCode = exitCodeOf(error);
	}
}

/** `ingero … | head` ends when head does. */
function quietWhenNobodyReads(): void {
	process.stdout.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code === 'EPIPE') process.exit(0);
		throw error;
	});
}
