import type { Explanation } from '@ingero/causes';
import { AutoClassifier, InferenceEngine, type StepVerdict } from '@ingero/infer-baseline';
import { RECORD_WORDS } from '@ingero/recording';
import {
	type CompletedLedger,
	EventPipeline,
	type LedgerConsumer,
	type LedgerSource,
	type LossLedger,
	OperationTable,
	SourceClock,
} from '@ingero/steps';
import { InferenceSession } from '../../src/session/inference-session';
import type { Taken } from './recordings';
import { timeOf } from './records';

/** A step as a session reports it, on the recording's own clock. */
export interface Reported extends Omit<StepVerdict, 'startNs' | 'endNs'> {
	readonly startNs: bigint;
	readonly endNs: bigint;
	readonly explanation: Explanation | undefined;
}

export interface PipelineOptions {
	/** Sizes of the batches in which the records come, in turn. Default: 10,000. */
	readonly batches?: readonly number[];
	/** Says of a completed step whether something of it was lost. */
	readonly isLossy?: (ledger: CompletedLedger, clock: SourceClock) => boolean;
}

/** Runs records through a session with the classifier that learns: builder, read-back queue, engine, causes. */
export async function report(recording: Taken, options: PipelineOptions = {}): Promise<Reported[]> {
	const reported: Reported[] = [];
	let clock: SourceClock | undefined;
	const session = new InferenceSession({
		kind: 'replay',
		source: new RecordsInMemory(recording, options),
		engine: new InferenceEngine({ classifier: new AutoClassifier() }),
		watchesSteps: true,
		outputs: [
			{
				opened: (source) => {
					clock = source.clock;
				},
				step: ({ startNs, endNs, ...step }, explanation) => {
					const { absolute } = clock as SourceClock;
					const at = absolute.bind(clock);
					reported.push({ ...step, startNs: at(startNs), endNs: at(endNs), explanation });
				},
			},
		],
		cgroupPathHashOf: () => '',
		forgetProcess: () => {},
	});
	await session.run();
	return reported;
}

class RecordsInMemory implements LedgerSource {
	readonly #recording: Taken;
	readonly #options: PipelineOptions;

	constructor(recording: Taken, options: PipelineOptions) {
		this.#recording = recording;
		this.#options = options;
	}

	async run(consumer: LedgerConsumer): Promise<void> {
		const { header, records } = this.#recording;
		const { batches = [10_000], isLossy = () => false } = this.#options;
		const clock = new SourceClock(BigInt(timeOf(records, 0)) - 1n);
		consumer.opened({ clock, operations: header.operations });
		const pipeline = new EventPipeline({
			table: new OperationTable(header.operations),
			clock,
			onCompleted: (ledger) => consumer.completed(isLossy(ledger, clock) ? { ...ledger, lossy: true } : ledger),
			onProcessExited: (pid) => consumer.processExited(pid),
		});
		for (let at = 0, i = 0; at < records.length; i++) {
			const words = records.subarray(at, at + (batches[i % batches.length] as number) * RECORD_WORDS);
			pipeline.push(words, words.length / RECORD_WORDS);
			at += words.length;
		}
		pipeline.end();
	}

	stop(): void {}

	losses(): LossLedger {
		return { produced: 0, delivered: 0, sampledOut: 0, dropped: {}, ledgers: { delivered: 0, dropped: {} } };
	}
}
