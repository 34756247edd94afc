/**
 * Where things are in the records of bpf/include/ingero_events.h, in 32-bit words. A test holds these against the
 * type information in the compiled object.
 */
export const EVENT_WORDS = 12;
export const EVENT_DURATION = 2;
export const EVENT_PID = 3;
export const EVENT_TID = 4;
export const EVENT_OP = 5;
export const EVENT_ARG0 = 6;

export const OP_PROCESS_EXIT = 63;
export const OP_LEDGER_PART = 200;
export const OP_WAITER_ASLEEP = 202;
export const OP_WAITER_AWAKE = 203;
export const OP_LAUNCHER_AWAKE = 204;

/** In the operation of an edge: the times of its thread follow the event. */
export const WITH_TIMES = 0x1_0000;

export const LEDGER_PART_WORDS = 64;
export const EDGE_WITH_TIMES_WORDS = 42;
/** Word of the ledger inside a ledger part. */
export const LEDGER_AT = 14;
export const LEDGER_FLAG_LOSSY = 1;
/** Words of the thread's own sums, and of what went on around it, in an edge with times. */
export const THREAD_SUMS_AT = 12;
export const SURROUNDINGS_AT = 30;

/** Length of the record of the ledger ring at `at`, in words. */
export function recordWords(words: Uint32Array, at: number): number {
	const op = words[at + EVENT_OP] as number;
	return op >= WITH_TIMES ? EDGE_WITH_TIMES_WORDS : op === OP_LEDGER_PART ? LEDGER_PART_WORDS : EVENT_WORDS;
}

/** Bytes of `struct ingero_config` and of the places in it. */
export const CONFIG_BYTES = 32;
export const CONFIG_ADMIT_BELOW = 0;
export const CONFIG_ADMIT_ALL_UNTIL = 8;
export const CONFIG_ONLY_TARGETS = 16;
export const CONFIG_ONLY_USERS = 20;
export const CONFIG_EPOCH = 24;

/** 64-bit fields of `struct ingero_process`. */
export const PROCESS_LAUNCHES = 4;
export const PROCESS_OTHER_HITS = 9;

/** Names of the kernel's counters, in the order of `struct ingero_counters`. */
export const COUNTER_NAMES = [
	'callsProduced',
	'callsDelivered',
	'callsSampledOut',
	'callsRingFull',
	'callsNoThreadState',
	'callsNestingOverflow',
	'callsTimedEntered',
	'callsTimedReturned',
	'callsUnreadArguments',
	'callsAgentStalled',
	'edgesDelivered',
	'edgesRingFull',
	'ledgersDelivered',
	'ledgersRingFull',
	'ledgersNoSlot',
	'ledgersFingerprintContended',
	'touchedOverflow',
	'schedulerDelivered',
	'schedulerRingFull',
	'toldDelivered',
	'toldRingFull',
	'streamsOverflow',
	'eventsOverflow',
	'streamsClaimed',
	'streamsFreed',
	'stacksDelivered',
	'stacksLost',
] as const;
export type KernelCounters = Record<(typeof COUNTER_NAMES)[number], number>;
