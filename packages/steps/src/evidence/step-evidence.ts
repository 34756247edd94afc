/**
 * Where the time between two completions of a thread went, and what else happened meanwhile. Everything but
 * `neighbourPid` adds: the evidence of a step put together from several is the sum.
 *
 * The times are a partition of `spanNs`: running, ready, asleep, waiting for the GPU. Where one thread enqueues and
 * another waits, the waiting is the second one's and the rest the first one's.
 */
export interface StepEvidence {
	/** From the previous completion of the thread to this one. */
	readonly spanNs: number;
	/** On the CPU: computing, enqueueing. */
	readonly runningNs: number;
	/** Ready to run without a CPU, outside of waits for the GPU. */
	readonly runQueueNs: number;
	/** Asleep while another thread of the process ran. */
	readonly lockNs: number;
	/** Asleep for another reason: a timer, a request, a thread that was not running. */
	readonly blockedNs: number;
	/** In uninterruptible sleep: disk, page faults. */
	readonly ioNs: number;
	/** Inside timed calls that allocate device memory. */
	readonly allocNs: number;
	/** Waiting for the GPU: in waits, and after the read-back was enqueued, also where the thread polls or copies. */
	readonly waitNs: number;
	/** Part of `waitNs` in which the thread was ready to run without a CPU. */
	readonly waitRunQueueNs: number;
	/** Part of the run-queue wait, in waits and out of them, in which another thread of the process had the CPU. */
	readonly behindSiblingNs: number;
	/** Run-queue wait of the other threads of the process that use CUDA. Not part of `spanNs`. */
	readonly siblingRunQueueNs: number;
	/** Bytes copied by other threads of the process. */
	readonly otherCopiedBytes: number;
	/** Launches of kernels and graphs by other processes of the machine. */
	readonly foreignLaunches: number;
	/** How often a CPU went from this process to another CUDA process, or the other way round. */
	readonly neighbourSwitches: number;
	/** The CUDA process with which this one shared a CPU, the last of several; 0 for none. */
	readonly neighbourPid: number;
}
