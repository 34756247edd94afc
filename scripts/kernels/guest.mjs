import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StageError } from '../bootstrap/stage.mjs';
import { CACHE } from './cache.mjs';

/** As in guest/report.mjs. */
const MARK = '@ingero ';
const INTERRUPTED = 'interrupted';
const MEMORY = '1024M';
/**
 * Quiet, and ended by a reboot, which the emulator takes for its end. Detaching waits for read-copy-update, once a site on
 * kernels without uprobe multi links; mitigations and waiting at leisure cost minutes under emulation, and change no result.
 */
const KERNEL_OPTIONS = 'quiet loglevel=3 panic=-1 mitigations=off rcupdate.rcu_expedited=1';
/** A guest that hangs is ended; one takes about a minute, and on a machine with other work several. */
const LIMIT_MS = 600_000;

/** What differs between machines: the emulator, the machine it plays, and where its kernel writes. */
const MACHINES = {
	amd64: { emulator: 'qemu-system-x86_64', options: ['-machine', 'q35', '-cpu', 'max'], console: 'ttyS0' },
	// Pointer authentication by the architecture's own cipher takes most of the time under emulation.
	arm64: {
		emulator: 'qemu-system-aarch64',
		options: ['-machine', 'virt', '-cpu', 'max,pauth-impdef=on'],
		console: 'ttyAMA0',
	},
};

export function emulatorOf(architecture) {
	return MACHINES[architecture].emulator;
}

/**
 * Boots a kernel in an emulated machine and runs the checks there.
 *
 * @param {import('./kernels.mjs').Kernel} kernel
 * @param {{ image: string, initramfs: string }} files
 * @returns {Promise<{ told: object[], ended: string, log: string, seconds: number }>} what the checks told, how the
 *   emulator ended, and the file with all that came from the console
 * @throws {StageError} when the user interrupts it
 */
export function runGuest(kernel, { image, initramfs }) {
	const { emulator, options, console: serial } = MACHINES[kernel.architecture];
	const startMs = performance.now();
	const child = spawn(
		emulator,
		[
			...options,
			...['-accel', 'tcg,thread=multi', '-smp', '2', '-m', MEMORY, '-nodefaults', '-no-user-config'],
			...['-display', 'none', '-serial', 'stdio', '-no-reboot'],
			...['-kernel', image, '-initrd', initramfs],
			'-append',
			`console=${serial} ${KERNEL_OPTIONS} rdinit=/init -- /bin/node /app/checks/main.mjs`,
		],
		{ stdio: ['ignore', 'pipe', 'pipe'] },
	);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text) => {
			output += text;
		});
	}
	return new Promise((resolve, reject) => {
		let ended;
		const end = (reason) => {
			ended ??= reason;
			child.kill('SIGKILL');
		};
		const timer = setTimeout(end, LIMIT_MS, `not over after ${LIMIT_MS / 1000} s`);
		const interrupted = () => end(INTERRUPTED);
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupted);
		child.once('error', (error) => end(error.message));
		child.once('close', (code) => {
			clearTimeout(timer);
			for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, interrupted);
			if (ended === INTERRUPTED) {
				reject(new StageError('Interrupted.', 130));
				return;
			}
			const log = join(CACHE, 'logs', `${kernel.name}.log`);
			mkdirSync(join(CACHE, 'logs'), { recursive: true });
			writeFileSync(log, output);
			resolve({
				told: factsIn(output),
				ended: ended ?? `the emulator ended with ${code}`,
				log,
				seconds: (performance.now() - startMs) / 1000,
			});
		});
	});
}

/** The marked lines; one that the kernel wrote into is left out, and is missed by who reads them. */
function factsIn(output) {
	return output
		.split(/\r?\n/)
		.filter((line) => line.startsWith(MARK))
		.flatMap((line) => {
			try {
				return [JSON.parse(line.slice(MARK.length))];
			} catch {
				return [];
			}
		});
}
