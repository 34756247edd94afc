import { setTimeout as later } from 'node:timers';

/**
 * Stops something on the first of Ctrl-C, SIGTERM and the end of the time it was given. A second signal ends the
 * process at once, for whoever cannot wait.
 *
 * @param durationMs 0 is no limit
 * @returns takes the handlers away again
 */
export function stopOnSignalOr(durationMs: number, stop: () => void): () => void {
	let signalled = false;
	const onSignal = (signal: NodeJS.Signals) => {
		if (signalled) process.exit(signal === 'SIGINT' ? 130 : 143);
		signalled = true;
		stop();
	};
	process.on('SIGINT', onSignal);
	process.on('SIGTERM', onSignal);
	const timer = durationMs > 0 ? later(stop, durationMs) : undefined;
	return () => {
		clearTimeout(timer);
		process.off('SIGINT', onSignal);
		process.off('SIGTERM', onSignal);
	};
}
