import type { CompletedLedger } from '../completed-ledger';
import { LedgerSum } from './ledger-sum';
import { Part, type PartRule } from './part';

/** Puts pieces together as a rule says. Holds one sum at most: of what came so far of something that goes on. */
export class Joiner {
	readonly #rule: PartRule;
	readonly #emit: (whole: CompletedLedger, isJoined: boolean) => void;
	#held: LedgerSum | undefined;

	constructor(rule: PartRule, emit: (whole: CompletedLedger, isJoined: boolean) => void) {
		this.#rule = rule;
		this.#emit = emit;
	}

	next(piece: CompletedLedger, isJoined = false): void {
		const part = this.#rule.next(piece, isJoined);
		const held = this.#held;
		const goesOn = part === Part.first || part === Part.inner;
		if (held === undefined) {
			if (goesOn) this.#held = new LedgerSum(piece);
			else this.#emit(piece, isJoined);
			return;
		}
		if (part === Part.inner || part === Part.last) {
			held.add(piece);
			if (goesOn) return;
			this.#held = undefined;
			this.#emit(held.total, true);
			return;
		}
		this.#held = goesOn ? new LedgerSum(piece) : undefined;
		this.#emit(held.total, held.pieces > 1);
		if (!goesOn) this.#emit(piece, isJoined);
	}

	/** Nothing more will come: what is held is all there is. */
	end(): void {
		const held = this.#held;
		this.#held = undefined;
		if (held !== undefined) this.#emit(held.total, held.pieces > 1);
	}
}
