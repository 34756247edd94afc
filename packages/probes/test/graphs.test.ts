import { join } from 'node:path';
import { paths } from '@ingero/fixture-cuda-standin';
import { Graphs, unexplained } from '@ingero/steps';
import { expect, it } from 'vitest';
import { probedOperations } from '../src/index';
import { callEvents, driverCalls, runtimeCalls, tally } from './helpers/call-event';
import { withoutEvidence } from './helpers/evidence';
import { describeKernel } from './helpers/kernel-suite';
import { rebuild } from './helpers/rebuild';
import { Target } from './helpers/target';
import { Watch } from './helpers/watch';

const OPERATIONS = probedOperations();
/** CUstreamCaptureMode. */
const THREAD_LOCAL = 1;
const RELAXED = 2;

/** Does something in a program that captures. */
async function watchCapture(command: string, { admission = 1 } = {}) {
	await using target = await Target.start(paths.libcuda);
	await using watch = new Watch({ pids: [target.pid], admission });
	await watch.attached();
	const answer = await target.ask(command);
	const losses = await watch.stop();
	expect(unexplained(losses)).toBe(0);
	return { watch, pid: target.pid, handles: answer === '' ? [] : answer.split(' ').map(BigInt) };
}

const launchesOf = ({ ledgers }: Watch) =>
	ledgers.map(({ launches, graphLaunches }) => [launches, graphLaunches] as const);

describeKernel('work that is captured into a graph', () => {
	it('is on no ledger and ends no step, on the stream, on one that joined it, and on no other', async () => {
		const { watch } = await watchCapture('capture');
		expect(launchesOf(watch)).toEqual([
			[3, 0],
			// The launch on the stream that joins later is of this step: the same thread made it.
			[3, 0],
			[4, 0],
			[5, 0],
			[6, 0],
			[7, 0],
			[1, 1],
			[1, 1],
			[1, 1],
		]);
		// Each step copies 64 bytes back; what is captured copies in and back more.
		expect(watch.ledgers.map(({ memcpyBytes }) => memcpyBytes)).toEqual(watch.ledgers.map(() => 64));
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
		// All of it is seen: 28 launches of steps, 1 before, 3 after replays, and 6 captured.
		expect(tally(driverCalls(watch.batches).map(({ name }) => name))).toMatchObject({
			cuLaunchKernel: 2 + 4 + 3 + 5 + 6 + 7 + 1 + 3 + 6,
			cuGraphLaunch: 3,
			cuMemcpyDtoHAsync_v2: 9 + 3,
		});
	});

	it.each([0, 1])(
		'is known where its graph is launched: stream, graph, executable, at admission %s',
		async (admission) => {
			const { watch, pid, handles } = await watchCapture('capture', { admission });
			const [one, other, graphOne, graphOther, execOne, execOther] = handles as [
				bigint,
				bigint,
				bigint,
				bigint,
				bigint,
				bigint,
			];
			const graphs = new Graphs(OPERATIONS);
			const calls = callEvents(watch.handleCalls);
			const destroyed = calls.findIndex(({ name }) => name === 'cuGraphExecDestroy');
			for (const { words } of watch.handleCalls.slice(0, destroyed)) graphs.observe(words, 0);
			expect(graphs.originOf(pid, execOne)).toEqual({ graph: graphOne, capturedOn: one, captureMode: RELAXED });
			expect(graphs.originOf(pid, execOther)).toEqual({
				graph: graphOther,
				capturedOn: other,
				captureMode: THREAD_LOCAL,
			});
			expect(calls.map(({ name }) => name)).toEqual([
				'cuStreamBeginCapture_v2',
				'cuStreamBeginCapture_v2',
				'cuStreamEndCapture',
				'cuStreamEndCapture',
				'cuGraphInstantiateWithFlags',
				'cuGraphInstantiateWithParams',
				'cuGraphExecDestroy',
				'cuGraphDestroy',
			]);
			for (const { words } of watch.handleCalls.slice(destroyed)) graphs.observe(words, 0);
			expect(graphs.originOf(pid, execOne).graph).toBeUndefined();
			expect(graphs.originOf(pid, execOther).graph).toBe(graphOther);

			// The last hop: which graph each launch replays, and where.
			const launched = driverCalls(watch.batches).filter(({ name }) => name === 'cuGraphLaunch');
			const replays = [
				[execOne, other],
				[execOther, one],
				[execOne, one],
			];
			expect(launched.map(({ args }) => args.slice(0, 2))).toEqual(admission === 1 ? replays : []);
			expect(launchesOf(watch).length).toBe(9);
		},
	);

	it('is executed again once the capture has failed, was refused or is not there', async () => {
		const { watch } = await watchCapture('spoil');
		expect(launchesOf(watch)).toEqual([3, 4, 5, 6, 7].map((launches) => [launches, 0]));
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
		const results = (name: string) =>
			driverCalls(watch.batches)
				.filter((call) => call.name === name)
				.map(({ args }) => args[2]);
		expect(results('cuStreamBeginCapture_v2')).toEqual([0n, 900n, 1n]);
		expect(results('cuStreamEndCapture')).toEqual([901n, 401n]);
		const graphs = new Graphs(OPERATIONS);
		for (const { words } of watch.handleCalls) graphs.observe(words, 0);
		expect(graphs.originOf(watch.handleCalls[0]?.words[3] ?? 0, 0n).graph).toBeUndefined();
	});

	it('is told from what a stream executes between the captures that it joins', async () => {
		const { watch } = await watchCapture('recapture 20');
		const expected = Array.from({ length: 20 }, () => [
			[2, 0],
			[1, 1],
		]);
		expect(launchesOf(watch)).toEqual(expected.flat());
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
	});

	it('is told by the driver alone where the runtime is probed too', async () => {
		await using target = await Target.start(paths.libcuda);
		const runtime = join(paths.libDirectory, 'libcudart.so.13');
		await target.ask(`open-runtime ${runtime}`);
		await using watch = new Watch({ pids: [target.pid], admission: 1, runtime: true });
		await watch.attached(runtime);
		await watch.attached(paths.libcuda);
		await target.ask('every-runtime');
		await watch.stop();
		const handleCalls = callEvents(watch.handleCalls).map(({ name }) => name);
		expect(handleCalls.filter((name) => !/^cu(Stream|Graph)/.test(name))).toEqual([]);
		const begun = runtimeCalls(watch.batches).filter(({ name }) => name.startsWith('cudaStreamBeginCapture'));
		expect(handleCalls.filter((name) => name.startsWith('cuStreamBeginCapture')).length).toBe(begun.length);
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
	});
});
