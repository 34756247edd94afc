import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { event } from '@ingero/contract/messages';
import { paths, type ServingLoop, startServingLoop } from '@ingero/fixture-cuda-standin';
import { afterEach, describe, expect, test } from 'vitest';
import { violations } from '../../helpers/contract-check';
import { type Message, ofType, parseLines } from '../../helpers/messages';
import { obstacle } from '../../helpers/obstacle';
import { RunningIngero, replay } from '../../helpers/run-ingero';
import { temporaryFolder } from '../../helpers/temporary-folder';

const folder = temporaryFolder();
const WITH_NCCL = ['libcuda.so.1', 'libnccl.so.2'];
const children: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
	for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A call that the stand-in wrote down: what it was told, and what it gave back. */
interface TracedCall {
	readonly tid: bigint;
	readonly name: string;
	readonly told: Readonly<Record<string, string>>;
}

function tracedCalls(path: string): TracedCall[] {
	return readFileSync(path, 'utf8')
		.trimEnd()
		.split('\n')
		.map((line) => {
			const [tid = '', , name = '', ...told] = line.split(' ');
			const pairs = told.map((pair) => pair.split('=') as [string, string]);
			return { tid: BigInt(tid), name, told: Object.fromEntries(pairs) };
		});
}

async function waitingLoop(trace: string, ...args: readonly string[]): Promise<ServingLoop> {
	const options = ['--decode-us', '500', '--prefill-us', '1000', '--linger-ms', '500', '--wait-for-stdin'];
	const loop = startServingLoop([...args, ...options], { env: { STANDIN_TRACE: trace } });
	children.push(loop.child);
	await loop.hello;
	return loop;
}

/** A session that admits every call, for a recording, and has put its probes on the libraries of loops that wait. */
async function tracingAll(
	pids: readonly number[],
	recording: string,
	{ flags = [], libraries = ['libcuda.so.1'] }: { flags?: readonly string[]; libraries?: readonly string[] } = {},
): Promise<RunningIngero> {
	const all = ['--pid', pids.join(), '--emit', 'events', '--capture', recording, ...flags];
	const agent = new RunningIngero(['trace', '--inference', '--record=false', ...all]);
	await agent.until('stderr', (text) => libraries.every((name) => text.includes(`/${name} (process `)));
	return agent;
}

async function eventsOf(agent: RunningIngero): Promise<Message[]> {
	const { code, stdout, stderr } = await agent.stop();
	if (code !== 0) throw new Error(`trace ended with ${code}: ${stderr}`);
	const events = ofType(parseLines(stdout), 'event');
	expect(events.flatMap((message) => violations(message, event))).toEqual([]);
	return events;
}

function named(events: readonly Message[], name: string): Message[] {
	return events.filter(({ op }) => op === name);
}

function commIdHash(line: Message | undefined): unknown {
	return (line?.nccl as Readonly<Record<string, unknown>> | undefined)?.comm_id_hash;
}

/** The first and the last frame of a stack, without how far into its function each is. */
function ends({ stack }: Message): (string | undefined)[] {
	const functions = (stack as string[]).map((line) => line.replace(/\+0x[0-9a-f]+$/, ''));
	return [functions[0], functions[1]];
}

const DATATYPES: Readonly<Record<string, readonly [string, bigint]>> = { '9': ['bfloat16', 2n], '7': ['float32', 4n] };

describe.skipIf(obstacle !== undefined)('lines of live events', () => {
	test('say of every collective what the program asked for, and who it is among the ranks', async () => {
		const trace = join(folder, 'nccl.trace');
		const loop = await waitingLoop(trace, '--steps', '20', '--nccl', '2', '--nccl-ranks', '16', '--nccl-rank', '11');
		const recording = join(folder, 'nccl.igr');
		const agent = await tracingAll([loop.pid], recording, { libraries: WITH_NCCL });
		loop.start();
		const { done } = await loop.done;
		const events = await eventsOf(agent);

		const asked = tracedCalls(trace).filter(({ name }) => name === 'ncclAllReduce');
		expect(asked.length).toBe(done.nccl_calls?.ncclAllReduce);
		const lines = named(events, 'ncclAllReduce');
		const hash = commIdHash(lines[0]);
		expect(hash).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
		const wanted = asked.map(({ told }) => {
			const [datatype, bytes] = DATATYPES[told.datatype as string] as readonly [string, bigint];
			const count = BigInt(told.count as string);
			const identity = { init_seen: true, comm_id_hash: hash, rank: 11n, nranks: 16n };
			return { ...identity, datatype, count, bytes: count * bytes, reduce_op: 'sum' };
		});
		expect(lines.map(({ nccl }) => nccl)).toEqual(wanted);

		const replayed = ofType(parseLines(await replay(recording, '--emit', 'events')), 'event');
		expect(replayed).toEqual(events);
	});

	test('name a communicator alike on its ranks, and another one otherwise', async () => {
		const trace = join(folder, 'ranks.trace');
		const rank = (number: number, id: number) =>
			waitingLoop(trace, '--steps', '2', '--nccl', '1', '--nccl-rank', String(number), '--nccl-id', String(id));
		const loops = [await rank(0, 1), await rank(1, 1), await rank(0, 2)];
		const pids = loops.map(({ pid }) => pid);
		const agent = await tracingAll(pids, join(folder, 'ranks.igr'), { libraries: WITH_NCCL });
		for (const loop of loops) loop.start();
		for (const loop of loops) await loop.done;
		const events = await eventsOf(agent);
		const [zero, one, other] = loops.map(({ pid }) => {
			const own = named(events, 'ncclAllReduce').filter((line) => line.pid === BigInt(pid));
			expect(own.length).toBeGreaterThan(0);
			const identities = own.map(({ nccl }) => {
				const { comm_id_hash, rank } = nccl as { comm_id_hash: string; rank: bigint };
				return `${rank} ${comm_id_hash}`;
			});
			expect(new Set(identities).size).toBe(1);
			return identities[0]?.split(' ');
		});
		expect([zero?.[0], one?.[0], other?.[0]]).toEqual(['0', '1', '0']);
		expect(zero?.[1]).toBe(one?.[1]);
		expect(zero?.[1]).not.toBe(other?.[1]);
	});

	test('say that a communicator was made before anybody looked', async () => {
		const loop = startServingLoop(['--seconds', '60', '--nccl', '1', '--decode-us', '1000', '--live']);
		children.push(loop.child);
		await once(loop.child.stdout, 'data');
		const agent = await tracingAll([loop.pid], join(folder, 'late.igr'));
		await agent.until('stdout', (text) => text.includes('"op":"ncclAllReduce"'));
		const [line] = named(await eventsOf(agent), 'ncclAllReduce');
		expect(line?.nccl).toMatchObject({ init_seen: false, datatype: 'bfloat16', reduce_op: 'sum' });
		expect(line?.nccl).not.toHaveProperty('comm_id_hash');
	});

	test('say of every graph launch which graph it is, and how it was captured', async () => {
		const trace = join(folder, 'graphs.trace');
		const args = ['--rounds', '30', '--children', '0', '--signal-us', '0', '--wait-for-stdin'];
		const tangle = spawn(paths.tangle, args, { env: { ...process.env, STANDIN_TRACE: trace } });
		children.push(tangle);
		tangle.stderr.pipe(process.stderr);
		await once(tangle.stdout, 'data');
		const pid = tangle.pid as number;
		const agent = await tracingAll([pid], join(folder, 'graphs.igr'));
		tangle.stdin.write('\n');
		await once(tangle, 'exit');
		await agent.until('stdout', (text) => text.includes('"op":"process_exit"'));
		const launches = named(await eventsOf(agent), 'cuGraphLaunch');

		const calls = tracedCalls(trace);
		const decimal = (handle: string | undefined) => BigInt(handle as string).toString();
		const expected = calls.flatMap(({ tid, name, told }, at) => {
			if (name !== 'cuGraphLaunch') return [];
			const before = calls.slice(0, at);
			const own = before.filter((call) => call.tid === tid);
			const made = own.findLast((call) => call.name === 'cuGraphInstantiateWithFlags');
			const begun = own.findLast((call) => call.name === 'cuStreamBeginCapture_v2');
			expect(begun?.told.mode).toBe('1');
			const graph = {
				graph: decimal(made?.told.graph),
				captured_on: decimal(begun?.told.stream),
				capture_mode: 'thread_local',
			};
			return [{ tid, executable: decimal(told.exec), graph }];
		});
		expect(expected.length).toBeGreaterThan(10);
		const told = launches.map(({ tid, args, graph }) => ({ tid, executable: (args as string[])[0], graph }));
		// Each thread's in its order; those of several threads are in the trace as they came to it.
		const byThread = (all: readonly { readonly tid: unknown }[]) =>
			[...all].sort((a, b) => Number(a.tid) - Number(b.tid));
		expect(byThread(told)).toEqual(byThread(expected));
	});

	test('carry the stack of every call with --stack, and none without', async () => {
		for (const flags of [['--stack'], []]) {
			const loop = await waitingLoop(join(folder, 'stack.trace'), '--steps', '10', '--nccl', '1');
			const recording = join(folder, `stack${flags.length}.igr`);
			const agent = await tracingAll([loop.pid], recording, { flags, libraries: WITH_NCCL });
			loop.start();
			const { done } = await loop.done;
			const events = await eventsOf(agent);
			expect(named(events, 'call_stack')).toEqual([]);
			const launches = named(events, 'cuLaunchKernel');
			expect(launches.length).toBe(done.calls.cuLaunchKernel);
			const calls = events.filter(({ op }) => /^(cu|nccl)/.test(op as string));
			expect(calls.filter(({ stack }) => (stack === undefined) === flags.includes('--stack'))).toEqual([]);
			if (flags.length === 0) continue;
			expect(new Set(launches.map((line) => ends(line).join(' < ')))).toEqual(
				new Set(['libcuda.so.1!cuLaunchKernel < serving-loop!launch']),
			);
			// Of a call that is told as it returns, the innermost frame is its caller's.
			expect(new Set(named(events, 'ncclAllReduce').map((line) => ends(line)[0]))).toEqual(
				new Set(['serving-loop!collectives_all_reduce']),
			);
			const replayed = ofType(parseLines(await replay(recording, '--emit', 'events')), 'event');
			expect(replayed).toEqual(events.map(({ stack: _, ...line }) => line));
		}
	});
});
