import { existsSync, statSync } from 'node:fs';
import { Command, Option } from 'commander';
import { makeAllocationFeed, makeEngine, watchesSteps } from '../config/inference';
import { addSessionFlags, requireInference, type SessionFlags } from '../config/session-flags';
import { speed } from '../config/values';
import { UsageError } from '../errors';
import { CaptureOutput } from '../output/capture';
import type { SessionOutput } from '../output/session-output';
import { InferenceSession } from '../session/inference-session';
import { openStore } from '../session/open-store';
import { pageOutputs, screenOutput } from '../session/outputs';
import { ReplaySource } from '../session/replay-source';
import { stopOnSignalOr } from '../session/run-until';

interface ReplayFlags extends SessionFlags {
	readonly speed: number;
}

export function replayCommand(): Command {
	return addSessionFlags(
		new Command('replay')
			.description('play a recording through the same pipeline, on any system')
			.argument('<file>', 'recording (.igr or .igr.gz)'),
	)
		.addOption(
			new Option('--speed <factor>', 'relative to the recording, or max')
				.argParser(speed)
				.default(Number.POSITIVE_INFINITY, 'max'),
		)
		.action(replay);
}

async function replay(file: string, flags: ReplayFlags): Promise<void> {
	requireInference(flags);
	requireOtherFile(flags.capture, file);
	const allocations = makeAllocationFeed(flags);
	const engine = makeEngine(flags, { newEventId: undefined, allocations });
	const outputs: SessionOutput[] = [];
	const source = new ReplaySource({
		path: file,
		speed: flags.speed,
		pids: flags.pid,
		warn: (text) => process.stderr.write(`ingero: ${text}\n`),
		drained: () => Promise.all(outputs.map((output) => output.drained?.())),
	});
	const header = await source.header();
	const context = {
		flags,
		engine,
		losses: () => source.losses(),
		allocations,
		nameOf: () => 'recorded',
		limits: () => [],
	};
	outputs.push(screenOutput(context), ...(await pageOutputs(context)));
	if (flags.capture !== undefined)
		outputs.push(new CaptureOutput(flags.capture, { facts: header, lost: () => header.dropped }));
	if (flags.db !== undefined) {
		const database = { path: flags.db, chosen: true };
		outputs.push(
			...(await openStore(database, { ...context, wallOffsetNs: header.wallOffsetNs, operations: header.operations })),
		);
	}
	const session = new InferenceSession({
		kind: 'replay',
		source,
		engine,
		watchesSteps: watchesSteps(flags),
		outputs,
		cgroupPathHashOf: () => '',
		forgetProcess: () => {},
		allocations,
	});
	const release = stopOnSignalOr(0, () => source.stop());
	try {
		await session.run();
	} finally {
		release();
	}
}

/** @throws UsageError for a capture that would overwrite the recording while it is read */
function requireOtherFile(capture: string | undefined, recording: string): void {
	if (capture === undefined || !existsSync(capture) || !existsSync(recording)) return;
	const [target, source] = [statSync(capture), statSync(recording)];
	if (target.ino !== source.ino || target.dev !== source.dev) return;
	throw new UsageError(`--capture ${capture}: that is the recording being replayed; choose another path`);
}
