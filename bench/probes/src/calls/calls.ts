import { shuffled } from '../measure/shuffle';
import { Rounds } from '../measure/statistics';
import type { Target } from '../target';
import { agentProbes, BARE, emptyProbes, type Probing } from './probing';

/** A thing that a program does, and what it costs when probed; `call` is a case of target/target.c. */
export interface CallKind {
	readonly call: string;
	readonly title: string;
	/** Functions called, and those of them whose return the agent probes too. */
	readonly entries: number;
	readonly returns: number;
}

const CALLS: readonly CallKind[] = [
	{ call: 'launch', title: 'cuLaunchKernel', entries: 1, returns: 0 },
	{ call: 'launch_ex', title: 'cuLaunchKernelEx', entries: 1, returns: 0 },
	{ call: 'graph_launch', title: 'cuGraphLaunch', entries: 1, returns: 0 },
	{ call: 'host_to_device', title: 'cuMemcpyHtoDAsync', entries: 1, returns: 0 },
	{ call: 'event_record', title: 'cuEventRecord', entries: 1, returns: 0 },
	{ call: 'stream_query', title: 'cuStreamQuery', entries: 1, returns: 1 },
	{ call: 'stream_synchronize', title: 'cuStreamSynchronize', entries: 1, returns: 1 },
	{ call: 'alloc', title: 'cuMemAlloc', entries: 1, returns: 1 },
	{ call: 'step', title: 'a step: cuMemcpyDtoHAsync, cuStreamSynchronize', entries: 2, returns: 1 },
];

/** The call whose empty entry probe is the floor of all. */
const FLOOR_CALL = 'launch';
const EMPTY = 'empty';
const EMPTY_PAIR = 'empty, with returns';

/** What one kind of call costs, in ns of the traced program. */
export interface CallCost {
	readonly call: string;
	readonly title: string;
	readonly probing: string;
	/** Probes hit, entries and returns. */
	readonly hits: number;
	/** The probes alone: best decile less that of the bare call, and the medians' difference. */
	readonly bestNs: number;
	readonly medianNs: number;
	/** Over one empty entry probe of the same run. */
	readonly bestRatio: number;
	readonly medianRatio: number;
}

export interface CallCosts {
	/** One empty entry probe, on a push. */
	readonly floorBestNs: number;
	readonly floorMedianNs: number;
	readonly costs: readonly CallCost[];
}

export interface Effort {
	readonly rounds: number;
	readonly batches: number;
	readonly calls: number;
}

export interface CallOptions {
	/** Folder of the agent's eBPF objects; default: those built with it. */
	readonly objectDirectory?: string | undefined;
	/** The calls to time, by their case; default: all. */
	readonly only?: readonly string[] | undefined;
}

/**
 * Times calls under every probing, in interleaved rounds.
 *
 * @throws Error for a call that there is not
 */
export async function measureCalls(target: Target, effort: Effort, options: CallOptions): Promise<CallCosts> {
	const { objectDirectory, only } = options;
	const kinds = CALLS.filter(({ call }) => only === undefined || call === FLOOR_CALL || only.includes(call));
	const unknown = only?.find((name) => !CALLS.some(({ call }) => call === name));
	if (unknown !== undefined) {
		throw new Error(`no call is named ${unknown}; there are ${CALLS.map(({ call }) => call).join(', ')}`);
	}
	// Two processes, so that the kernel does not limit the links to one and the programs do the telling apart.
	const traced = { pids: [target.pid, process.pid], objectDirectory };
	const probings: readonly Probing[] = [
		BARE,
		emptyProbes(EMPTY, { atReturn: false }),
		emptyProbes(EMPTY_PAIR, { atReturn: true }),
		agentProbes('ledgers', { ...traced, admission: 0 }),
		agentProbes('raw events', { ...traced, admission: 1 }),
		agentProbes('raw events, stacks', { ...traced, admission: 1, stacks: true }),
		agentProbes('not traced', { ...traced, pids: [process.pid, process.ppid] }),
	];
	const samples = new Map(probings.flatMap(({ name }) => kinds.map(({ call }) => [key(name, call), new Rounds()])));
	for (let round = 0; round < effort.rounds; round++) {
		for (const probing of shuffled(probings, round)) {
			const detach = await probing.attach();
			try {
				for (const { call } of kinds) {
					samples.get(key(probing.name, call))?.add(await target.time(call, effort.batches, effort.calls));
				}
			} finally {
				await detach();
			}
		}
	}
	const of = (name: string, call: string) => samples.get(key(name, call)) as Rounds;
	const floorBestNs = of(EMPTY, FLOOR_CALL).best - of('bare', FLOOR_CALL).best;
	const floorMedianNs = of(EMPTY, FLOOR_CALL).median - of('bare', FLOOR_CALL).median;
	const costs = probings.slice(1).flatMap(({ name }) =>
		kinds.map(({ call, title, entries, returns }) => {
			const hits = name === EMPTY ? entries : name === EMPTY_PAIR ? 2 * entries : entries + returns;
			const bestNs = of(name, call).best - of('bare', call).best;
			const medianNs = of(name, call).median - of('bare', call).median;
			const ratios = { bestRatio: bestNs / floorBestNs, medianRatio: medianNs / floorMedianNs };
			return { call, title, probing: name, hits, bestNs, medianNs, ...ratios };
		}),
	);
	return { floorBestNs, floorMedianNs, costs };
}

function key(probing: string, call: string): string {
	return `${probing}/${call}`;
}
