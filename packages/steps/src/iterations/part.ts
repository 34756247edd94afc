import type { CompletedLedger } from '../completed-ledger';

/** What a piece is to the pieces around it. */
export const Part = {
	/** Whole by itself. */
	alone: 0,
	/** Goes with what comes next. */
	first: 1,
	/** Goes with what came before and with what comes next. */
	inner: 2,
	/** Goes with what came before. */
	last: 3,
} as const;
export type Part = (typeof Part)[keyof typeof Part];

/** Says of each piece of one thread, in order, what part it is. */
export interface PartRule {
	/** @param isJoined whether it was several pieces before */
	next(piece: CompletedLedger, isJoined: boolean): Part;
}
