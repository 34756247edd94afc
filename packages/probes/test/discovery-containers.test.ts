import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { paths } from '@ingero/fixture-cuda-standin';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { driverCalls } from './helpers/call-event';
import { describeKernel } from './helpers/kernel-suite';
import { Target } from './helpers/target';
import { Watch } from './helpers/watch';

const BUILD = dirname(dirname(paths.servingLoop));
const STEPS = 20;
const LOOP = ['--loop', 'eager', '--steps', String(STEPS), '--wait-for-stdin'];

let folder: string;
const undo: (() => void)[] = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'ingero-probes-'));
});

afterEach(() => {
	for (const action of undo.splice(0).reverse()) action();
	rmSync(folder, { recursive: true });
});

/** A serving loop started by another program, waiting to begin. */
async function start(
	program: string,
	args: readonly string[],
	env: Readonly<Record<string, string>> = {},
): Promise<ChildProcessWithoutNullStreams> {
	const child = spawn(program, args, { env: { ...process.env, ...env } });
	child.stderr.pipe(process.stderr);
	undo.push(() => child.kill('SIGKILL'));
	await once(child.stdout, 'data');
	return child;
}

function mountOverlay(lower: string, name: string): string {
	const [upper, work, merged] = ['upper', 'work', 'merged'].map((part) => join(folder, name, part)) as [
		string,
		string,
		string,
	];
	for (const path of [upper, work, merged]) mkdirSync(path, { recursive: true });
	const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
	execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, merged]);
	undo.push(() => execFileSync('umount', ['--lazy', merged]));
	return merged;
}

/** A folder with all that the loop needs, and nothing else. */
function makeRoot(root: string): void {
	const linked = execFileSync('ldd', [paths.servingLoop], { encoding: 'utf8' }).matchAll(/\s(\/lib\S+) \(0x/g);
	for (const [, library = ''] of linked) {
		mkdirSync(join(root, dirname(library)), { recursive: true });
		copyFileSync(library, join(root, library));
	}
	cpSync(BUILD, join(root, 'cuda'), { recursive: true });
}

describeKernel('a process of its own kind of place is probed', () => {
	it('in a chroot', async () => {
		makeRoot(folder);
		const child = await start('chroot', [folder, '/cuda/bin/serving-loop', ...LOOP], { LD_LIBRARY_PATH: '/cuda/lib' });
		await using watch = new Watch({ pids: [child.pid as number] });
		expect((await watch.attached()).path).toMatch(/cuda\/lib\/libcuda\.so\.1$/);
		child.stdin.write('\n');
		await watch.until(() => watch.exits.includes(child.pid as number), 'the end of the loop');
		await watch.stop();
		expect(watch.ledgers.length).toBe(STEPS);
	});

	it('in a process namespace, by its number outside of it', async () => {
		cpSync(BUILD, folder, { recursive: true });
		const unshare = await start('unshare', [
			'--pid',
			'--fork',
			'--kill-child',
			join(folder, 'bin/serving-loop'),
			...LOOP,
		]);
		const children = execFileSync('cat', [`/proc/${unshare.pid}/task/${unshare.pid}/children`], { encoding: 'utf8' });
		const pid = Number(children.trim());
		await using watch = new Watch({ pids: [pid] });
		await watch.attached(join(folder, 'lib/libcuda.so.1'));
		unshare.stdin.write('\n');
		await watch.until(() => watch.exits.includes(pid), 'the end of the loop');
		await watch.stop();
		expect(watch.ledgers.map((ledger) => ledger.pid)).toEqual(Array(STEPS).fill(pid));
	});

	it.each(['deleted', 'replaced by another'])('with a library that was %s since', async (fate) => {
		const library = join(folder, 'libcuda.so.1');
		copyFileSync(paths.libcuda, library);
		await using target = await Target.start(library);
		const { ino } = statSync(library);
		if (fate === 'deleted') rmSync(library);
		else {
			copyFileSync(library, `${library}.new`);
			renameSync(`${library}.new`, library);
			expect(statSync(library).ino).not.toBe(ino);
		}
		await using watch = new Watch({ pids: [target.pid] });
		await watch.attached(library);
		await target.ask('step 3');
		await watch.stop();
		expect(watch.ledgers.map(({ launches }) => launches)).toEqual([3]);
	});

	it('though its library lies in the image that others share: no call counts twice', async () => {
		const image = join(folder, 'image');
		mkdirSync(image);
		copyFileSync(paths.libcuda, join(image, 'libcuda.so.1'));
		linkSync(join(image, 'libcuda.so.1'), join(image, 'libcuda.so'));
		const one = join(mountOverlay(image, 'one'), 'libcuda.so.1');
		const two = join(mountOverlay(image, 'two'), 'libcuda.so.1');
		expect(statSync(one).dev).not.toBe(statSync(two).dev);
		await using host = await Target.start(join(image, 'libcuda.so'));
		await using first = await Target.start(one);
		await using second = await Target.start();
		await using watch = new Watch({ admission: 1, pids: [host.pid, first.pid, second.pid] });
		await watch.attached(join(image, 'libcuda.so'));
		await watch.attached(one);
		await second.ask(`open ${two}`);
		await watch.attached(two);
		for (const target of [host, first, second]) await target.ask('launch 4');
		await watch.stop();
		for (const { pid } of [host, first, second]) {
			expect(driverCalls(watch.batches).filter((call) => call.pid === pid).length).toBe(5);
		}
		expect(watch.news.filter(({ type, path }) => type === 'failed' && path.startsWith(folder))).toEqual([]);
	});

	it('also where a container has written to the file, which is then one of its own', async () => {
		const image = join(folder, 'image');
		mkdirSync(image);
		copyFileSync(paths.libcuda, join(image, 'libcuda.so.1'));
		const one = join(mountOverlay(image, 'one'), 'libcuda.so.1');
		const two = join(mountOverlay(image, 'two'), 'libcuda.so.1');
		execFileSync('touch', [two]);
		await using first = await Target.start(one);
		await using second = await Target.start(two);
		await using watch = new Watch({ admission: 1, pids: [first.pid, second.pid] });
		await watch.attached(one);
		await watch.attached(two);
		for (const target of [first, second]) await target.ask('launch 4');
		await watch.stop();
		for (const { pid } of [first, second]) {
			expect(driverCalls(watch.batches).filter((call) => call.pid === pid).length).toBe(5);
		}
	});
});
