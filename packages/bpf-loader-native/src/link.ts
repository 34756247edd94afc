import type { Handle } from './internal/native';
import type { ObjectState } from './internal/object-state';

/**
 * One attachment of a program: a uprobe, up to a million of them at once, or a tracepoint.
 *
 * It ends with {@link detach}, with its object's `close()`, when object and links have become garbage, and when the
 * thread or the process ends, whatever way that happens: the kernel keeps nothing of it.
 */
export class BpfLink {
	readonly #state: ObjectState;
	#handle: Handle<'link'> | undefined;

	/** @internal */
	constructor(state: ObjectState, handle: Handle<'link'>) {
		this.#state = state;
		this.#handle = handle;
		state.links.add(this);
	}

	/** Whether the program still runs because of this link. */
	get attached(): boolean {
		return this.#handle !== undefined;
	}

	/**
	 * Ends the attachment; harmless when it has ended. Synchronous, since the kernel's call is: a perf-event uprobe
	 * takes some 100 ms each, a uprobe.multi link tens of milliseconds for all its sites together.
	 */
	detach(): void {
		const handle = this.#handle;
		if (handle === undefined) return;
		this.#handle = undefined;
		this.#state.links.delete(this);
		this.#state.native.close(handle);
	}

	[Symbol.dispose](): void {
		this.detach();
	}
}
