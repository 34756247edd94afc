/** The longest that one timer waits; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Signals that come so close together are one: of a terminal, and of a parent that hands its own on. */
const TOGETHER_MS = 300;

/**
 * Stops something on the first of Ctrl-C, SIGTERM, the end of the time it was given, and the moment when nobody reads
 * standard output any more. A second signal ends the process at once, for whoever cannot wait.
 *
 * @param durationMs 0 is no limit
 * @returns takes the handlers away again
 */
export function stopOnSignalOr(durationMs: number, stop: () => void): () => void {
	let signalledMs: number | undefined;
	const onSignal = (signal: NodeJS.Signals) => {
		if (signalledMs === undefined) {
			signalledMs = performance.now();
			stop();
			return;
		}
		if (performance.now() - signalledMs < TOGETHER_MS) return;
		// The signal's own effect is at once; process.exit would wait for the thread that writes the database.
		release();
		process.kill(process.pid, signal);
	};
	process.on('SIGINT', onSignal);
	process.on('SIGTERM', onSignal);
	process.stdout.on('error', stop);
	const cancel = durationMs > 0 ? callAfter(durationMs, stop) : undefined;
	const release = () => {
		cancel?.();
		process.off('SIGINT', onSignal);
		process.off('SIGTERM', onSignal);
		process.stdout.off('error', stop);
	};
	return release;
}

function callAfter(ms: number, action: () => void): () => void {
	let timer: NodeJS.Timeout;
	const wait = (leftMs: number) => {
		timer = setTimeout(
			() => (leftMs > MAX_TIMER_MS ? wait(leftMs - MAX_TIMER_MS) : action()),
			Math.min(leftMs, MAX_TIMER_MS),
		);
	};
	wait(ms);
	return () => clearTimeout(timer);
}
