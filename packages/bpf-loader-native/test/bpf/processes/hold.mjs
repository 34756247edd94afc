// Attaches a probe, starts a heartbeat and holds them. Arguments: object, target program. Takes one command a line, answers with `done`.
//   forget   drops everything but the program, and collects garbage
//   release  drops the program too, and collects garbage
//   exit     ends the process without closing anything
//   throw    ends it with an uncaught exception
import { createInterface } from 'node:readline';
import { setImmediate as turn } from 'node:timers/promises';
import { BpfObject } from '../../../dist/index.js';

const [objectFile, target] = process.argv.slice(2);

function attach() {
	const object = BpfObject.open(objectFile);
	object.load();
	object.ring('ring');
	object.map('sign_of_life').startHeartbeat({ key: new Uint8Array(4), intervalMs: 10 });
	const program = object.program('blnt_fixed');
	program.attachUprobe({ path: target, symbol: 'site_00' });
	return program;
}

let program = attach();
console.log('done');
for await (const command of createInterface(process.stdin)) {
	if (command === 'exit') process.exit(0);
	if (command === 'throw') throw new Error('on purpose');
	if (command === 'release') program = undefined;
	for (let i = 0; i < 10; i++) {
		globalThis.gc();
		await turn();
	}
	console.log('done', program?.name);
}
