import { ProbeSession, type ProbeSessionOptions } from '@ingero/probes';
import type { LossLedger } from '@ingero/steps';
import { GENERATOR, LIBRARY } from '../native-parts';
import type { Target } from '../target';

/** What a rate of records costs the agent, and what of them it loses. */
export interface RateResult {
	readonly what: string;
	readonly seconds: number;
	readonly askedPerSecond: number;
	/** Handed to the consumer, over the whole time. */
	readonly deliveredPerSecond: number;
	/** Share of one processor that this process used: kernel's part, garbage collection and all. */
	readonly cpuShare: number;
	/** Lost, by reason; the ledger ring's losses too. */
	readonly dropped: Readonly<Record<string, number>>;
	/** Produced, and neither delivered nor in a counter of losses: must be 0. */
	readonly unexplained: number;
}

/** Records that the generator makes of one launch: BURST in bpf/generator/generator.bpf.c. */
const BURST = 64;

/** One million raw events a second, each read in JavaScript. */
export function measureRawRate(target: Target, seconds: number, perSecond: number): Promise<RateResult> {
	let sum = 0;
	let delivered = 0;
	return measure(target, {
		what: 'raw events',
		seconds,
		perSecond,
		call: 'launch',
		recordsACall: BURST,
		session: { objectDirectory: GENERATOR, admission: 1 },
		consumer: {
			events: (words, count) => {
				for (let at = 0; at < count * EVENT_WORDS; at += EVENT_WORDS) sum += words[at] as number;
				delivered += count;
			},
		},
		delivered: () => (Number.isNaN(sum) ? 0 : delivered),
	});
}

/** Steps, each a read-back and its wait, made by real probes. */
export function measureStepRate(
	target: Target,
	seconds: number,
	perSecond: number,
	objectDirectory: string | undefined,
): Promise<RateResult> {
	let delivered = 0;
	return measure(target, {
		what: 'steps',
		seconds,
		perSecond,
		call: 'working_step',
		recordsACall: 1,
		session: { objectDirectory, admission: 0 },
		consumer: { completed: () => void delivered++ },
		delivered: () => delivered,
	});
}

const EVENT_WORDS = 12;

async function measure(
	target: Target,
	load: {
		readonly what: string;
		readonly seconds: number;
		readonly perSecond: number;
		readonly call: string;
		readonly recordsACall: number;
		readonly session: ProbeSessionOptions;
		readonly consumer: {
			readonly events?: (words: Uint32Array, count: number) => void;
			readonly completed?: () => void;
		};
		readonly delivered: () => number;
	},
): Promise<RateResult> {
	const session = new ProbeSession({ ...load.session, pids: [target.pid], libraries: [LIBRARY] });
	const nothing = () => {};
	const ended = session.run({ opened: nothing, completed: nothing, processExited: nothing, ...load.consumer });
	const cpu = process.cpuUsage();
	const start = performance.now();
	const calls = await target.rate(load.call, load.perSecond / load.recordsACall, load.seconds);
	const seconds = (performance.now() - start) / 1e3;
	const { user, system } = process.cpuUsage(cpu);
	session.stop();
	await ended;
	const delivered = load.delivered();
	const losses = session.losses();
	return {
		what: load.what,
		seconds,
		askedPerSecond: load.perSecond,
		deliveredPerSecond: delivered / seconds,
		cpuShare: (user + system) / 1e6 / seconds,
		dropped: Object.fromEntries(
			Object.entries({ ...losses.dropped, ...losses.ledgers.dropped }).filter(([, count]) => count !== 0),
		),
		unexplained: unexplained(losses, load.recordsACall === 1 ? calls - delivered : 0),
	};
}

/** @param missing steps that were made and are not there, where no ledger was lost */
function unexplained({ produced, delivered, sampledOut, dropped, ledgers }: LossLedger, missing: number): number {
	const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);
	const calls = produced - delivered - sampledOut - sum(dropped);
	return calls + Math.max(0, missing - sum(ledgers.dropped));
}
