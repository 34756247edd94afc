import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServingLoop } from '@ingero/fixture-cuda-standin';
import { ProbeSession } from '@ingero/probes';

const PATIENCE_MS = 120_000;
const EVENT_WORDS = 12;

/**
 * Plays a serving loop with probes on it from before its first call until it is gone.
 *
 * @param {readonly string[]} args of the loop
 * @param {object} options of the session, and `everyProcess`: it is not told which process to watch
 * @param {{ attached?: (pid: number) => void, detached?: (pid: number) => void }} during called with the loop waiting:
 *   before its first call and, after the probes are gone, before it ends
 */
export async function watchLoop(args, { everyProcess = false, ...options } = {}, during = {}) {
	const traceFile = join(mkdtempSync('/tmp/loop-'), 'trace');
	const linger = during.detached === undefined ? [] : ['--linger-ms', '60000'];
	const loop = startServingLoop([...args, '--wait-for-stdin', ...linger], { env: { STANDIN_TRACE: traceFile } });
	try {
		await loop.hello;
		const seen = {
			pid: loop.pid,
			ledgers: [],
			events: [],
			memoryCalls: [],
			exits: [],
			libraries: [],
			clock: undefined,
		};
		const session = new ProbeSession({
			...(everyProcess ? {} : { pids: [loop.pid] }),
			...options,
			onAttach: (event) => seen.libraries.push(event),
		});
		let ended;
		const running = session
			.run({
				opened: ({ clock }) => {
					seen.clock = clock;
				},
				completed: (ledger) => seen.ledgers.push(ledger),
				events: (words, count) => seen.events.push({ words: words.slice(), count }),
				processExited: (pid) => seen.exits.push(pid),
				memoryCall: (words, at) => seen.memoryCalls.push(words.slice(at, at + EVENT_WORDS)),
			})
			.catch((error) => {
				ended = error;
			});
		const until = async (condition, what) => {
			for (const limitMs = performance.now() + PATIENCE_MS; !condition(); ) {
				if (ended !== undefined) throw ended;
				const failed = seen.libraries.find(({ type }) => type === 'failed');
				if (failed !== undefined) throw failed.error;
				if (performance.now() > limitMs) throw new Error(`never came: ${what}`);
				await new Promise((resolve) => setTimeout(resolve, 10));
			}
		};
		const wanted = 1 + Number(options.runtime ?? false) + Number(options.nccl ?? false);
		await until(
			() => seen.libraries.filter(({ type }) => type === 'attached').length === wanted,
			`probes on ${wanted} of the stand-in's libraries`,
		);
		during.attached?.(loop.pid);
		loop.start();
		const { labels, done } = await loop.done;
		if (during.detached === undefined) await until(() => seen.exits.includes(loop.pid), 'the end of the loop');
		session.stop();
		await running;
		if (ended !== undefined) throw ended;
		during.detached?.(loop.pid);
		return { ...seen, session, labels, done, losses: session.losses(), trace: readTrace(traceFile) };
	} finally {
		loop.child.kill('SIGKILL');
	}
}

/** The stand-in's own account: `<tid> <ns> <function> name=value ...`, a line a call, and some more at its return. */
function readTrace(file) {
	return readFileSync(file, 'utf8')
		.trimEnd()
		.split('\n')
		.map((line) => {
			const [tid, , name, ...pairs] = line.trimEnd().split(' ');
			return { tid: Number(tid), name, values: Object.fromEntries(pairs.map((pair) => pair.split('='))) };
		})
		.filter(({ name }) => !name.includes(':'));
}

/** One raw event, decoded the slow and obvious way. */
function readEvent(operations, words) {
	const u64 = (at) => BigInt(words[at]) | (BigInt(words[at + 1]) << 32n);
	const operation = operations.get(words[5]);
	return {
		tid: words[4],
		name: operation?.name ?? `operation ${words[5]}`,
		argumentNames: operation?.args ?? [],
		arguments: [u64(6), u64(8), u64(10)],
	};
}

/** What stands for a call of a probed function among the raw events of a run. */
export function probedCalls({ session, events }) {
	const calls = [];
	for (const { words, count } of events) {
		for (let i = 0; i < count; i++) {
			const event = readEvent(session.operations, words.subarray(i * EVENT_WORDS, (i + 1) * EVENT_WORDS));
			if (/^(?:cu[A-Z]|cuda|__cuda|nccl)/.test(event.name)) calls.push(event);
		}
	}
	return calls;
}

/** Those of the driver among them. */
export function driverCalls(run) {
	return probedCalls(run).filter(({ name }) => /^cu[A-Z]/.test(name));
}

/** The calls that give or take device memory, in order. */
export function memoryCalls({ session, memoryCalls: calls }) {
	return calls.map((words) => readEvent(session.operations, words));
}

/** How often each name occurs, sorted by name. */
export function tally(names) {
	const counts = {};
	for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1;
	return counts;
}
