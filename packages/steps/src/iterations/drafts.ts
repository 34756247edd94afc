import type { CompletedLedger } from '../completed-ledger';
import { type Kind, Kinds, PASS_SIZE } from './kinds';
import { Part, type PartRule } from './part';
import { Runs } from './runs';

/**
 * Finds iterations of speculative decoding in which every drafted token is read back: a run of passes over the draft model,
 * always of the same length, then a much larger one that checks them. By order and work only, never by time.
 *
 * A prefill between runs of decodes of equal length is the same to a first look. But then each run comes right after the
 * prefill that ended the one before, while drafts come after a check, or, with each request, after a prefill that
 * follows the check.
 */
export class Drafts implements PartRule {
	readonly #kinds = new Kinds();
	/** The run at hand: of which kind, and how long so far. */
	#kind: Kind | undefined;
	#length = 0;
	#pieces = 0;
	#isHeld = false;

	next(piece: CompletedLedger, isJoined: boolean): Part {
		const kind = this.#kinds.of(piece);
		if (isJoined) kind.isJoined = true;
		const run = this.#kind;
		this.#pieces += 1;
		if (kind === run) {
			this.#length += 1;
			this.#isHeld &&= this.#length <= (kind.runs?.length ?? 0);
			return this.#isHeld ? Part.inner : Part.alone;
		}
		const isChecked = this.#isHeld && this.#length === run?.runs?.length && kind === run.runs.checkedBy;
		if (run !== undefined) this.#ended(run, kind);
		this.#kind = kind;
		this.#length = 1;
		this.#isHeld = !isChecked && !kind.isJoined && (kind.runs?.areDrafts ?? false);
		if (isChecked) return Part.last;
		return this.#isHeld ? Part.first : Part.alone;
	}

	#ended(run: Kind, by: Kind): void {
		const isCheck = !run.isGraph && !run.isJoined && !by.isGraph && by.size >= PASS_SIZE * run.size;
		if (!isCheck) {
			run.runs?.interrupted();
			return;
		}
		run.runs ??= new Runs();
		run.runs.ended(this.#length, by, this.#pieces);
	}
}
