/**
 * Where the time of one thread went and what went on around it, as sums since its process was first seen: what lies
 * between two moments is a difference. Made by {@link ThreadAccounts} from raw events, and by the kernel's programs
 * (bpf/include/ingero_evidence.h) in the same way.
 */
export interface ThreadTimes {
	/** Ready to run, but the CPU had other things to do; outside of blocking calls. */
	readonly runQueueNs: number;
	/** The same inside calls that wait for the GPU: part of `waitNs`. */
	readonly waitRunQueueNs: number;
	/** Part of the two at whose end the CPU came from another thread of the process. */
	readonly behindSiblingNs: number;
	/** Asleep outside of blocking calls, from and until moments at which another thread of the process was running. */
	readonly lockNs: number;
	/** Asleep outside of blocking calls otherwise. */
	readonly blockedNs: number;
	/** In uninterruptible sleep outside of blocking calls: disk, page faults, a driver. */
	readonly ioNs: number;
	/** Inside calls that wait for the GPU: synchronisation and blocking copies. */
	readonly waitNs: number;
	/** Inside timed calls that allocate device memory. */
	readonly allocNs: number;
	/** Bytes this thread had copied, in all directions. */
	readonly copiedBytes: number;
	/** Run-queue wait of all threads of the process that use CUDA, this one included. */
	readonly processRunQueueNs: number;
	/** Bytes the process had copied. */
	readonly processCopiedBytes: number;
	/** Launches of kernels and graphs by the process. */
	readonly processLaunches: number;
	/** Launches of kernels and graphs by all processes. */
	readonly machineLaunches: number;
	/** The other CUDA process with which this one last shared a CPU, 0 for none. */
	readonly neighbourPid: number;
	/** How often a CPU went from this process to another CUDA process, or the other way round. */
	readonly neighbourSwitches: number;
}
