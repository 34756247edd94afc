/**
 * Every call has an end: delivered, sampled out, or dropped for a named cause. The identity
 * produced = delivered + sampledOut + Σ dropped is asserted by tests and shown to users.
 */
export interface LossLedger {
	/** Calls that hit a probe, or records read from a file. */
	readonly produced: number;
	/** Records that reached their consumer. */
	readonly delivered: number;
	/** Calls that the sampler left out on purpose. */
	readonly sampledOut: number;
	/** Cause, from the contract's vocabulary → calls. */
	readonly dropped: Readonly<Record<string, number>>;
	/**
	 * The same for the records that steps are made of, not calls: ledger parts and what orders them. What came late or with
	 * arguments that could not be read counts here too, since steps may be wrong by it.
	 */
	readonly ledgers: { readonly delivered: number; readonly dropped: Readonly<Record<string, number>> };
}

/** Calls that no counter explains: 0 unless something is broken. Negative when something was counted twice. */
export function unexplained(losses: LossLedger): number {
	return losses.produced - losses.delivered - losses.sampledOut - sum(losses.dropped);
}

/** Everything lost, for a user who asks "is this complete?". */
export function totalDropped(losses: LossLedger): number {
	return sum(losses.dropped) + sum(losses.ledgers.dropped);
}

function sum(counts: Readonly<Record<string, number>>): number {
	return Object.values(counts).reduce((total, count) => total + count, 0);
}
