/** A time that a thread was off the CPU. */
export interface ThreadSleep {
	/** When it left the CPU. */
	readonly fromNs: number;
	/** From there until it was woken; 0 for a thread that was ready all along. */
	readonly asleepNs: number;
	/** From there until it ran again. */
	readonly readyNs: number;
	/** Another thread of the process was running when it fell asleep and when it was woken, or none can be seen. */
	readonly isLock: boolean;
}

/** A call into an interpreter takes its lock within this time of the wait's return: 10 to 18 µs in PyTorch on an H100 host. */
export const SOON_NS = 25_000;
/** A thread that waits for CPython's lock asks for it after this time, and goes on waiting (sys.getswitchinterval). */
export const ASKS_AFTER_NS = 5_000_000;
/**
 * A thread that waits for CPython's lock wakes after 5 ms at the latest (sys.getswitchinterval), to ask for it, and gets a
 * CPU a time slice later. Who sleeps longer waits for something else, such as the next request.
 */
export const LONGEST_NS = 10_000_000;
