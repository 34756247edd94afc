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
	unreadArguments: { name: 'unread_arguments', description: 'The arguments of the call could not be read.' },
	late: { name: 'late', description: 'Arrived after the reorder window had passed its time.' },
	unknownOperation: { name: 'unknown_operation', description: 'Its operation code is not in the table of the source.' },
	storeQueueFull: { name: 'store_queue_full', description: 'The queue to the database had no room.' },
	writeError: { name: 'write_error', description: 'The database or the file refused it.' },
} as const;
export type LossCause = (typeof lossCauses)[keyof typeof lossCauses]['name'];
