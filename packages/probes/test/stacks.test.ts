import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { paths } from '@ingero/fixture-cuda-standin';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type StackFrame, Symbolizer } from '../src/index';
import { type CallEvent, callEvents, driverCalls } from './helpers/call-event';
import { describeKernel } from './helpers/kernel-suite';
import { Watch } from './helpers/watch';

const CALLER = fileURLToPath(new URL('helpers/target/build/stack-caller', import.meta.url));
const CALL_STACK = 64;
const OP = 5;

/** What a request calls, from helpers/target/stack-caller.c: with the functions it is called through, innermost first. */
const REQUEST = [
	['cuLaunchKernel', 'launch_layer', 'prefill_step', 'serve_request', 'main'],
	['cuLaunchKernel', 'launch_layer', 'decode_step', 'serve_request', 'main'],
	['cuStreamSynchronize', 'wait_for_step', 'decode_step', 'serve_request', 'main'],
] as const;

let folder: string;
const undo: (() => void)[] = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'ingero-stacks-'));
});

afterEach(() => {
	for (const action of undo.splice(0).reverse()) action();
	rmSync(folder, { recursive: true });
});

async function start(program: string, args: readonly string[], libraries: string): Promise<Caller> {
	const child = spawn(program, args, { env: { ...process.env, LD_LIBRARY_PATH: libraries } });
	child.stderr.pipe(process.stderr);
	undo.push(() => child.kill('SIGKILL'));
	await once(child.stdout, 'data');
	return { child, pid: child.pid as number };
}

interface Caller {
	readonly child: ChildProcessWithoutNullStreams;
	readonly pid: number;
}

async function request({ child }: Caller): Promise<void> {
	child.stdin.write('\n');
	await once(child.stdout, 'data');
}

/** The events of calls, each with the stack record that came for it. */
function withStacks(watch: Watch): { readonly call: CallEvent; readonly id: number | undefined }[] {
	const stacks = new Map<string, number>(
		stackRecords(watch).map(({ tid, tNs, args: [id, op] }) => [`${tid} ${tNs} ${op}`, Number(id)]),
	);
	const operations = new Map([...watch.session.operations].map(([code, { name }]) => [name, code]));
	return driverCalls(watch.batches).map((call) => ({
		call,
		id: stacks.get(`${call.tid} ${call.tNs} ${operations.get(call.name)}`),
	}));
}

function stackRecords(watch: Watch): CallEvent[] {
	const records = watch.batches.flatMap(({ words, count }) =>
		Array.from({ length: count }, (_, i) => words.subarray(i * 12, (i + 1) * 12)),
	);
	return callEvents(
		records.filter((words) => words[OP] === CALL_STACK).map((words) => ({ words: words.slice(), count: 1 })),
	);
}

/** The functions of a stack up to the program's main function. */
function upToMain(frames: readonly StackFrame[]): (string | undefined)[] {
	const names = frames.map(({ symbol }) => symbol);
	return names.slice(0, names.indexOf('main') + 1);
}

/** A request's calls as {@link REQUEST} tells them, of what a session has seen of it. */
async function requestAsSeen(caller: Caller, library: string): Promise<(string | undefined)[][]> {
	await using watch = new Watch({ pids: [caller.pid], admission: 1, stacks: true });
	const symbolizer = new Symbolizer();
	await watch.attached(library);
	await request(caller);
	await watch.until(() => stackRecords(watch).length >= REQUEST.length, 'the stacks of a request');
	const seen = withStacks(watch).map(({ call, id }) => {
		const frames = symbolizer.frames(call.pid, watch.session.stack(id as number) ?? []);
		// Of a call that is told as it returns, the innermost frame is its caller's.
		return frames[0]?.symbol === call.name ? upToMain(frames) : [call.name, ...upToMain(frames)];
	});
	symbolizer.close();
	return seen;
}

/** How many of this process's eBPF programs call a function of the kernel, and how many do not. */
function programsCalling(helper: string): { readonly calling: number; readonly others: number } {
	const ids = readdirSync('/proc/self/fd')
		.map((descriptor) => /^prog_id:\s*(\d+)$/m.exec(readInfo(descriptor))?.[1])
		.filter((id) => id !== undefined);
	const commands = [...new Set(ids)].map((id) => `prog dump xlated id ${id}\n`);
	const options = { encoding: 'utf8', input: commands.join(''), maxBuffer: 1 << 28 } as const;
	const codes: unknown[] = JSON.parse(execFileSync('bpftool', ['--json', 'batch', 'file', '-'], options));
	expect(codes.length).toBe(commands.length);
	const calling = codes.filter((code) => JSON.stringify(code).includes(`call ${helper}`)).length;
	return { calling, others: codes.length - calling };
}

function readInfo(descriptor: string): string {
	// The descriptor that the list was read with is closed by now.
	return existsSync(`/proc/self/fd/${descriptor}`) ? readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8') : '';
}

describeKernel('stacks', () => {
	it('name the functions that a call came through, in their order', async () => {
		const caller = await start(CALLER, [], paths.libDirectory);
		expect(await requestAsSeen(caller, paths.libcuda)).toEqual(REQUEST);
	});

	it('name them in a program whose file was deleted since', async () => {
		const copy = join(folder, 'caller');
		copyFileSync(CALLER, copy);
		const caller = await start(copy, [], paths.libDirectory);
		rmSync(copy);
		expect(await requestAsSeen(caller, paths.libcuda)).toEqual(REQUEST);
	});

	it('name them in a program that lies where nobody else can see it', async () => {
		const root = join(folder, 'root');
		const library = join(root, 'cuda/libcuda.so.1');
		const inside = join(root, 'caller');
		const linked = execFileSync('ldd', [CALLER], { encoding: 'utf8' }).matchAll(/\s(\/lib\S+) \(0x/g);
		for (const [, path = ''] of linked) {
			mkdirSync(join(root, dirname(path)), { recursive: true });
			copyFileSync(path, join(root, path));
		}
		mkdirSync(dirname(library));
		mkdirSync(join(root, 'image'));
		copyFileSync(paths.libcuda, library);
		// A file system of its own, which only this process and its like have mounted.
		const commands = `mount -t tmpfs none ${root}/image && cp ${CALLER} ${root}/image/caller && exec chroot ${root} /image/caller`;
		const caller = await start('unshare', ['--mount', 'sh', '-c', commands], '/cuda');
		expect(() => copyFileSync(join(root, 'image/caller'), inside)).toThrow('ENOENT');
		expect(await requestAsSeen(caller, library)).toEqual(REQUEST);
	});

	it('are one for calls that came the same way', async () => {
		const caller = await start(CALLER, [], paths.libDirectory);
		await using watch = new Watch({ pids: [caller.pid], admission: 1, stacks: true });
		await watch.attached();
		for (let i = 0; i < 20; i++) await request(caller);
		const losses = await watch.stop();
		const ids = withStacks(watch).map(({ id }) => id);
		expect(ids.length).toBe(20 * REQUEST.length);
		expect(losses.ledgers.dropped).toMatchObject({ stack_lost: 0 });
		expect(new Set(ids).size).toBe(REQUEST.length);
		expect(ids).not.toContain(undefined);
	});

	it('are no part of the programs unless they are asked for', async () => {
		const caller = await start(CALLER, [], paths.libDirectory);
		const watch = new Watch({ pids: [caller.pid], admission: 1 });
		await watch.attached();
		const programs = programsCalling('bpf_get_stackid');
		await request(caller);
		const losses = await watch.stop();
		expect(programs).toEqual({ calling: 0, others: expect.toSatisfy((count: number) => count > 5) });
		const { late = 0 } = losses.ledgers.dropped;
		expect(driverCalls(watch.batches).length + late, JSON.stringify(losses)).toBe(REQUEST.length);
		expect(stackRecords(watch)).toEqual([]);
		expect(losses.produced).toBe(REQUEST.length);

		await using asked = new Watch({ pids: [caller.pid], stacks: true });
		expect(programsCalling('bpf_get_stackid').calling).toBeGreaterThanOrEqual(4);
		expect(asked.batches).toEqual([]);
	});
});
