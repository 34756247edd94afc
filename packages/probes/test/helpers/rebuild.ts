import { type CompletedLedger, EventPipeline, OperationTable } from '@ingero/steps';
import type { Watch } from './watch';

/** The ledgers that the one pure builder makes of the raw events of a run. */
export function rebuild(watch: Pick<Watch, 'session' | 'clock' | 'batches'>): CompletedLedger[] {
	const ledgers: CompletedLedger[] = [];
	const pipeline = new EventPipeline({
		table: new OperationTable(watch.session.operations),
		clock: watch.clock,
		onCompleted: (ledger) => ledgers.push(ledger),
	});
	for (const { words, count } of watch.batches) pipeline.push(words, count);
	pipeline.end();
	return ledgers;
}
