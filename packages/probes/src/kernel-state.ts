import type { BpfObject } from '@ingero/bpf-loader-native';
import type { LossLedger } from '@ingero/steps';
import {
	CONFIG_ADMIT_ALL_UNTIL,
	CONFIG_ADMIT_BELOW,
	CONFIG_BYTES,
	CONFIG_EPOCH,
	CONFIG_ONLY_TARGETS,
	CONFIG_ONLY_USERS,
	COUNTER_NAMES,
	EVENT_OP,
	EVENT_PID,
	EVENT_TID,
	EVENT_WORDS,
	type KernelCounters,
	OP_PROCESS_EXIT,
	PROCESS_LAUNCHES,
	PROCESS_OTHER_HITS,
} from './decode/layout';

import type { ProcessHits } from './guard/governor';
import type { HostSources } from './host/host-sources';
import { u32 } from './map-key';

const NO_HOST_LOSSES = { ringFull: 0, noSlot: 0, nested: 0 };
const ADMIT_ALL = 0x1_0000_0000;
const MAX_EPOCH = 0xffff_ffff;
const FIRST_KEY = new Uint8Array(4);

/** What the programs read and write in maps: configuration in, counters out. */
export class KernelState {
	readonly #object: BpfObject;
	#admitBelow = 0;
	#admitAllUntilNs = 0n;
	#epoch = 0;
	#onlyTargets = false;
	#onlyUsers = false;
	#producedBefore = 0;
	#deliveredBefore = 0;

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
		this.#write();
	}

	/** Forgets the events of processes that have ended; their streams are gone with them. */
	forgetProcesses(pids: ReadonlySet<number>): void {
		const map = this.#object.map('recorded_events');
		for (const key of map.keys()) {
			if (pids.has(new DataView(key.buffer, key.byteOffset).getUint32(0, true))) map.delete(key);
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

	/** Hits of probes by process, from its first call on. */
	hits(): Map<number, ProcessHits> {
		const hits = new Map<number, ProcessHits>();
		for (const [key, value] of this.#object.map('processes').entries()) {
			const [pid = 0] = new Uint32Array(key.slice().buffer);
			const fields = new BigUint64Array(value.slice().buffer);
			hits.set(pid, {
				launches: Number(fields[PROCESS_LAUNCHES] ?? 0n),
				others: Number(fields[PROCESS_OTHER_HITS] ?? 0n),
			});
		}
		return hits;
	}

	/** Share of the calls since the last time this was asked that were delivered as raw events, 0 to 1. */
	eventShare(): number {
		const { callsProduced, callsDelivered } = this.counters();
		const produced = callsProduced - this.#producedBefore;
		const delivered = callsDelivered - this.#deliveredBefore;
		this.#producedBefore = callsProduced;
		this.#deliveredBefore = callsDelivered;
		return produced > 0 ? delivered / produced : 0;
	}

	counters(): KernelCounters {
		const sums = this.#object.map('counters').sumPerCpuU64(FIRST_KEY) ?? [];
		return Object.fromEntries(COUNTER_NAMES.map((name, i) => [name, sums[i] ?? 0])) as KernelCounters;
	}

	/** Traces processes of these users only, by real user id; without a call those of all. */
	setUsers(uids: readonly number[]): void {
		const users = this.#object.map('users');
		users.clear();
		for (const uid of uids) users.set(u32(uid), Uint8Array.of(1));
		this.#onlyUsers = true;
		this.#write();
	}

	/** Makes threads look at the configuration again: one that never reads back then draws its admission anew. */
	renew(): void {
		this.#write();
	}

	#write(): void {
		// 0 is the epoch of a thread that has not looked yet.
		this.#epoch = (this.#epoch % MAX_EPOCH) + 1;
		const value = new DataView(new ArrayBuffer(CONFIG_BYTES));
		value.setBigUint64(CONFIG_ADMIT_BELOW, BigInt(this.#admitBelow), true);
		value.setBigUint64(CONFIG_ADMIT_ALL_UNTIL, this.#admitAllUntilNs, true);
		value.setUint32(CONFIG_ONLY_TARGETS, this.#onlyTargets ? 1 : 0, true);
		value.setUint32(CONFIG_ONLY_USERS, this.#onlyUsers ? 1 : 0, true);
		value.setUint32(CONFIG_EPOCH, this.#epoch, true);
		this.#object.map('config').setAt(0, new Uint8Array(value.buffer));
	}
}

/**
 * The kernel's counters as a loss ledger.
 *
 * @param received calls whose records have been read from the ring; what is in it still is unexplained
 * @param host what was lost of the host's events
 * @param late records that came after the reorder window had passed their time: used, but out of order
 */
export function lossesOf(
	counters: KernelCounters,
	received: number,
	late: number,
	host: ReturnType<HostSources['losses']> = NO_HOST_LOSSES,
): LossLedger {
	return {
		produced: counters.callsProduced,
		delivered: received,
		sampledOut: counters.callsSampledOut,
		dropped: {
			ring_full: counters.callsRingFull,
			no_thread_state: counters.callsNoThreadState,
			nesting_overflow: counters.callsNestingOverflow,
			agent_stalled: counters.callsAgentStalled,
			in_flight: counters.callsTimedEntered - counters.callsTimedReturned,
		},
		ledgers: {
			delivered: counters.ledgersDelivered + counters.edgesDelivered + counters.toldDelivered,
			dropped: {
				ledger_ring_full: counters.ledgersRingFull + counters.edgesRingFull + counters.toldRingFull,
				no_ledger_slot: counters.ledgersNoSlot,
				streams_overflow: counters.streamsOverflow,
				events_overflow: counters.eventsOverflow,
				touched_overflow: counters.touchedOverflow,
				fingerprint_contended: counters.ledgersFingerprintContended,
				scheduler_ring_full: counters.schedulerRingFull,
				stack_lost: counters.stacksLost,
				host_ring_full: host.ringFull,
				host_no_slot: host.noSlot,
				host_nested: host.nested,
				unread_arguments: counters.callsUnreadArguments,
				late,
			},
		},
	};
}
