#!/usr/bin/env node
// Runs on any Node, so that one that is too old gets a sentence instead of a syntax error or a crash.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const MINIMUM = [22, 18];

function isRecent(version) {
	const [major, minor] = version.split('.').map(Number);
	return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}

/** A fitting Node that an installation may have brought along. */
function bundledNode() {
	const name = `node-${process.platform}-${process.arch}`;
	for (const up of ['../node_modules', '../../../node_modules', '../../..']) {
		const path = fileURLToPath(new URL(`${up}/${name}/bin/node`, import.meta.url));
		if (existsSync(path)) return path;
	}
	return undefined;
}

if (isRecent(process.versions.node)) {
	// Whoever started this, such as ourselves below, was killed: nobody is left to hand a signal on.
	process.channel?.unref();
	process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
	const { main } = await import('../dist/cli.js');
	await main(process.argv.slice(2));
} else {
	const node = bundledNode();
	if (node === undefined) {
		process.stderr.write(
			`ingero: needs Node ${MINIMUM.join('.')} or newer, this is ${process.versions.node}: npm install -g node@24\n`,
		);
		process.exit(2);
	}
	const script = fileURLToPath(import.meta.url);
	const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
	const child = spawn(node, [script, ...process.argv.slice(2)], { stdio });
	// A terminal sends Ctrl-C to both of us: signals that come together count as one.
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
	child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
