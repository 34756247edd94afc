// The one vocabulary for what becomes of an event: produced = delivered + sampled out + dropped by cause.

/** Fates of an event that is not lost. */
export const eventFates = {
	delivered: { name: 'delivered', description: 'Reached the end of the pipeline.' },
	sampledOut: { name: 'sampled_out', description: 'Left out on purpose at the healthy sampling rate.' },
} as const;

/** Why an event, or the ledger of a step, was lost. */
export const lossCauses = {
	ringFull: { name: 'ring_full', description: 'The ring buffer of raw events had no room.' },
	ledgerRingFull: { name: 'ledger_ring_full', description: 'The ring buffer of step ledgers had no room.' },
	noLedgerSlot: { name: 'no_ledger_slot', description: 'The kernel held as many ledgers as it can.' },
	noThreadState: { name: 'no_thread_state', description: 'The kernel held the state of as many threads as it can.' },
	nestingOverflow: { name: 'nesting_overflow', description: 'Traced calls were nested deeper than is followed.' },
	inFlight: { name: 'in_flight', description: 'The call had been entered and not left when tracing began or ended.' },
	agentStalled: {
		name: 'agent_stalled',
		description: 'The agent had stood still for two seconds: nobody would read it.',
	},
	streamsOverflow: { name: 'streams_overflow', description: 'Its process used more streams than are followed apart.' },
	eventsOverflow: { name: 'events_overflow', description: 'Its process recorded more events than are followed.' },
	touchedOverflow: {
		name: 'touched_overflow',
		description: 'Its thread touched more streams between two read-backs than are followed.',
	},
	fingerprintContended: {
		name: 'fingerprint_contended',
		description: 'Threads that launched on one stream at the same time left a kernel out of its fingerprint.',
	},
	schedulerRingFull: {
		name: 'scheduler_ring_full',
		description: 'A scheduler event found no room in the ring buffer.',
	},
	hostRingFull: { name: 'host_ring_full', description: 'An event of the host found no room in its ring buffer.' },
	hostNoSlot: { name: 'host_no_slot', description: 'The kernel held as much about the host as it can.' },
	hostNested: {
		name: 'host_nested',
		description: 'An event of the host came while its program ran, and was let go by.',
	},
	stackLost: { name: 'stack_lost', description: 'The stack of the call could not be taken or kept.' },
	unreadArguments: { name: 'unread_arguments', description: 'The arguments of the call could not be read.' },
	late: { name: 'late', description: 'Arrived after the reorder window had passed its time.' },
	unknownOperation: { name: 'unknown_operation', description: 'Its operation code is not in the table of the source.' },
	storeQueueFull: { name: 'store_queue_full', description: 'The queue to the database had no room.' },
	outputQueueFull: {
		name: 'output_queue_full',
		description: 'A line for standard output, whose reader did not take what was written before.',
	},
	writeError: { name: 'write_error', description: 'The database or the file refused it.' },
} as const;
export type LossCause = (typeof lossCauses)[keyof typeof lossCauses]['name'];

/** How much is probed, from all to nothing: without raw events, launches in samples, no probe at all. */
export const probeLevels = ['full', 'ledgers', 'guard', 'off'] as const;
export type ProbeLevel = (typeof probeLevels)[number];
