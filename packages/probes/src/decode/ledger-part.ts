import { handleKey, Ledger, SKETCH_WORDS, type SourceClock } from '@ingero/steps';
import { EVENT_ARG0, LEDGER_AT, LEDGER_FLAG_LOSSY } from './layout';

/** Reads the ledger out of a ledger part that starts at word `at`. */
export function readLedgerPart(words: Uint32Array, at: number, clock: SourceClock): Ledger {
	const ledger = new Ledger();
	const base = at + LEDGER_AT;
	const number = (field: number) => handleKey(words[base + 2 * field] as number, words[base + 2 * field + 1] as number);
	const time = (field: number) => {
		const low = words[base + 2 * field] as number;
		const high = words[base + 2 * field + 1] as number;
		return low === 0 && high === 0 ? 0 : clock.relative(low, high);
	};
	ledger.firstWorkNs = time(0);
	ledger.lastWorkNs = time(1);
	ledger.launches = number(2);
	ledger.graphLaunches = number(3);
	ledger.gridBlocks = number(4);
	ledger.hostToDeviceBytes = number(5);
	ledger.deviceToHostBytes = number(6);
	ledger.deviceToDeviceBytes = number(7);
	ledger.unknownCopyBytes = number(8);
	ledger.copies = number(9);
	ledger.memsets = number(10);
	ledger.allocs = number(11);
	ledger.allocBytes = number(12);
	ledger.frees = number(13);
	ledger.collectives = number(14);
	ledger.hostFunctions = number(15);
	ledger.fingerprint0 = words[base + 32] as number;
	ledger.fingerprint1 = words[base + 33] as number;
	ledger.lastFunction = number(21);
	for (let i = 0; i < SKETCH_WORDS; i++) ledger.sketch[i] = words[base + 34 + i] as number;
	ledger.lossy = ((words[at + EVENT_ARG0 + 2] as number) & LEDGER_FLAG_LOSSY) !== 0;
	return ledger;
}
