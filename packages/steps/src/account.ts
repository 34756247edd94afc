import type { EventRecord } from './event-record';
import type { Ledger } from './ledger';
import { OperationKind } from './operations';

/** Blocks of a launch: arg2 packs them as blocks << 12 | threads per block. */
function gridBlocks(record: EventRecord): number {
	return record.high(2) * 1_048_576 + (record.low(2) >>> 12);
}

/** Puts what a call enqueued on a ledger. `bytes` is 0 where the call moves none, or the recording does not say. */
export function account(ledger: Ledger, kind: OperationKind, record: EventRecord, bytes: number): void {
	switch (kind) {
		case OperationKind.launch:
			ledger.launch(record.tNs, record.low(0), record.high(0), gridBlocks(record));
			return;
		case OperationKind.graphLaunch:
			ledger.graphLaunch(record.tNs, record.low(0), record.high(0));
			return;
		case OperationKind.alloc:
			ledger.allocs += 1;
			ledger.allocBytes += bytes;
			return;
		case OperationKind.free:
			ledger.frees += 1;
			return;
	}
	ledger.touch(record.tNs);
	switch (kind) {
		case OperationKind.memset:
			ledger.memsets += 1;
			return;
		case OperationKind.hostFunction:
			ledger.hostFunctions += 1;
			return;
		case OperationKind.collective:
			ledger.collectives += 1;
			return;
	}
	ledger.copies += 1;
	switch (kind) {
		case OperationKind.copyHostToDevice:
			ledger.hostToDeviceBytes += bytes;
			return;
		case OperationKind.copyDeviceToDevice:
			ledger.deviceToDeviceBytes += bytes;
			return;
		case OperationKind.copyUnknown:
			ledger.unknownCopyBytes += bytes;
			return;
	}
	ledger.deviceToHostBytes += bytes;
}
