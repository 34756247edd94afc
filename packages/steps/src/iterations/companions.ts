import type { CompletedLedger } from '../completed-ledger';
import { type Kind, Kinds, PASS_SIZE } from './kinds';
import { Part, type PartRule } from './part';

/** A pass over the smallest of models has some 60 launches, fused ones less. What has fewer still may be anything. */
const MIN_PASS_SIZE = 32;
/** Logs and flags may come in a row: pieces of so few launches, so often, are companions at first sight. */
const TINY_SIZE = 4;
const MAX_TINY = 3;
/** A graph hides its launches: the largest kind of piece stands for them, which may be another, larger pass. */
const GRAPH_PASS_SIZE = 8;
/** Companions in a row whose habits are judged. */
const MAX_CHAIN = 8;

/**
 * Finds iterations that read back twice or more, a pass over the model and small companions of it, in the pieces of one
 * thread: a sampler that asks how many tokens to keep, a check of the mask, a test whether all sequences are done, a log
 * now and then. By order and work only, never by time.
 *
 * A kind of pieces is a companion when a much larger piece always follows. Whether it ends the iteration of the pass
 * before it or begins the one of the pass after it shows where the pattern is interrupted, by the start or by another
 * request: an iteration begins with the kind that comes after different ones; those inside always come after the same. A
 * pass that a companion always follows is held for it, if the iteration begins elsewhere; otherwise, and as long as
 * that is not known, companions go with the pass that follows.
 */
export class Companions implements PartRule {
	readonly #kinds = new Kinds();
	#previous: Kind | undefined;
	/** The latest pass and the companions since then: what they are followed by shows when the next pass comes. */
	readonly #chain: Kind[] = [];
	#chainLength = 0;
	#latestPass: Kind | undefined;
	/** Graphs replayed one right after the other, the last time there were any. */
	#graphs = 0;
	/** Most changes of what it comes after, of the kinds from the pass before the latest one to this one. */
	#beginning = 0;
	/** The largest of the companions that are held for the next pass. */
	#held: Kind | undefined;
	/** A pass is held for its companion. */
	#isAwaiting = false;

	next(piece: CompletedLedger, isJoined: boolean): Part {
		const previous = this.#previous;
		const kind = this.#kinds.of(piece);
		if (isJoined) kind.isJoined = true;
		if (kind === previous && kind.isMonotonous) {
			// The same pass again and again, as most pieces of most engines: nothing to learn.
			if (kind.isGraph) this.#graphs += 1;
			return Part.alone;
		}
		const isCompanion = !kind.isJoined && (kind.followedByPass.isBelieved || this.#seemsToBe(kind));
		this.#previous = kind;
		kind.comesAfter(previous);
		previous?.isFollowedBy(isCompanion ? kind : undefined);
		return isCompanion ? this.#companion(kind) : this.#pass(kind, previous);
	}

	#companion(kind: Kind): Part {
		if (this.#chainLength < MAX_CHAIN) this.#chain[this.#chainLength++] = kind;
		if (this.#isAwaiting) {
			this.#isAwaiting = this.#goesOnAfter(kind);
			return this.#isAwaiting ? Part.inner : Part.last;
		}
		const isFirst = this.#held === undefined;
		if (this.#held === undefined || kind.size > this.#held.size) this.#held = kind;
		return isFirst ? Part.first : Part.inner;
	}

	#pass(kind: Kind, previous: Kind | undefined): Part {
		const isJoined = this.#held !== undefined && this.#isPassFor(kind, this.#held);
		this.#held = undefined;
		this.#beginning = kind.changes;
		for (let i = 0; i < this.#chainLength; i++) {
			const earlier = this.#chain[i] as Kind;
			earlier.followedByPass.seen(this.#isPassFor(kind, earlier));
			this.#beginning = Math.max(this.#beginning, earlier.changes);
		}
		this.#chain[0] = kind;
		this.#chainLength = 1;
		if (kind.isGraph) this.#graphs = previous?.isGraph ? this.#graphs + 1 : 1;
		this.#latestPass = kind;
		this.#isAwaiting = this.#goesOnAfter(kind);
		if (isJoined) return this.#isAwaiting ? Part.inner : Part.last;
		return this.#isAwaiting ? Part.first : Part.alone;
	}

	/** Whether a companion comes next that does not begin the next iteration. */
	#goesOnAfter({ followedByCompanion, companion }: Kind): boolean {
		if (!followedByCompanion.isBelieved) return false;
		// That it came first is enough where every single one had a companion; else the start was not that of an iteration.
		const needed = followedByCompanion.isUnrefuted ? 1 : 2;
		return this.#beginning >= (companion?.changes ?? 0) + needed;
	}

	/** Whether the first is a pass over the model, and the second, as small as it is, no more than a companion of one. */
	#isPassFor(pass: Kind, { size, isGraph, isJoined }: Kind): boolean {
		if (isGraph || isJoined) return false;
		if (!pass.isGraph) return pass.size >= PASS_SIZE * size;
		// A prefill comes after many decodes: where graphs follow each other, they are steps by themselves.
		return this.#graphs === 1 && this.#kinds.largest >= GRAPH_PASS_SIZE * size;
	}

	/**
	 * A companion at first sight: much smaller than the pass before, and alone. If a pass follows, it was one; if not, it
	 * is told with that. The first decode after a prefill that has far more launches is such a case.
	 */
	#seemsToBe(kind: Kind): boolean {
		const pass = this.#latestPass;
		if (pass === undefined || kind.isGraph || !kind.followedByPass.isUnrefuted) return false;
		const passSize = pass.isGraph ? this.#kinds.largest : pass.size;
		if (passSize < MIN_PASS_SIZE || passSize < PASS_SIZE * kind.size) return false;
		return !this.#isInChain(kind) || (kind.size <= TINY_SIZE && kind.count <= MAX_TINY);
	}

	#isInChain(kind: Kind): boolean {
		for (let i = 0; i < this.#chainLength; i++) if (this.#chain[i] === kind) return true;
		return false;
	}
}
