import { OP, PID } from '../event-record';
import { handleValue } from '../handle';
import type { OperationDescription } from '../operations';

const ARG0 = 6;

/** What is known of a NCCL communicator. */
export interface Communicator {
	/** Hash of its unique id, equal on all ranks; 0n when its making was not seen, or gave none to see. */
	readonly idHash: bigint;
	/** Number of ranks; undefined when not known. */
	readonly ranks: number | undefined;
	/** The caller's rank in it; undefined when not known. */
	readonly rank: number | undefined;
	/** False for one that was made before it could be seen. */
	readonly isInitSeen: boolean;
}

const UNSEEN: Communicator = { idHash: 0n, ranks: undefined, rank: undefined, isInitSeen: false };

/**
 * The communicators of all processes, from the calls that make, ask and end them. Bounded by what processes keep open, and
 * by `capacity` for each.
 */
export class Communicators {
	readonly #operations: ReadonlyMap<number, OperationDescription>;
	readonly #capacity: number;
	readonly #processes = new Map<number, Map<bigint, Communicator>>();

	constructor(operations: ReadonlyMap<number, OperationDescription>, capacity = 4096) {
		this.#operations = operations;
		this.#capacity = capacity;
	}

	/** Takes a call of NCCL from a raw event, 12 words from `at` on; anything else has no effect. */
	observe(words: Uint32Array, at: number): void {
		const description = this.#operations.get(words[at + OP] as number);
		if (description === undefined || !description.name.startsWith('ncclComm')) return;
		const pid = words[at + PID] as number;
		const place = description.args.indexOf('comm');
		if (place < 0) return;
		const comm = handleValue(words[at + ARG0 + 2 * place] as number, words[at + ARG0 + 2 * place + 1] as number);
		if (comm === 0n) return;
		// A question is refused while the communicator is still in the making, or broken.
		const isAnswered = (words[at + ARG0 + 4] as number) === 0;
		switch (description.name) {
			// A communicator is still in use until it is destroyed.
			case 'ncclCommFinalize':
				return;
			case 'ncclCommDestroy':
			case 'ncclCommAbort':
				this.#processes.get(pid)?.delete(comm);
				return;
			case 'ncclCommCount':
				if (isAnswered) this.#learn(pid, comm, { ranks: words[at + ARG0] as number });
				return;
			case 'ncclCommUserRank':
				if (isAnswered) this.#learn(pid, comm, { rank: words[at + ARG0] as number });
				return;
			case 'ncclCommSplit':
				this.#learn(pid, comm, { ...UNSEEN, isInitSeen: true });
				return;
			default: {
				this.#learn(pid, comm, {
					idHash: handleValue(words[at + ARG0 + 4] as number, words[at + ARG0 + 5] as number),
					ranks: words[at + ARG0 + 1] as number,
					rank: words[at + ARG0] as number,
					isInitSeen: true,
				});
			}
		}
	}

	/** What is known of one; of one that nothing was told of, that its making was not seen. */
	of(pid: number, comm: bigint): Communicator {
		return this.#processes.get(pid)?.get(comm) ?? UNSEEN;
	}

	forgetProcess(pid: number): void {
		this.#processes.delete(pid);
	}

	#learn(pid: number, comm: bigint, facts: Partial<Communicator>): void {
		let own = this.#processes.get(pid);
		if (own === undefined) {
			own = new Map();
			this.#processes.set(pid, own);
		}
		const known = own.get(comm);
		if (known === undefined && own.size >= this.#capacity) own.delete(own.keys().next().value as bigint);
		own.set(comm, { ...(known ?? UNSEEN), ...facts });
	}
}
