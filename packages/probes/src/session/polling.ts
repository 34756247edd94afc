/** Rings are read this often while there is something in them, and a fifth as often after a quiet second. */
const POLL_MS = 10;
const IDLE_POLL_MS = 50;
const IDLE_AFTER_POLLS = 100;

/** Polls again and again until it is stopped. */
export class Polling {
	#isStopped = false;
	#wake: (() => void) | undefined;

	/**
	 * @param poll says whether there was anything
	 * @returns a promise that is kept once polling is stopped, be it from the start, and rejected with what `poll` throws
	 */
	async run(poll: () => boolean): Promise<void> {
		let quietPolls = 0;
		while (!this.#isStopped) {
			quietPolls = poll() ? 0 : quietPolls + 1;
			await this.#sleep(quietPolls < IDLE_AFTER_POLLS ? POLL_MS : IDLE_POLL_MS);
		}
	}

	/** For good. */
	stop(): void {
		this.#isStopped = true;
		this.#wake?.();
	}

	#sleep(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, ms);
			this.#wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}
}
