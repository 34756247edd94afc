import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paths } from '@ingero/fixture-cuda-standin';
import { Communicators, type CompletedLedger, readCollectiveCall, unexplained } from '@ingero/steps';
import { beforeAll, expect, it } from 'vitest';
import { probedFunctions, probedOperations } from '../src/index';
import { callEvents, ncclCalls, tally } from './helpers/call-event';
import { withoutEvidence } from './helpers/evidence';
import { describeKernel } from './helpers/kernel-suite';
import { rebuild } from './helpers/rebuild';
import { expectSameCalls } from './helpers/same-calls';
import { Target } from './helpers/target';
import { plainName, withTrace } from './helpers/trace';
import { hashUniqueId, uniqueId } from './helpers/unique-id';
import { Watch } from './helpers/watch';
import { watchLoop } from './helpers/watched-loop';

const OPERATIONS = probedOperations({ nccl: true });
const NCCL = new Set(
	probedFunctions({ nccl: true })
		.filter(({ family }) => family === 'nccl')
		.map(({ name }) => name),
);
/** Elements of a count that no 32-bit number holds, and the highest numbers of ncclDataType_t and ncclRedOp_t. */
const LARGE = { count: 2 ** 33, datatype: 11, reduceOp: 4, peer: undefined };

/** Does something in a program that loads NCCL while it is watched. */
async function watchNccl(commands: readonly string[], { admission = 1, library = paths.libnccl } = {}) {
	const { result, trace } = await withTrace(async (file) => {
		await using target = await Target.start(paths.libcuda, { STANDIN_TRACE: file });
		await using watch = new Watch({ pids: [target.pid], admission, nccl: true, allowSteppedSites: true });
		await watch.attached(paths.libcuda);
		await target.ask(`open-nccl ${library}`);
		await watch.attached(library);
		const answers: string[] = [];
		for (const command of commands) answers.push(await target.ask(command));
		return { watch, pid: target.pid, answers, losses: await watch.stop() };
	});
	return { ...result, trace: trace.filter((call) => NCCL.has(plainName(call.function))) };
}

type Seen = Awaited<ReturnType<typeof watchNccl>>;

/** The communicators of a run, as its calls tell them. */
function communicatorsOf(watch: Watch, until = Number.POSITIVE_INFINITY): Communicators {
	const communicators = new Communicators(OPERATIONS);
	for (const { words } of watch.handleCalls.slice(0, until)) communicators.observe(words, 0);
	return communicators;
}

const collectivesOf = (ledgers: readonly CompletedLedger[]) => ledgers.map(({ ncclCalls }) => ncclCalls);

describeKernel('calls of NCCL', () => {
	let seen: Seen;

	beforeAll(async () => {
		seen = await watchNccl(['collectives', 'reduce 5']);
	}, 60_000);

	it('carry count, type, operation, peer, communicator and stream of every function, on every kind of stream', () => {
		const { watch, trace, losses } = seen;
		const isNoCommunicator = (name: string) => !name.startsWith('ncclComm');
		expect(new Set(trace.map((call) => call.function).filter(isNoCommunicator))).toEqual(
			new Set([...NCCL].filter(isNoCommunicator)),
		);
		// Events come as calls end: ncclBcast behind the ncclBroadcast that it calls.
		const events = ncclCalls(watch.batches);
		for (const isBcast of [false, true]) {
			expectSameCalls(
				events.filter(({ name }) => (name === 'ncclBcast') === isBcast),
				trace.filter(({ function: name }) => (name === 'ncclBcast') === isBcast),
			);
		}
		expect(unexplained(losses)).toBe(0);

		const first = events.find(({ name }) => name === 'ncclAllReduce');
		const [what = 0n] = first?.args ?? [];
		expect(readCollectiveCall(Number(what & 0xffff_ffffn), Number(what >> 32n))).toEqual(LARGE);
	});

	it('are counted once each in the ledger of their stream, and those that they launch as launches', () => {
		const { watch, trace } = seen;
		// Eleven functions; ncclBcast is what its ncclBroadcast is.
		expect(collectivesOf(watch.ledgers)).toEqual([11, 11, 11, 11, 10]);
		expect(tally(trace.map((call) => call.function))).toMatchObject({
			ncclBcast: 4,
			ncclBroadcast: 8,
			ncclAllReduce: 14,
		});
		// A group is one launch for each communicator and stream: 9 + 1 of it before, 2 in the other.
		expect(watch.ledgers.map(({ launches }) => launches)).toEqual([10, 10, 10, 10, 2]);
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
	});

	it('of a thread that never reads back are of the step whose stream waits for them', async () => {
		const { watch } = await watchNccl(['backward 5', 'backward 2'], { admission: 1 });
		expect(collectivesOf(watch.ledgers)).toEqual([5, 2]);
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
	});

	it.each([
		{ loaded: 'before it is watched', more: [], libraries: [] },
		{ loaded: 'while it is', more: ['--nccl-late'], libraries: [paths.libnccl] },
	])('are counted in the steps of a loop that all-reduces by a library loaded $loaded', async ({ more, libraries }) => {
		const args = ['--loop', 'eager', '--steps', '60', '--decode-us', '300', '--prefill-us', '600', '--nccl', '2'];
		const { watch, done } = await watchLoop([...args, ...more], { admission: 1, nccl: true, libraries });
		expect(tally(ncclCalls(watch.batches).map(({ name }) => name))).toEqual(
			Object.fromEntries(Object.entries(done.nccl_calls ?? {}).filter(([name]) => NCCL.has(name))),
		);
		const reductions = done.nccl_calls?.ncclAllReduce ?? 0;
		expect(reductions).toBeGreaterThan(60);
		expect(collectivesOf(watch.ledgers).reduce((sum, calls) => sum + calls, 0)).toBe(reductions);
		expect(withoutEvidence(watch.ledgers)).toEqual(withoutEvidence(rebuild(watch)));
	});

	it('are seen in a library of another name that has NCCL inside', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'ingero-probes-'));
		try {
			const library = join(folder, 'libtorch_cuda.so');
			copyFileSync(paths.libnccl, library);
			const { watch, trace } = await watchNccl(['collectives'], { library });
			expect(ncclCalls(watch.batches).length).toBe(trace.length);
			expect(collectivesOf(watch.ledgers)).toEqual([11, 11, 11, 11]);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});

	it('are not probed unless they are asked for', async () => {
		const args = ['--loop', 'eager', '--steps', '20', '--decode-us', '300', '--nccl', '2'];
		const { watch } = await watchLoop(args, { admission: 1 });
		expect(ncclCalls(watch.batches)).toEqual([]);
		expect(watch.handleCalls).toEqual([]);
		expect(collectivesOf(watch.ledgers).every((calls) => calls === 0)).toBe(true);
	});
});

describeKernel('communicators', () => {
	const seen: Seen[] = [];

	beforeAll(async () => {
		for (const admission of [0, 1]) seen[admission] = await watchNccl(['communicators'], { admission });
	}, 60_000);

	const seenAt = (admission: number) => seen[admission] as Seen;

	it.each([0, 1])('are told from the calls that make, ask and end them, at admission %s', (admission) => {
		const { watch, pid, answers, losses } = seenAt(admission);
		const [byRank, byConfig, byIds, device0, device1, device2, part, gone, aborted] = (answers[0] ?? '')
			.split(' ')
			.map(BigInt) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
		const communicators = communicatorsOf(watch);
		const of = (comm: bigint) => communicators.of(pid, comm);
		const made = (first: number, ranks: number, rank: number) => ({
			idHash: hashUniqueId(uniqueId(first)),
			ranks,
			rank,
			isInitSeen: true,
		});
		expect(of(byRank)).toEqual({ ...made(0, 8, 5), idHash: 0x6be39448e8f92cdan });
		expect(of(byConfig)).toEqual(made(1, 4, 3));
		expect(of(byIds)).toEqual(made(7, 1000, 999));
		for (const [rank, comm] of [device0, device1, device2].entries()) {
			expect(of(comm)).toEqual({ idHash: 0n, ranks: 3, rank, isInitSeen: true });
		}
		// A part has no id of its own; its size and rank are known once the program has asked for them.
		expect(of(part)).toEqual({ idHash: 0n, ranks: 8, rank: 5, isInitSeen: true });
		for (const comm of [gone, aborted, 0n, 0xbadn]) expect(of(comm).isInitSeen).toBe(false);

		const calls = callEvents(watch.handleCalls).map(({ name, args }) => [name, args[1]]);
		expect(calls).toContainEqual(['ncclCommInitRank', 0n]);
		expect(calls.filter(([name]) => name === 'ncclCommSplit')).toEqual([
			['ncclCommSplit', part],
			['ncclCommSplit', 0n],
		]);
		expect(losses.ledgers.dropped.unread_arguments).toBe(0);
		expect(unexplained(losses)).toBe(0);
		const events = ncclCalls(watch.batches).filter(({ name }) => name.startsWith('ncclComm'));
		if (admission === 1) expect(events).toEqual(callEvents(watch.handleCalls));
		else expect(events).toEqual([]);
	});

	it('are known up to the call that ends them', () => {
		const { watch, pid, answers } = seenAt(1);
		const gone = BigInt((answers[0] ?? '').split(' ')[7] ?? 0);
		const ended = callEvents(watch.handleCalls).findIndex(({ name }) => name === 'ncclCommDestroy');
		expect(communicatorsOf(watch, ended).of(pid, gone)).toMatchObject({ ranks: 2, rank: 1, isInitSeen: true });
		expect(communicatorsOf(watch, ended + 1).of(pid, gone).isInitSeen).toBe(false);
	});

	it('carry what was passed to every function that makes, asks or ends one', () => {
		const { watch, trace } = seenAt(1);
		const single = (name: string) => name.startsWith('ncclComm') && name !== 'ncclCommInitAll';
		expectSameCalls(
			ncclCalls(watch.batches).filter(({ name }) => single(name)),
			trace.filter((call) => single(call.function)),
		);
	});
});
