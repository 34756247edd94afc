import type { BpfObject } from '@ingero/bpf-loader-native';
import type { LossLedger } from '@ingero/steps';
import {
	CONFIG_ADMIT_ALL_UNTIL,
	CONFIG_ADMIT_BELOW,
	CONFIG_BYTES,
	CONFIG_ONLY_TARGETS,
	CONFIG_TARGETS_EPOCH,
	COUNTER_NAMES,
	EVENT_OP,
	EVENT_PID,
	EVENT_TID,
	EVENT_WORDS,
	type KernelCounters,
	OP_PROCESS_EXIT,
} from './decode/layout';

const ADMIT_ALL = 0x1_0000_0000;
const FIRST_KEY = new Uint8Array(4);

/** What the programs read and write in maps: configuration in, counters out. */
export class KernelState {
	readonly #object: BpfObject;
	#admitBelow = 0;
	#admitAllUntilNs = 0n;
	#epoch = 0;
	#onlyTargets = false;

	constructor(object: BpfObject) {
		this.#object = object;
	}

	/** @param fraction of the steps whose raw events are delivered, 0 to 1 */
	setAdmission(fraction: number): void {
		this.#admitBelow = Math.round(fraction * ADMIT_ALL);
		this.#write();
	}

	/** @param untilNs CLOCK_MONOTONIC time until which every step is admitted */
	admitAllUntil(untilNs: bigint): void {
		this.#admitAllUntilNs = untilNs;
		this.#write();
	}

	/** Traces these processes only; without a call every process is traced. */
	setTargets(pids: readonly number[]): void {
		const targets = this.#object.map('targets');
		targets.clear();
		for (const pid of pids) targets.set(u32(pid), Uint8Array.of(1));
		this.#onlyTargets = true;
		this.#epoch += 1;
		this.#write();
	}

	/** Forgets the ledgers of a process that has ended. */
	forgetProcess(pid: number): void {
		for (const name of ['ledgers', 'recorded_events']) {
			const map = this.#object.map(name);
			for (const key of map.keys()) {
				if (new DataView(key.buffer, key.byteOffset).getUint32(0, true) === pid) map.delete(key);
			}
		}
	}

	/** Ends of processes that the ring had no room for, as records like those in the ring; each is given once. */
	takeUndeliveredEnds(): Uint32Array[] {
		const processes = this.#object.map('processes');
		const ends: Uint32Array[] = [];
		for (const [key, value] of processes.entries()) {
			const [pid = 0] = new Uint32Array(key.slice().buffer);
			const [low = 0, high = 0] = new Uint32Array(value.slice().buffer);
			if (low === 0 && high === 0) continue;
			processes.delete(key);
			const record = new Uint32Array(EVENT_WORDS);
			record.set([low, high]);
			record[EVENT_PID] = pid;
			record[EVENT_TID] = pid;
			record[EVENT_OP] = OP_PROCESS_EXIT;
			ends.push(record);
		}
		return ends;
	}

	counters(): KernelCounters {
		const sums = this.#object.map('counters').sumPerCpuU64(FIRST_KEY) ?? [];
		return Object.fromEntries(COUNTER_NAMES.map((name, i) => [name, sums[i] ?? 0])) as KernelCounters;
	}

	#write(): void {
		const value = new DataView(new ArrayBuffer(CONFIG_BYTES));
		value.setBigUint64(CONFIG_ADMIT_BELOW, BigInt(this.#admitBelow), true);
		value.setBigUint64(CONFIG_ADMIT_ALL_UNTIL, this.#admitAllUntilNs, true);
		value.setUint32(CONFIG_ONLY_TARGETS, this.#onlyTargets ? 1 : 0, true);
		value.setUint32(CONFIG_TARGETS_EPOCH, this.#epoch, true);
		this.#object.map('config').setAt(0, new Uint8Array(value.buffer));
	}
}

/**
 * The kernel's counters as a loss ledger.
 *
 * @param received calls whose records have been read from the ring; what is in it still is unexplained
 * @param late records that came after the reorder window had passed their time: used, but out of order
 */
export function lossesOf(counters: KernelCounters, received: number, late: number): LossLedger {
	return {
		produced: counters.callsProduced,
		delivered: received,
		sampledOut: counters.callsSampledOut,
		dropped: {
			ring_full: counters.callsRingFull,
			no_thread_state: counters.callsNoThreadState,
			nesting_overflow: counters.callsNestingOverflow,
			in_flight: counters.callsTimedEntered - counters.callsTimedReturned,
		},
		ledgers: {
			delivered: counters.ledgersDelivered + counters.edgesDelivered + counters.memoryDelivered,
			dropped: {
				ledger_ring_full:
					counters.ledgersRingFull + counters.edgesRingFull + counters.timesRingFull + counters.memoryRingFull,
				no_ledger_slot: counters.ledgersNoSlot,
				unread_arguments: counters.callsUnreadArguments,
				late,
			},
		},
	};
}

function u32(value: number): Uint8Array {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, value, true);
	return bytes;
}
