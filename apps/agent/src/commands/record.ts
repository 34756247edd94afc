import { measureWallOffset } from '@ingero/host';
import { installedDriverLibraries, ProbeSession } from '@ingero/probes';
import { totalDropped } from '@ingero/steps';
import { Command, Option } from 'commander';
import { addTargetFlags, lockOf, type TargetFlags, targetsOf } from '../config/targets';
import { durationMs, pids } from '../config/values';
import { CaptureOutput } from '../output/capture';
import { AgentLock } from '../session/agent-lock';
import { describeAttachEvent } from '../session/attach-news';
import { requireTracing } from '../session/privileges';
import { recordingFacts } from '../session/recording-facts';
import { stopOnSignalOr } from '../session/run-until';

interface RecordFlags extends TargetFlags {
	readonly output: string;
	readonly duration: number;
}

export function recordCommand(): Command {
	const command = new Command('record').description('record every CUDA driver call, to be replayed anywhere');
	return addTargetFlags(command)
		.requiredOption('-o, --output <file>', 'the recording to write (.igr)')
		.addOption(new Option('--pid <pids>', 'only these processes; repeat or separate by commas').argParser(pids))
		.option('--duration <time>', 'end after this long; 0 is until Ctrl-C', durationMs, 0)
		.action(record);
}

async function record(flags: RecordFlags): Promise<void> {
	requireTracing();
	const targets = targetsOf(flags);
	using _lock = new AgentLock(lockOf(flags));
	const source = new ProbeSession({
		...targets,
		admission: 1,
		memory: true,
		nccl: true,
		libraries: flags.pid === undefined ? installedDriverLibraries() : [],
		wallOffsetNs: measureWallOffset().offsetNs,
		onAttach: (event) => {
			process.stderr.write(`ingero: ${describeAttachEvent(event)}\n`);
		},
	});
	const capture = new CaptureOutput(flags.output, {
		facts: await recordingFacts(flags.pid),
		lost: () => totalDropped(source.losses()),
	});
	const release = stopOnSignalOr(flags.duration, () => source.stop());
	const flush = setInterval(() => capture.tick(), 1000);
	try {
		await source.run({
			opened: (opened) => capture.opened(opened),
			completed: () => {},
			events: (words, count) => capture.events(words, count),
			processExited: () => {},
		});
	} finally {
		clearInterval(flush);
		release();
		capture.close();
	}
	const lost = totalDropped(source.losses()) + capture.unwritten;
	process.stderr.write(
		`ingero: ${capture.records - capture.unwritten} events in ${capture.path}${lost > 0 ? `, ${lost} lost` : ''}; look at them with: ingero replay ${capture.path} --inference --json=false\n`,
	);
}
