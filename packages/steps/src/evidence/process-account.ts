/** What is counted for a process as a whole. */
export class ProcessAccount {
	/**
	 * Threads on a CPU. Threads that were running before the process was known are missing until they have all been off
	 * the CPU once, which is why it never falls below 0.
	 */
	running = 1;
	/** Threads that use no CUDA were seen on a CPU: a source may record only those that do. */
	seesOthers = false;
	runQueueNs = 0;
	copiedBytes = 0;
	launches = 0;
	/** The other CUDA process with which this one last shared a CPU. */
	neighbourPid = 0;
	neighbourSwitches = 0;
	/** When a host function was last enqueued behind a read-back; 0 for never. */
	calledBackNs = 0;

	constructor(readonly pid: number) {}

	left(): void {
		if (this.running > 0) this.running -= 1;
	}
}
