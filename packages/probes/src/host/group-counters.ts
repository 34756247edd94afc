/** Names of a group's counters, in the order of `struct ingero_host_counters` in bpf/include/ingero_host.h. */
export const GROUP_COUNTER_NAMES = [
	'produced',
	'delivered',
	'summed',
	'ringFull',
	'noSlot',
	'started',
	'finished',
	'tableFull',
] as const;
export type GroupCounters = Record<(typeof GROUP_COUNTER_NAMES)[number], number>;
