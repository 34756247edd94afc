import { type DoneLine, type LabelLine, startServingLoop } from '@ingero/fixture-cuda-standin';
import type { LossLedger } from '@ingero/steps';
import { beforeAll } from 'vitest';
import { EVENT_PID, EVENT_WORDS } from '../../src/decode/layout';
import type { ProbeSessionOptions } from '../../src/index';
import { type Batch, Watch } from './watch';

/** Only ends a suite that would never end. */
const SUITE_MS = 120_000;

export interface WatchedLoop {
	readonly watch: Watch;
	readonly pid: number;
	readonly labels: readonly LabelLine[];
	readonly done: DoneLine;
	readonly losses: LossLedger;
}

/** One of several loops that one session has seen. */
export interface LoopOfMany extends Omit<WatchedLoop, 'watch' | 'losses'> {
	/** What was seen of this one. */
	readonly watch: Pick<Watch, 'session' | 'clock' | 'ledgers' | 'batches' | 'memoryCalls'>;
	/** Of all together. */
	readonly losses: LossLedger;
}

type Options = ProbeSessionOptions & {
	readonly events?: boolean;
	readonly env?: Readonly<Record<string, string>>;
};

/** Plays a serving loop with probes on it from before its first call until it is gone. */
export async function watchLoop(args: readonly string[], options: Options = {}): Promise<WatchedLoop> {
	const { watch, losses, played } = await play([args], options);
	return { watch, losses, ...(played[0] as PlayedLoop) };
}

/**
 * Plays serving loops before the tests of a suite, one after the other in one session.
 *
 * @param loops arguments by name
 * @returns what was seen of the loop of a name
 */
export function loopSuite(
	loops: Readonly<Record<string, readonly string[]>>,
	options: Options = {},
): (name: string) => LoopOfMany {
	const seen = new Map<string, LoopOfMany>();
	beforeAll(async () => {
		const { watch, losses, played } = await play(Object.values(loops), options);
		for (const [i, name] of Object.keys(loops).entries()) {
			const loop = played[i] as PlayedLoop;
			seen.set(name, { ...loop, losses, watch: ofProcess(watch, loop.pid) });
		}
	}, SUITE_MS);
	return (name) => seen.get(name) as LoopOfMany;
}

type PlayedLoop = Pick<WatchedLoop, 'pid' | 'labels' | 'done'>;

async function play(
	loops: readonly (readonly string[])[],
	options: Options,
): Promise<{ readonly watch: Watch; readonly losses: LossLedger; readonly played: readonly PlayedLoop[] }> {
	const { env = {}, ...watchOptions } = options;
	const started = loops.map((args) => startServingLoop([...args, '--wait-for-stdin'], { env }));
	try {
		for (const { hello } of started) await hello;
		const pids = started.map(({ pid }) => pid);
		await using watch = new Watch({ pids, ...watchOptions });
		await watch.attached();
		const played: PlayedLoop[] = [];
		for (const loop of started) {
			loop.start();
			played.push({ pid: loop.pid, ...(await loop.done) });
		}
		await watch.until(() => pids.every((pid) => watch.exits.includes(pid)), 'the ends of the loops');
		return { watch, losses: await watch.stop(), played };
	} finally {
		for (const { child } of started) child.kill('SIGKILL');
	}
}

function ofProcess({ session, clock, ledgers, batches, memoryCalls }: Watch, pid: number): LoopOfMany['watch'] {
	return {
		session,
		clock,
		ledgers: ledgers.filter((ledger) => ledger.pid === pid),
		batches: recordsOf(batches, pid),
		memoryCalls: recordsOf(memoryCalls, pid),
	};
}

/** The records of one process. */
function recordsOf(batches: readonly Batch[], pid: number): Batch[] {
	return batches
		.map(({ words }) => {
			const kept: number[] = [];
			for (let at = 0; at < words.length; at += EVENT_WORDS) {
				if (words[at + EVENT_PID] === pid) kept.push(...words.subarray(at, at + EVENT_WORDS));
			}
			return { words: Uint32Array.from(kept), count: kept.length / EVENT_WORDS };
		})
		.filter(({ count }) => count > 0);
}
