// Everything that is pure, at work in one program: a recording becomes steps, phases, outliers and causes, and an
// allocation gets an age. Prints a line a step.
import { CauseAnalyzer } from '@ingero/causes';
import { CONTRACT_VERSION, histogramBounds } from '@ingero/contract';
import { AutoClassifier, InferenceEngine } from '@ingero/infer-baseline';
import { AllocationLineage } from '@ingero/kvcache-lineage';
import { RecordingDecoder } from '@ingero/recording';
import { EventPipeline, OperationTable, SourceClock } from '@ingero/steps';

declare const RECORDING: string;

const lineage = new AllocationLineage();
lineage.processStarted(1);
lineage.allocated({ pid: 1, kind: 'device', pointer: 0x7f12e2000000, bytes: 2 ** 30, tNs: 1e6 });
print(CONTRACT_VERSION, histogramBounds['ingero.infer.step_duration_ns'].length, lineage.oldestAgesMs(1, 5e9));

const engine = new InferenceEngine({ classifier: new AutoClassifier() });
const causes = new CauseAnalyzer();
let pipeline: EventPipeline | undefined;
const decoder = new RecordingDecoder({
	onHeader: ({ gpu, operations }) => print(gpu, operations.size),
	onRecords: (words, count) => {
		pipeline ??= open(new SourceClock((BigInt(words[1] ?? 0) << 32n) + BigInt(words[0] ?? 0) - 1n));
		pipeline.push(words, count);
	},
});
decoder.push(Uint8Array.from(atob(RECORDING), (letter) => letter.charCodeAt(0)));
decoder.end();
pipeline?.end();
const workloads = [engine.counters, engine.workloads()];
print(JSON.stringify(workloads, (_key, value) => (typeof value === 'bigint' ? String(value) : value)));

function open(clock: SourceClock): EventPipeline {
	return new EventPipeline({
		table: new OperationTable(decoder.header?.operations ?? new Map()),
		clock,
		onCompleted: (ledger) => {
			const step = engine.observe({ ...ledger, cgroupPathHash: '', memfragEvents: 0 });
			if (step === undefined) return;
			const { allocs, frees, evidence } = ledger;
			const why = causes.observe({ ...step, allocs, frees, evidence }, step.bucket !== null);
			const { endNs, durationNs, phase, bucket, ratio, outlier } = step;
			print(
				clock.absolute(endNs),
				durationNs,
				phase,
				bucket,
				ratio,
				outlier?.eventId,
				why?.cause.name,
				why?.cause.share,
			);
		},
	});
}

/** Consoles differ in how they show what is no text. */
function print(...values: unknown[]): void {
	console.log(values.map(String).join(' '));
}
