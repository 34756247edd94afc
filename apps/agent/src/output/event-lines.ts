import type { EventMessage } from '@ingero/contract/messages';
import { RECORD_WORDS } from '@ingero/recording';
import { Communicators, Graphs } from '@ingero/steps';
import { eventMessage, type PrintedOperation, PrintedOperations } from './event-message';
import type { OpenedSource, SessionOutput } from './session-output';

const PID = 3;
const TID = 4;
const OP = 5;
const ARG0 = 6;
/** Calls about handles that wait for the events of their time; a program that makes more meanwhile has its oldest ones taken. */
const MAX_WAITING = 4096;

/** Names the stacks that a source has taken. */
export interface StackLines {
	/** Innermost frame first; `undefined` for a number without a stack. */
	of(pid: number, stack: number): readonly string[] | undefined;
	forgetProcess(pid: number): void;
	close(): void;
}

interface HandleCall {
	readonly words: Uint32Array;
	readonly tNs: number;
	readonly operation: PrintedOperation;
}

interface HeldLine {
	message: EventMessage;
	readonly tNs: number;
	/** Operation code of the call. */
	readonly code: number;
}

/**
 * Makes lines of raw events, with what the handles that they name mean at that moment, and with the stacks that were taken.
 *
 * What makes or ends a handle comes in two ways: told apart, whatever the admission, and among the events where it was
 * admitted. Live, it has been told before its event comes; in a replay, where every call is among the events, after it.
 */
export class EventLines {
	readonly #source: OpenedSource;
	readonly #operations: PrintedOperations;
	readonly #handles: { readonly communicators: Communicators; readonly graphs: Graphs };
	readonly #stacks: StackLines | undefined;
	readonly #write: (message: EventMessage) => void;
	/** In the order in which they came. */
	readonly #waiting: HandleCall[] = [];
	/** The newest call about a handle that was told, and that was found among the events only. */
	#toldNs = Number.NEGATIVE_INFINITY;
	#foundNs = Number.NEGATIVE_INFINITY;
	/** Lines of one moment, whose stacks may follow. */
	readonly #held: HeldLine[] = [];

	constructor(
		source: OpenedSource,
		{ stacks, write }: { readonly stacks: StackLines | undefined; readonly write: (message: EventMessage) => void },
	) {
		this.#source = source;
		this.#operations = new PrintedOperations(source.operations);
		this.#handles = { communicators: new Communicators(source.operations), graphs: new Graphs(source.operations) };
		this.#stacks = stacks;
		this.#write = write;
	}

	/** As {@link SessionOutput.handleCall}. */
	handleCall(words: Uint32Array, at: number, tNs: number): void {
		if (tNs <= this.#foundNs) return;
		this.#toldNs = Math.max(this.#toldNs, tNs);
		this.#await(words, at, tNs);
	}

	/** As {@link SessionOutput.events}. Lines of the last moment are held until {@link flush}. */
	events(words: Uint32Array, count: number): void {
		for (let at = 0; at < count * RECORD_WORDS; at += RECORD_WORDS) this.#event(words, at);
	}

	/** Writes what is held: no event is on its way that belongs to it. */
	flush(): void {
		for (const { message } of this.#held.splice(0)) this.#write(message);
	}

	#event(words: Uint32Array, at: number): void {
		const tNs = this.#source.clock.relative(words[at] as number, words[at + 1] as number);
		const operation = this.#operations.of(words, at);
		if (operation.isStack) {
			this.#addStack(words, at, tNs);
			return;
		}
		if (this.#held.length > 0 && this.#held[0]?.tNs !== tNs) this.flush();
		if (operation.tellsHandles && tNs > this.#toldNs) {
			this.#foundNs = Math.max(this.#foundNs, tNs);
			this.#await(words, at, tNs);
		}
		this.#takeUntil(tNs);
		const message = eventMessage(words, at, operation, this.#handles);
		if (this.#stacks === undefined) this.#write(message);
		else this.#held.push({ message, tNs, code: words[at + OP] as number });
		if (operation.isProcessExit) this.#forgetProcess(words[at + PID] as number);
	}

	/** Gives the call that it came for its stack. */
	#addStack(words: Uint32Array, at: number, tNs: number): void {
		const [tid, code] = [words[at + TID], words[at + ARG0 + 2]];
		const line = this.#held.find(
			({ message, ...held }) =>
				held.tNs === tNs && held.code === code && message.tid === tid && message.stack === undefined,
		);
		const stack = line && this.#stacks?.of(line.message.pid, words[at + ARG0] as number);
		if (line !== undefined && stack !== undefined) line.message = { ...line.message, stack };
	}

	#await(words: Uint32Array, at: number, tNs: number): void {
		const operation = this.#operations.of(words, at);
		this.#waiting.push({ words: words.slice(at, at + RECORD_WORDS), tNs, operation });
		if (this.#waiting.length > MAX_WAITING) this.#take(this.#waiting.shift() as HandleCall);
	}

	/** Takes what happened before an event. The call that ends a handle still means that handle. */
	#takeUntil(tNs: number): void {
		for (;;) {
			const next = this.#waiting[0];
			if (next === undefined || next.tNs > tNs || (next.tNs === tNs && next.operation.endsHandle)) return;
			this.#waiting.shift();
			this.#take(next);
		}
	}

	#take({ words }: HandleCall): void {
		this.#handles.communicators.observe(words, 0);
		this.#handles.graphs.observe(words, 0);
	}

	#forgetProcess(pid: number): void {
		this.#handles.communicators.forgetProcess(pid);
		this.#handles.graphs.forgetProcess(pid);
		this.#stacks?.forgetProcess(pid);
	}
}
