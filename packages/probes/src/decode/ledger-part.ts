import { type Ledger, SKETCH_WORDS, type SourceClock } from '@ingero/steps';
import { EVENT_ARG0, LEDGER_AT, LEDGER_FLAG_LOSSY } from './layout';
import { number } from './number';

/** Reads the ledger out of a ledger part that starts at word `at`: writes all of it but `launchesUnseen`. */
export function readLedgerPart(words: Uint32Array, at: number, clock: SourceClock, ledger: Ledger): void {
	const base = at + LEDGER_AT;
	const [low, high] = [words[base] as number, words[base + 1] as number];
	ledger.firstWorkNs = low === 0 && high === 0 ? 0 : clock.relative(low, high);
	ledger.launches = number(words, base + 2);
	ledger.graphLaunches = number(words, base + 4);
	ledger.gridBlocks = number(words, base + 6);
	ledger.hostToDeviceBytes = number(words, base + 8);
	ledger.deviceToHostBytes = number(words, base + 10);
	ledger.deviceToDeviceBytes = number(words, base + 12);
	ledger.unknownCopyBytes = number(words, base + 14);
	ledger.copies = number(words, base + 16);
	ledger.memsets = number(words, base + 18);
	ledger.allocs = number(words, base + 20);
	ledger.allocBytes = number(words, base + 22);
	ledger.frees = number(words, base + 24);
	ledger.collectives = number(words, base + 26);
	ledger.hostFunctions = number(words, base + 28);
	ledger.fingerprint0 = words[base + 30] as number;
	ledger.fingerprint1 = words[base + 31] as number;
	for (let i = 0; i < SKETCH_WORDS; i++) ledger.sketch[i] = words[base + 32 + i] as number;
	ledger.lastFunction = number(words, base + 40);
	ledger.lossy = ((words[at + EVENT_ARG0 + 2] as number) & LEDGER_FLAG_LOSSY) !== 0;
}
