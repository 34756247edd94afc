import { type DoneLine, type LabelLine, startServingLoop } from '@ingero/fixture-cuda-standin';
import type { LossLedger } from '@ingero/steps';
import type { ProbeSessionOptions } from '../../src/index';
import { Watch } from './watch';

export interface WatchedLoop {
	readonly watch: Watch;
	readonly pid: number;
	readonly labels: readonly LabelLine[];
	readonly done: DoneLine;
	readonly losses: LossLedger;
}

/** Plays a serving loop with probes on it from before its first call until it is gone. */
export async function watchLoop(
	args: readonly string[],
	options: ProbeSessionOptions & { readonly events?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<WatchedLoop> {
	const { env = {}, ...watchOptions } = options;
	const loop = startServingLoop([...args, '--wait-for-stdin'], { env });
	try {
		await loop.hello;
		await using watch = new Watch({ pids: [loop.pid], ...watchOptions });
		await watch.attached();
		loop.start();
		const { labels, done } = await loop.done;
		await watch.until(() => watch.exits.includes(loop.pid), 'the end of the loop');
		return { watch, pid: loop.pid, labels, done, losses: await watch.stop() };
	} finally {
		loop.child.kill('SIGKILL');
	}
}
