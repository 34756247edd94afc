import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolEnvironment } from './environment.mjs';
import { TOOLS } from './paths.mjs';
import { run } from './run.mjs';

const TAIL_LINES = 25;

/** A stage of the set-up failed; the message is all there is to say. */
export class StageError extends Error {
	constructor(message, exitCode = 1) {
		super(message);
		this.exitCode = exitCode;
	}
}

/** Says one line for something that needed no work, or that the reader should know. */
export function say(text) {
	process.stderr.write(`${text}\n`);
}

/**
 * Runs one command as a stage: a line with its time on stderr, its output in `.tools/logs`.
 *
 * @param {{ title: string, log: string, command: string, args: string[], env?: object, hint?: string }} stage
 * @throws {StageError} with the command, the end of its output and the hint; not where it `mayFail`
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function runStage({ title, log, command, args, env = {}, hint, mayFail = false }) {
	const startMs = Date.now();
	process.stderr.write(`${title} ... `);
	let output = '';
	const { code, interrupted } = await run(command, args, {
		env: toolEnvironment(env),
		onOutput: (text) => {
			output += text;
		},
	});
	const file = saveLog(log, output);
	const seconds = ((Date.now() - startMs) / 1000).toFixed(1);
	if (interrupted) {
		say('interrupted');
		throw new StageError('Interrupted. The same command goes on from here.', 130);
	}
	if (code === 0 || mayFail) {
		say(code === 0 ? `${seconds} s` : `incomplete after ${seconds} s, see ${file}`);
		return code === 0;
	}
	say(`failed after ${seconds} s`);
	const shown = [command, ...args].map((word) => (/\s/.test(word) ? `'${word}'` : word)).join(' ');
	const lines = [`\n$ ${shown}`, ...lastLines(output), '', `Exit code ${code}. All of its output: ${file}`];
	throw new StageError([...lines, ...(hint === undefined ? [] : [hint])].join('\n'));
}

function saveLog(name, output) {
	const folder = join(TOOLS, 'logs');
	mkdirSync(folder, { recursive: true });
	const file = join(folder, `${name}.log`);
	writeFileSync(file, output);
	return file;
}

/** The end of an output, without the colours and cursor movements that some tools send even to a file. */
export function lastLines(output, count = TAIL_LINES) {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
	const plain = output.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/[^\n]*\r(?!\n)/g, '');
	return plain.trimEnd().split('\n').slice(-count);
}
