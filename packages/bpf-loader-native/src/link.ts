import { binding } from './binding';
import type { Handle } from './internal/native';
import type { ObjectState } from './internal/object-state';

const TAKE: unique symbol = Symbol('take');

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
	 * takes some 100 ms each, a uprobe.multi link tens of milliseconds for all its sites together. Several links are
	 * ended faster by {@link detachAll}.
	 */
	detach(): void {
		const handle = this[TAKE]();
		if (handle !== undefined) this.#state.native.close(handle);
	}

	/** @internal Takes the handle, which then must be closed; `undefined` when that has happened. */
	[TAKE](): Handle<'link'> | undefined {
		const handle = this.#handle;
		this.#handle = undefined;
		this.#state.links.delete(this);
		return handle;
	}

	[Symbol.dispose](): void {
		this.detach();
	}
}

/**
 * Ends many attachments, of any objects, at the same time; ended ones are passed over. The kernel waits for every one
 * until no processor can still be in its program, and here these waits overlap: it takes little longer than the slowest.
 * Returns when all have ended. In no order: where one must end before another, call it twice.
 */
export function detachAll(links: Iterable<BpfLink>): void {
	const handles = [...links].map((link) => link[TAKE]()).filter((handle) => handle !== undefined);
	if (handles.length > 0) binding().linksClose(handles);
}
