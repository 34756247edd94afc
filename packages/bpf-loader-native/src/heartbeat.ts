import type { Handle } from './internal/native';
import type { ObjectState } from './internal/object-state';

/**
 * A sign of life in a map, from {@link BpfMap.startHeartbeat}: a thread of its own writes the time there, so that it
 * comes however busy the event loop is.
 *
 * It ends with {@link stop}, with its object's `close()`, when all that belongs to the object has become garbage, and
 * when the thread that started it or the process ends. The last time written then stays in the map.
 */
export class BpfHeartbeat {
	readonly #state: ObjectState;
	#handle: Handle<'heartbeat'> | undefined;
	#beats = 0;

	/** @internal */
	constructor(state: ObjectState, handle: Handle<'heartbeat'>) {
		this.#state = state;
		this.#handle = handle;
		state.heartbeats.add(this);
	}

	/** Times that the time was written; it stands still where the map refuses it, and after the end. */
	get beats(): number {
		if (this.#handle !== undefined) this.#beats = this.#state.native.heartbeatCount(this.#handle);
		return this.#beats;
	}

	/** Ends it; harmless when it has ended. */
	stop(): void {
		const handle = this.#handle;
		if (handle === undefined) return;
		this.#beats = this.beats;
		this.#handle = undefined;
		this.#state.heartbeats.delete(this);
		this.#state.native.close(handle);
	}

	[Symbol.dispose](): void {
		this.stop();
	}
}
