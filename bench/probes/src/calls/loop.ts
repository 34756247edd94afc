import { shuffled } from '../measure/shuffle';
import { Rounds } from '../measure/statistics';
import type { Target } from '../target';
import type { CallOptions, Effort } from './calls';
import { agentProbes, BARE } from './probing';

/** What a program does between two launches that it is bound by: what a driver takes for one on an H100. */
const BUSY_NS = 4500;

/** A loop that does nothing but launch kernels. */
export interface LoopCost {
	readonly probing: string;
	readonly bestNs: number;
	readonly medianNs: number;
	/** Over the loop that nobody probes. */
	readonly bestRatio: number;
	readonly medianRatio: number;
}

/** Times launches with {@link BUSY_NS} of work after each, as it is and probed. */
export async function measureLoop(target: Target, effort: Effort, options: CallOptions): Promise<LoopCost[]> {
	const traced = { pids: [target.pid, process.pid], objectDirectory: options.objectDirectory };
	const probings = [
		BARE,
		agentProbes('ledgers', { ...traced, admission: 0 }),
		agentProbes('raw events', { ...traced, admission: 1 }),
	];
	const samples = probings.map(() => new Rounds());
	for (let round = 0; round < effort.rounds; round++) {
		for (const [at, probing] of shuffled([...probings.entries()], round)) {
			const detach = await probing.attach();
			try {
				samples[at]?.add(await target.timePaced('launch', BUSY_NS, effort.batches, effort.calls));
			} finally {
				await detach();
			}
		}
	}
	const [bare] = samples;
	return probings.map(({ name }, at) => {
		const { best, median } = samples[at] as Rounds;
		const ratios = { bestRatio: best / (bare as Rounds).best, medianRatio: median / (bare as Rounds).median };
		return { probing: name, bestNs: best, medianNs: median, ...ratios };
	});
}
