import { spawn } from 'node:child_process';
import { ROOT } from './paths.mjs';

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program to its end. A signal that would end this process is handed to the program instead, and this process
 * ends when the program has: so an interrupted install leaves nothing running.
 *
 * @param {{ env?: NodeJS.ProcessEnv, stdio?: 'inherit', onOutput?: (text: string) => void }} options
 *   `onOutput` gets both output streams; with `stdio: 'inherit'` the program has the terminal to itself
 * @returns {Promise<{ code: number, interrupted: boolean }>} 128 + number of the signal for one that a signal ended, and
 *   127 for one that could not be started
 */
export function run(command, args, options = {}) {
	return new Promise((resolve) => {
		const child = spawn(command, args, {
			cwd: ROOT,
			env: options.env ?? process.env,
			stdio: options.stdio ?? ['ignore', 'pipe', 'pipe'],
		});
		let interrupted = false;
		const forward = (signal) => {
			interrupted = true;
			// A terminal has sent Ctrl-C to the whole group, the child included, and twice means more than once.
			if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
		};
		for (const signal of INTERRUPTS) process.on(signal, forward);
		const finish = (code) => {
			for (const signal of INTERRUPTS) process.off(signal, forward);
			resolve({ code, interrupted });
		};
		for (const stream of [child.stdout, child.stderr]) {
			stream?.setEncoding('utf8').on('data', (text) => options.onOutput?.(text));
		}
		child.once('error', (error) => {
			options.onOutput?.(`${error.message}\n`);
			finish(127);
		});
		child.once('close', (code, signal) => finish(code ?? 128 + signalNumber(signal)));
	});
}

function signalNumber(signal) {
	return { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0;
}
