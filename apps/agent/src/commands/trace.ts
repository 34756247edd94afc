import { randomUUID } from 'node:crypto';
import { CgroupPaths, measureWallOffset, readProcess } from '@ingero/host';
import { type AttachEvent, installedDriverLibraries, ProbeSession } from '@ingero/probes';
import { totalDropped } from '@ingero/steps';
import { Command, Option } from 'commander';
import { addRolloverFlags, databasePath, type RolloverFlags, rolloverOf } from '../config/database';
import { addHostProbeFlags, type HostProbeFlags, hostProbeOptions, memoryIoctlChoice } from '../config/host-probes';
import { makeAllocationFeed, makeEngine, makeSampler, watchesSteps } from '../config/inference';
import { addProbeFlags, type ProbeFlags, probeOptions } from '../config/probes';
import { addSessionFlags, requireInference, type SessionFlags } from '../config/session-flags';
import { addTargetFlags, lockOf, type TargetFlags, targetsOf } from '../config/targets';
import { boolean, durationMs } from '../config/values';
import { CaptureOutput } from '../output/capture';
import { LiveView, processName } from '../output/live-view';
import type { SessionOutput } from '../output/session-output';
import { AgentLock } from '../session/agent-lock';
import { describeAttachEvent, describeLimits } from '../session/attach-news';
import { describeHostReports, describeMemoryIoctls } from '../session/host-news';
import { InferenceSession } from '../session/inference-session';
import { openStore } from '../session/open-store';
import { pageOutputs, screenOutput } from '../session/outputs';
import { requireTracing } from '../session/privileges';
import { describeLevel, probingSummary } from '../session/probe-news';
import { recordingFacts } from '../session/recording-facts';
import { stopOnSignalOr } from '../session/run-until';
import { SessionStacks } from '../session/stack-lines';

interface TraceFlags extends SessionFlags, TargetFlags, RolloverFlags, ProbeFlags, HostProbeFlags {
	readonly duration: number;
	readonly record?: boolean;
}

export function traceCommand(): Command {
	const command = new Command('trace').description('watch the CUDA processes of this machine');
	return addHostProbeFlags(addProbeFlags(addRolloverFlags(addTargetFlags(addSessionFlags(command)))))
		.option('--duration <time>', 'end after this long; 0 is until Ctrl-C', durationMs, 0)
		.addOption(
			new Option('--record [boolean]', 'keep a database in the default place (--db chooses another)').argParser(
				boolean,
			),
		)
		.action(trace);
}

async function trace(flags: TraceFlags): Promise<void> {
	requireInference(flags);
	requireTracing();
	const targets = targetsOf(flags);
	using _lock = new AgentLock(lockOf(flags));
	const wallOffsetNs = measureWallOffset().offsetNs;
	const allocations = makeAllocationFeed(flags);
	const engine = makeEngine(flags, { newEventId: () => randomUUID(), allocations });
	const sampler = makeSampler(flags);
	const outputs: SessionOutput[] = [];
	const news: AttachEvent[] = [];
	const database = databasePath(flags);
	const wantsEvents = flags.capture !== undefined || database !== undefined || flags.emit.includes('events');
	// A capture is of everything, so that its replay can do all that a session can.
	const followsMemory = allocations !== undefined || flags.capture !== undefined;
	const probes = probeOptions(flags, flags.capture !== undefined);
	const tell = (text: string) => {
		if (screen instanceof LiveView) screen.note(text);
		else process.stderr.write(`ingero: ${text}\n`);
	};
	const { ways, verdict } = memoryIoctlChoice(flags);
	const source = new ProbeSession({
		...probes,
		// Events of the host go to whoever keeps events.
		...(wantsEvents ? { host: hostProbeOptions(flags) } : {}),
		memoryIoctls: { ways },
		...targets,
		wallOffsetNs,
		memory: followsMemory,
		// What a server allocates first is most of what it will ever have.
		libraries: followsMemory && flags.pid === undefined ? installedDriverLibraries() : [],
		// A capture is of everything; else a small share, and all for a while after an outlier.
		admission: flags.capture !== undefined ? 1 : wantsEvents ? sampler.rate(0) : 0,
		onAttach: (event) => {
			news.push(event);
			tell(describeAttachEvent(event));
		},
		onLevel: (change) => tell(describeLevel(change, probes.maxOverhead ?? 0)),
	});
	const names = new ProcessNames();
	const context = {
		flags,
		engine,
		losses: () => source.losses(),
		sampler: { state: sampler, nowNs: () => source.nowNs() },
		allocations,
		stacks: probes.stacks ? new SessionStacks(source) : undefined,
		nameOf: (pid: number) => names.of(pid),
		limits: () => describeLimits(news, probes),
	};
	const screen = screenOutput(context);
	outputs.push(screen, ...(await pageOutputs(context)));
	if (flags.capture !== undefined) {
		const facts = await recordingFacts(flags.pid);
		outputs.push(new CaptureOutput(flags.capture, { facts, lost: () => totalDropped(source.losses()) }));
	}
	if (database !== undefined)
		outputs.push(
			...(await openStore(database, {
				...context,
				wallOffsetNs,
				operations: source.operations,
				rollover: rolloverOf(flags),
			})),
		);

	if (verdict !== undefined) tell(verdict);
	if (source.memoryIoctls !== undefined) tell(describeMemoryIoctls(source.memoryIoctls));
	for (const report of describeHostReports(source.hostReports)) tell(report);
	const cgroups = new CgroupPaths();
	const session = new InferenceSession({
		kind: 'live',
		source,
		engine,
		watchesSteps: watchesSteps(flags),
		outputs,
		cgroupPathHashOf: (pid) => cgroups.lookup(pid).hash,
		forgetProcess: (pid) => cgroups.forget(pid),
		allocations,
		probing: () => probingSummary(source),
		sampler: {
			state: sampler,
			admitAllUntil: (untilNs) => {
				source.outlier();
				if (wantsEvents) source.admitAllUntil(untilNs);
			},
		},
	});
	const release = stopOnSignalOr(flags.duration, () => source.stop());
	try {
		await session.run();
	} finally {
		release();
	}
}

/** Names stay known after a process has ended. */
class ProcessNames {
	readonly #names = new Map<number, string>();

	of(pid: number): string {
		let name = this.#names.get(pid);
		if (name === undefined) {
			const info = readProcess(pid);
			name = info === undefined ? '?' : processName(info.cmdline.length > 0 ? info.cmdline : [info.comm]);
			this.#names.set(pid, name);
		}
		return name;
	}
}
